/*
 * Sorting entries by one number that each has: its value or its slice.
 *
 * Quicksort whose steps do not depend on what is compared, as that could not be foreseen: an entry
 * changes places with the first that is not below the pivot, or with itself.
 *
 *     5 1 4 2 3    pivot 3:    1 2 | 4 5 3    and each side again
 *
 * Where only the first few are wanted, parts that lie behind them are left unsorted. Inputs made to
 * defeat the choice of pivots end in a heap sort. Few entries are sorted by insertion or, where a
 * machine has AVX2, by their ranks (numbers_avx2.c); where it has AVX-512, numbers_avx512.c does
 * all of it eight entries at a time.
 */
#ifndef MR_SORT_NUMBERS_H
#define MR_SORT_NUMBERS_H

#include "sort/numbers_ways.h"

/* The fastest of the ways that this machine has. */
mr_number_sort mr_sort_by;

/* The way at place i of those that this machine has, of which the first is the fastest and the last
 * the portable one; NULL behind that. */
mr_number_sort *mr_sort_way(size_t i);

#endif
