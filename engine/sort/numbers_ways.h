/*
 * The ways of sorting entries by one number, and what these have in common.
 */
#ifndef MR_SORT_NUMBERS_WAYS_H
#define MR_SORT_NUMBERS_WAYS_H

#include "sort/order.h"

/* Which number, and whether from the smallest up or from the largest down. */
enum mr_number { MR_BY_VALUE_DOWN, MR_BY_VALUE_UP, MR_BY_SLICE_UP, MR_BY_SLICE_DOWN };

/* Sorts n entries, the first wanted of them at least; those are in front then. Of equal numbers any
 * comes first. */
typedef void mr_number_sort(struct mr_entry *e, size_t n, size_t wanted, enum mr_number field);

/* That of any machine, and those of wide instructions. */
mr_number_sort mr_sort_by_portable;
#ifdef __x86_64__
mr_number_sort mr_sort_by_avx2;
mr_number_sort mr_sort_by_avx512;
#endif

/* What entries are sorted by: of two, the one where it is less comes first. */
static inline __attribute__((always_inline)) uint64_t mr_sort_number(const struct mr_entry *e,
                                                                     enum mr_number field)
{
    switch (field) {
    case MR_BY_VALUE_DOWN: return ~e->value;
    case MR_BY_VALUE_UP: return e->value;
    case MR_BY_SLICE_UP: return e->slice;
    case MR_BY_SLICE_DOWN: return ~e->slice;
    }
    return 0;
}

/* A number below n that depends on where the entries stand in memory, which nobody outside knows:
 * so no order of them can be made for which the choice is bad again and again. */
static inline size_t mr_sort_draw(const struct mr_entry *e, size_t n)
{
    uint64_t drawn = ((uint64_t)(uintptr_t)e ^ n) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((unsigned __int128)(drawn ^ drawn >> 32) * n >> 64);
}

#endif
