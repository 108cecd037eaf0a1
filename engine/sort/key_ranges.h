/*
 * Ranges of keys: which of many a key falls into, by splitters that were picked from sorted keys.
 *
 * Splitters are looked at a slice (order.h) at a time, as a tree: a node has the different slices
 * that splitters have there, which are searched, and one that several have leads to the node of
 * their next slices. With slices of 2 bytes:
 *
 *     splitters  a201, a203, b311, c    ranges  0 a201 1 a203 2 b3 3 c 4
 *
 *     a2 -> 01  range 1      "a202" has a2, goes on to 02, which is from 01 on: range 1
 *           03  range 2      "a1" is below a2: range 0
 *     b3        range 3      "b300" has b3: range 3, as the splitter ends where it differs
 *     c         range 4
 *
 * What all splitters begin with is not looked at.
 */
#ifndef MR_SORT_KEY_RANGES_H
#define MR_SORT_KEY_RANGES_H

#include "sort/order.h"

enum { MR_KEY_RANGES = 256, MR_KEY_SPLITTERS = MR_KEY_RANGES - 1 };

/* Splitters that are the same so far. */
struct mr_key_node {
    uint32_t depth;           /* bytes of a key before the slices */
    uint16_t first, count;    /* of the slices, which ascend */
    uint16_t begin, end;      /* of the splitters; a key below all slices is in range `begin` */
};

struct mr_splitter {
    uint32_t at, size; /* in the region */
};

struct mr_key_ranges {
    const unsigned char *region; /* where the splitters stand */
    uint32_t nodes, slices;
    struct mr_key_node node[MR_KEY_RANGES]; /* the first is the root */
    uint64_t slice[2 * MR_KEY_RANGES];
    uint16_t child[2 * MR_KEY_RANGES]; /* the slice's node; 0: it has none, */
    uint16_t range[2 * MR_KEY_RANGES]; /* and keys from it on, below the next, are in this range */
    struct mr_splitter splitter[MR_KEY_SPLITTERS];
};

/* Takes splitters from sorted entries of keys in region, of which there are as many at least, all
 * inline; their first `shared` bytes are the same. The keys are to stand as long. */
void mr_key_ranges_pick(struct mr_key_ranges *k, const struct mr_entry *sorted, size_t count,
                        const unsigned char *region, uint32_t shared);

/* The range of a key that begins as the splitters do. */
static inline uint32_t mr_key_range_of(const struct mr_key_ranges *k, const unsigned char *key,
                                       uint32_t size)
{
    const struct mr_key_node *n = k->node;
    for (;;) {
        const uint64_t slice = mr_slice(key, size, n->depth);
        const uint64_t *at = &k->slice[n->first];
        for (uint32_t left = n->count, half; left > 1; left -= half) { /* without branches */
            half = left / 2;
            at = at[half] <= slice ? at + half : at;
        }
        const size_t found = (size_t)(at - k->slice);
        if (slice < *at)
            return n->begin;
        if (slice > *at || k->child[found] == 0)
            return k->range[found];
        n = &k->node[k->child[found]];
    }
}

/* The same for a key that may not begin so, and then is in the first or the last range, or is
 * out-of-line in place, a spool with its task. Returns 0 or -1. */
int mr_key_range_of_any(const struct mr_key_ranges *k, const struct mr_record *r,
                        struct mr_key_place place, struct mr_key_pair *readers, uint32_t *range,
                        struct mr_error *err);

#endif
