/*
 * Merging: many runs to one sequence in order.
 *
 * A tournament (loser tree: Knuth, The Art of Computer Programming, vol. 3, 5.4.1): each inner
 * node keeps the loser of the match below it, so taking the smallest record and replaying its
 * path costs one comparison a level. With the runs 1 5, 2 6, 3 4:
 *
 *     out: 1 (run a) | a moves to 5, plays b and c: 2 (b) | 3 (c) | 4 (c) | 5 | 6
 */
#ifndef MR_SORT_MERGE_H
#define MR_SORT_MERGE_H

#include "sort/run.h"

/* A run being read. */
struct mr_run_reader {
    uint64_t rank, word; /* of the current record, turned so that smaller comes first */
    struct mr_placed current;
    const unsigned char *next, *end; /* in the block */
    uint64_t offset, last;           /* of the next block; of the run's end */
    uint32_t number;
    uint32_t source;                 /* which file of runs it is of */
    bool done;
    struct mr_block_reader blocks;
};

struct mr_merge {
    struct mr_ordering order;
    const struct mr_store *store;
    struct mr_run_reader *runs;
    size_t count;
    uint32_t *losers; /* [0] is the winner */
    size_t size_max;
    struct mr_key_pair readers;
    const struct mr_point *until; /* records from here on are not given; NULL: to the end */
    bool started;
    struct mr_error *err;
};

/* Bytes of memory that merging takes for each run with blocks of room bytes. */
size_t mr_merge_memory(size_t room, bool compressed);

/* Prepares to merge up to count runs whose blocks hold up to room bytes. Returns 0 or -1;
 * release it in either case. */
int mr_merge_init(struct mr_merge *m, size_t count, size_t room, const struct mr_store *store,
                  struct mr_ordering order, struct mr_error *err);

/* Adds a run, from the first record that does not come before `from` (NULL: the first).
 * Returns 0 or -1. */
int mr_merge_add(struct mr_merge *m, const struct mr_runs *file, const struct mr_run *run,
                 uint32_t source, const struct mr_point *from);

/* Gives the next record, which stands until the next call. Returns 1, 0 at the end, or -1. */
int mr_merge_next(struct mr_merge *m, struct mr_run_reader **record);

void mr_merge_release(struct mr_merge *m);

#endif
