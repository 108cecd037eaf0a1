/*
 * Merging: many runs to one sequence in order.
 *
 * A tournament (loser tree: Knuth, The Art of Computer Programming, vol. 3, 5.4.1): each inner
 * node keeps the loser of the match below it, so taking the smallest record and replaying its
 * path costs one comparison a level. With the runs 1 5, 2 6, 3 4:
 *
 *     out: 1 (run a) | a moves to 5, plays b and c: 2 (b) | 3 (c) | 4 (c) | 5 | 6
 *
 * Keys that meet in a merge begin alike, so matches are played by codes (offset-value coding:
 * Conner, IBM Technical Disclosure Bulletin 20, 1977): at which offset a key first differs from
 * (leaves) the last winner's, and which bytes it has there. All that a new record meets on its way
 * up have lost to the last winner, so their codes are comparable: who leaves it later comes first,
 * and of those that leave it at one offset, who has less there.
 *
 *     last winner   item-17
 *     new, a        item-18      leaves it at 6 with '8': a wins
 *     met, b        item-20      leaves it at 5 with '2'; it leaves a there, too, and so keeps
 *                                its code
 *
 * The code of a run's next record comes from what its key shares with the one before (run.h).
 * Only where two codes are equal are the keys compared, from there on, and the loser gets a code
 * relative to the winner. A key is cut into digits of 6 bytes for this, and a code is one number:
 * the index of the digit that differs first, and that digit.
 */
#ifndef MR_SORT_MERGE_H
#define MR_SORT_MERGE_H

#include "sort/run.h"

/* A run being read. */
struct mr_run_reader {
    struct mr_file_record current;
    uint64_t group, rank, code; /* of the current record */
    unsigned char *next, *end;       /* in the block */
    uint64_t offset, last;           /* of the next block; of the run's end */
    uint32_t number;
    uint32_t source;                 /* which file of runs it is of */
    struct mr_block_reader blocks;
};

/* Who plays: a run, by the code of its current record. */
struct mr_player {
    uint64_t code;
    uint32_t run;
};

struct mr_merge {
    struct mr_ordering order;
    const struct mr_store *store;
    struct mr_run_reader *runs;
    size_t count;
    struct mr_player *losers; /* [0] is the winner */
    size_t payload_max; /* bytes of a run's blocks */
    struct mr_key_pair readers;
    unsigned char bound[MR_POINT_KEY + MR_BLOCK_SLACK]; /* the key of where the merge ends */
    bool gaps; /* out-of-line keys may stand between a run's blocks; set before runs are added */
    bool bounded;
    bool started;
    struct mr_scale scale; /* for what comes before the merge's first record; to be set once it is
                              made */
    uint64_t before;       /* the weight of all that */
    _Atomic uint64_t *progress; /* of the task that merges, or NULL */
    struct mr_error *err;
};

/* Bytes of memory that merging takes for each run with blocks of payload_max bytes. */
size_t mr_merge_memory(size_t payload_max, bool compressed);

/* Prepares to merge up to count runs whose blocks hold up to payload_max bytes. Returns 0 or -1;
 * release it in either case. */
int mr_merge_init(struct mr_merge *m, size_t count, size_t payload_max,
                  const struct mr_store *store, struct mr_ordering order, struct mr_error *err);

/* Has each block that is read raise the counter. To be called before runs are added. */
void mr_merge_watch(struct mr_merge *m, _Atomic uint64_t *progress);

/* Ends the merge before the first record that does not come before a point. To be called before
 * runs are added. */
void mr_merge_until(struct mr_merge *m, const struct mr_point *until);

/* Adds a run, from the first record that does not come before `from` (NULL: the first); m->before
 * grows by the weight of those that do. Returns 0 or -1. */
int mr_merge_add(struct mr_merge *m, const struct mr_runs *file, const struct mr_run *run,
                 uint32_t source, const struct mr_point *from);

/* Gives the next record, which stands until the next call. Returns 1, 0 at the end, or -1. */
int mr_merge_next(struct mr_merge *m, struct mr_run_reader **record);

void mr_merge_release(struct mr_merge *m);

#endif
