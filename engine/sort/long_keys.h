/*
 * Sorting entries some of whose keys are out-of-line, and so read from a file to be compared.
 *
 * One of them is drawn, the pivot, and each key is compared with it once. The offset at which the
 * key first differs from the pivot (leaves it) and the bytes that it has there tell on which side
 * of the pivot it belongs, and mostly also where among the others on that side (offset-value
 * coding, as in merge.h): before the pivot, keys that leave it later come later; behind it, they
 * come earlier.
 *
 *     pivot tomato    tea     leaves it at 1 with 'e'      sorted    1e  3  =  3c  2n  2p
 *                     tom     leaves it at 3, at its end             tea  tom  tomato
 *                     tomcat  leaves it at 3 with 'c'                tomcat  tonic  top
 *                     tonic   leaves it at 2 with 'n'
 *                     top     leaves it at 2 with 'p'
 *
 * Side, offset and a few bytes are one number, the code. Only entries of the same code are sorted
 * again, with a pivot of their own: so a key is read about once, and hardly ever more often than by
 * quicksort.
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

/* Sorts n entries by their keys, the first wanted of them at least; changes their slices. Returns 0
 * or -1. */
int mr_sort_long_keys(const struct mr_sorting *s, struct mr_entry *e, size_t n, size_t wanted);

#endif
