/*
 * Chains: one bucket's blocks in all shuffle files, read one after the other.
 *
 * A shuffle file has a table of each bucket's last block, and each block links to the one before it
 * (partition/shuffle.h). So the blocks of a bucket are read map task by map task, the last of each
 * first:
 *
 *     map task 0:  b2 b1 b0      map task 1:  b1 b0      ...
 *
 * Where they are to come in the order of the input, the heads of a task's blocks are read first,
 * to learn where each stands. There may be any number, and little memory: so of many, only every
 * second (fourth, eighth ...) is marked, and those before it are looked up again when it is
 * reached:
 *
 *     b9 b8 b7 b6 b5 b4 b3 b2 b1 b0    marks: b9 b5 b1    b0 b1, b2 b3 b4 b5, b6 b7 b8 b9
 *
 * A file's table is read once for many buckets, a window of them, as their places are all that must
 * be remembered.
 */
#ifndef MR_REDUCE_CHAINS_H
#define MR_REDUCE_CHAINS_H

#include "reduce/plan.h"
#include "store/block.h"

struct mr_chains {
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    struct mr_block_link *links; /* of each map task, to the last blocks of the window's buckets */
    uint32_t window;             /* buckets in a window, at most */
    uint32_t from, held;         /* the first one in it, and how many it has */
    struct mr_block_reader reader;
    uint32_t number;             /* of the current bucket, in the partition */
    uint32_t next;               /* rank of the map task whose blocks come next */
    struct mr_block_link link;   /* to the next block of the task before that */
    struct mr_chain_marks *marks; /* NULL: blocks come the last first */
    struct mr_error *err;
};

/* A block of the current bucket. */
struct mr_chain_block {
    struct mr_block block;
    struct mr_block_link at;
    uint32_t task;  /* the map task that wrote it, */
    uint32_t place; /* and where that stands in the order of the input */
};

/* Gets memory for the links. What is pointed to must stand as long. Returns 0 or -1; release it in
 * either case. */
int mr_chains_init(struct mr_chains *c, const struct mr_reduce_plan *plan,
                   const struct mr_shuffles *shuffles, const struct mr_store *store,
                   _Atomic uint64_t *progress, struct mr_error *err);

/* From the next bucket on, has blocks come in the order of the input. Returns 0 or -1. */
int mr_chains_in_order(struct mr_chains *c);

/* Adds the sums that the partition's cells (partition/shuffle.h) have in all shuffle files to what
 * is in cells. Returns 0 or -1. */
int mr_chains_cells(struct mr_chains *c, uint64_t *cells);

/* Goes to the bucket of this number in the partition; tables are read once where one goes to all
 * buckets of a window before the next. Returns 0 or -1. */
int mr_chains_bucket(struct mr_chains *c, uint32_t number);

/* Gives the bucket's next block, which stands until the next call; *b is what the call before gave,
 * or zeros. Returns 1, 0 after the last one, or -1. */
int mr_chains_next(struct mr_chains *c, struct mr_chain_block *b);

void mr_chains_release(struct mr_chains *c);

#endif
