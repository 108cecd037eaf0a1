/*
 * Sorting entries in memory.
 *
 * Quicksort by one 64-bit number at a time: first the rank, then, among equal ranks, the key's
 * first slice, and among equal slices the next, and so on (multikey quicksort: Bentley and
 * Sedgewick, "Fast algorithms for sorting and searching strings", SODA 1997, with 7 bytes for
 * its one). The slice is cached in the entry, so keys are read again only where slices are equal:
 *
 *     1 to                   3 tomorrow-b             3 tomorro|w-b             3 tomorrow-a
 *     3 tomorrow-b   rank    3 tomorrow-a   slice 1   3 tomorro|w-a   slice 2   3 tomorrow-b
 *     3 tomorrow-a   --->    1 to           ------>   1 to            ------>   1 to
 *
 * When only the first few entries are wanted, parts that lie behind them are left unsorted.
 */
#ifndef MR_SORT_ENTRIES_H
#define MR_SORT_ENTRIES_H

#include "sort/order.h"

/* Sorts entries so that the first `first` of them are right, and puts them in front. Out-of-line
 * keys, and values where their bytes are compared, stand in place, a spool with its task. Returns 0
 * or -1. */
int mr_sort_entries(struct mr_entry *entries, size_t count, size_t first,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err);

/* The same for all of them in an order that is by key alone, where the keys are known to have so
 * many first bytes in common: to find that, all of these would be read again. */
int mr_sort_by_keys(struct mr_entry *entries, size_t count, uint32_t shared,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err);

#endif
