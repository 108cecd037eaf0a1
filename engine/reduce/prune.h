/*
 * Pruning: what cannot be among the first records of the result is not brought together.
 *
 * Mappers add each value, besides writing it, to one of a few cells of its bucket, by the hash of
 * its key (partition/shuffle.h). So no key has more than its cell's sum over all map tasks. Say
 * that the two most frequent words are wanted, and there are three buckets of two cells each:
 *
 *     bucket                              0             1              2
 *     words, which are yet to be read     the=7 | be=1  a=2 | or=2    of=5 | to=4 in=2
 *     cells                               7     | 1     2   | 2       5    | 6
 *
 *     bucket 0 has the largest cell:      the=7 be=1             the second has 1
 *     bucket 2, where one has 6:          the=7 of=5             the second has 5
 *     bucket 1, where none has 5:         is not read; 4 values are passed over
 *
 * A cell that has just as much as the last of the first may have a key as large, which by its bytes
 * comes before that one: it is read. Within a bucket, too, records are passed over whose cells
 * have too little, where that is most of the cells.
 *
 * Of keys that come once, hundreds share a cell, and its sum tells little. These are brought
 * together, but forgotten as soon as their bucket is done, if they come after the last of the first
 * so far; of those with as much, it is their first bytes that tell. They are neither sorted nor
 * written:
 *
 *     bucket 0      b1=1 a1=1 c1=1     the last of the first two is b1
 *     bucket 1      b0=1 c0=1 c2=1     it is b0; the other two are forgotten
 *
 * What is passed over is known in sum, and is counted: what was mapped and what was reduced must be
 * equal as ever. Not known is how many keys there are, and what the job would have made of each: so
 * all this is only done where neither matters (control/plan.c). What is not read is not checked
 * either; the sums by which it is left out are, as all that is read.
 */
#ifndef MR_REDUCE_PRUNE_H
#define MR_REDUCE_PRUNE_H

#include "reduce/chains.h"

/* What is known of a bucket before it is read. */
struct mr_prune_bucket {
    uint32_t number;  /* in the partition */
    uint64_t largest; /* of its cells */
    const uint64_t *cells;
};

enum { MR_PRUNE_KEY = 64 }; /* bytes of a key that are compared, at most */

/* Where a record of the result stands in its order, or a place behind it. */
struct mr_prune_place {
    uint64_t value;
    uint32_t size;
    unsigned char key[MR_PRUNE_KEY]; /* its first bytes */
};

struct mr_prune {
    uint32_t each;  /* cells of a bucket; 0: nothing is pruned */
    uint64_t floor; /* keys with less than this are not among the first */
    struct mr_prune_place *first; /* as a heap: none is before those at 2 i + 1 and 2 i + 2 */
    size_t count, top; /* how many they are, and are to be */
    uint64_t last_slice; /* the last one's first slice (sort/order.h), when they are all */
    uint64_t *cells; /* of the partition's buckets, over all map tasks */
    struct mr_prune_bucket *buckets; /* these, in the order in which they are to be read */
};

/* Begins to prune a partition, if the plan says so. Returns 0 or -1; release it in either case. */
int mr_prune_init(struct mr_prune *p, const struct mr_reduce_plan *plan, struct mr_error *err);

void mr_prune_release(struct mr_prune *p);

/* Reads the sums of the partition's cells, and sorts its buckets by them. Returns 0 or -1. */
int mr_prune_order(struct mr_prune *p, struct mr_chains *chains);

/* Whether a bucket need not be read; *sum gets all of its values then. */
bool mr_prune_passes(const struct mr_prune *p, const struct mr_prune_bucket *b, mr_total *sum);

/* Which of a bucket's cells have keys that may be among the first, a bit each. */
uint32_t mr_prune_wanted(const struct mr_prune *p, const struct mr_prune_bucket *b);

/* Whether a record's value and its first slice are enough to tell that it is not among the first,
 * as they mostly are. Only for p->top > 0. */
static inline bool mr_prune_is_behind(const struct mr_prune *p, uint64_t value, uint64_t slice)
{
    if (p->count < p->top)
        return false;
    return value < p->first->value || (value == p->first->value && slice > p->last_slice);
}

/* Whether a record of the result may be among the first; then it is noted as one of them. Only for
 * p->top > 0. */
bool mr_prune_takes(struct mr_prune *p, const struct mr_record *r);

#endif
