/* Sorting by one number on any machine: few entries by insertion. */
#include "sort/numbers_ways.h"

enum { FEW = 16 };

static inline __attribute__((always_inline)) void sort_few(struct mr_entry *e, size_t n,
                                                           enum mr_number field)
{
    for (size_t i = 1; i < n; i++) {
        struct mr_entry moving = e[i];
        size_t j = i;
        for (; j > 0 && mr_sort_number(&e[j - 1], field) > mr_sort_number(&moving, field); j--)
            e[j] = e[j - 1];
        e[j] = moving;
    }
}

#include "sort/numbers_body.h"

void mr_sort_by_portable(struct mr_entry *e, size_t n, size_t wanted, enum mr_number field)
{
    sort_by(e, n, wanted, field);
}
