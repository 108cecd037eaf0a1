/*
 * Sorting entries some of whose keys are out-of-line, and so read from a file to be compared.
 *
 * One of them is drawn, the pivot, and each is compared with it once. Where a key leaves the pivot
 * and with what tells on which side of it the key belongs, and mostly also where among the others
 * there (offset-value coding, as in merge.h): before the pivot those that leave it later come
 * later, and behind it earlier.
 *
 *     pivot tomato    tea     leaves it at 1 with 'e'      sorted    1e  3  =  3c  2n  2p
 *                     tom     leaves it at 3, at its end             tea  tom  tomato
 *                     tomcat  leaves it at 3 with 'c'                tomcat  tonic  top
 *                     tonic   leaves it at 2 with 'n'
 *                     top     leaves it at 2 with 'p'
 *
 * Side, place and a few bytes are one number. Only entries of one number are looked at again, with
 * a pivot of their own: a key is read about once, and hardly ever more often than by quicksort.
 */
#ifndef MR_SORT_LONG_KEYS_H
#define MR_SORT_LONG_KEYS_H

#include "sort/order.h"

/* What a sort of entries works on. */
struct mr_sorting {
    const unsigned char *arena;
    bool reverse; /* as in struct mr_ordering */
    /* Sorts entries of one key, which there are several of; NULL: there is but one of each. */
    int (*equals)(const struct mr_sorting *s, struct mr_entry *e, size_t n);
    struct mr_key_place place;
    struct mr_key_pair *readers;
    struct mr_error *err;
};

/* Sorts n entries by their keys, the first wanted of them at least; changes their words. Returns 0
 * or -1. */
int mr_sort_long_keys(const struct mr_sorting *s, struct mr_entry *e, size_t n, size_t wanted);

#endif
