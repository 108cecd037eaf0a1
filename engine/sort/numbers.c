/* Which way of sorting by one number a machine has. */
#include "sort/numbers.h"

enum { VERY_FEW = 4 }; /* so many are sorted by insertion soonest, whatever the machine has */

#ifdef __x86_64__
static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#endif

mr_number_sort *mr_sort_way(size_t i)
{
#ifdef __x86_64__
    if (has_avx512() && i-- == 0)
        return mr_sort_by_avx512;
    if (has_avx2() && i-- == 0)
        return mr_sort_by_avx2;
#endif
    return i == 0 ? mr_sort_by_portable : NULL;
}

void mr_sort_by(struct mr_entry *e, size_t n, size_t wanted, enum mr_number field)
{
    if (n > VERY_FEW)
        mr_sort_way(0)(e, n, wanted, field);
    else
        mr_sort_by_portable(e, n, wanted, field);
}
