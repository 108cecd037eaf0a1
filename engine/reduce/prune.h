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

struct mr_prune {
    uint32_t each;   /* cells of a bucket; 0: nothing is pruned */
    uint64_t floor;  /* keys with less than this are not among the first, */
    uint64_t admits; /* and those with this or more are, so far */
    uint64_t *first; /* their values, as a heap: each is at most those at 2 i + 1 and 2 i + 2 */
    size_t count, top; /* how many they are, and are to be */
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

/* Adds the value of a record of the result to the first ones; it is p->admits or more. */
void mr_prune_keep(struct mr_prune *p, uint64_t value);

#endif
