/*
 * The runs that a task writes: lists of them, merged when they are too many.
 *
 *     0 1 2 3 4 5 6, at most 3 wanted    0 to 4 are merged    7 5 6
 *
 * What was merged stands where its parts stood, so that runs stay in the order in which they were
 * begun; the next merge begins behind it, so that no record is merged much more often than others.
 * Where values are numbers, records of equal keys that meet in a merge become one. What a task
 * leaves of the result is such a list, too.
 */
#ifndef MR_SORT_RUN_LIST_H
#define MR_SORT_RUN_LIST_H

#include "sort/run.h"

#include <stdatomic.h>

/* The sizes of runs, and what those of the result are like. */
struct mr_run_plan {
    uint32_t run_payload; /* payload bytes of their blocks */
    uint32_t key_payload; /* of the blocks of large keys */
    size_t fan_in;        /* runs merged at once */
    size_t runs_max;      /* of the result, left in the end */
    struct mr_ordering order;
    struct mr_scale scale;
    uint64_t top; /* records of the result at most */
};

/* Runs that are sorted in the same order. */
struct mr_run_list {
    struct mr_run *at;
    size_t count, room;
    size_t next; /* the first of those that are merged next */
};

/* What writes and merges the runs of one spool. */
struct mr_run_maker {
    struct mr_run_plan plan;
    uint64_t (*combine)(uint64_t, uint64_t); /* as the job has it */
    struct mr_store *store;
    struct mr_block_writer *blocks;
    struct mr_run_writer writer;
    struct mr_scale scale; /* of the run being written */
    struct mr_key_pair pair;
    uint32_t numbers;      /* of runs written so far */
    _Atomic uint64_t *progress;
    struct mr_error *err;
};

/* Gets memory for writing runs to blocks' spool. Returns 0 or -1; release it in either case. */
int mr_run_maker_init(struct mr_run_maker *m, const struct mr_run_plan *plan,
                      uint64_t (*combine)(uint64_t, uint64_t), struct mr_block_writer *blocks,
                      struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err);

void mr_run_maker_release(struct mr_run_maker *m);

/* Where out-of-line keys of the maker's own spool are read. */
struct mr_key_place mr_run_maker_place(struct mr_run_maker *m);

/* Sorts count entries of records in region and writes the first of them, or of each group, as a
 * run. Returns 0 or -1. */
int mr_run_list_write(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                      struct mr_entry *entries, size_t count, uint64_t first,
                      const unsigned char *region, struct mr_ordering order);

/* Writes records that are in order as a run: next gives each, and returns 1, 0 after the last one,
 * or -1. Returns 0 or -1. */
int mr_run_list_take(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                     bool values, int (*next)(void *self, struct mr_record *record), void *self);

/* Merges runs until no more than max are left. Returns 0 or -1. */
int mr_run_list_shrink(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                       size_t max, struct mr_ordering order);

/* How many bytes of a result are gathered before they are sorted and written, where there are so
 * many of memory. The more runs there are, of those that may be left, the more: what is out of the
 * cache is sorted more slowly, but many runs are merged once more. */
size_t mr_result_gather(size_t memory, size_t runs, size_t runs_max);

/* Merges some runs of the result where there are very many: their list must not grow without bound.
 * Returns 0 or -1. */
int mr_result_limit(struct mr_run_maker *m, struct mr_run_list *list);

/* Writes entries as a run of the result, as the plan orders, cuts and weighs it, and limits how
 * many there are. Returns 0 or -1. */
int mr_result_write(struct mr_run_maker *m, struct mr_run_list *list, struct mr_entry *entries,
                    size_t count, const unsigned char *region);

/* Leaves no more runs of the result than the plan wants, and lists them in their file: *at is
 * where. Returns 0 or -1. */
int mr_result_list(struct mr_run_maker *m, struct mr_run_list *list, struct mr_block_link *at);

struct mr_merge;

/* Begins to merge all runs of a list, for the caller to read and release. Returns 0 or -1. */
int mr_run_list_open(struct mr_run_maker *m, const struct mr_run_list *list,
                     struct mr_ordering order, struct mr_merge *merge);

/* Merges all runs, whose values are numbers, and gives each key once to take, with self. Returns 0,
 * or -1, also when take does. */
int mr_run_list_unite(struct mr_run_maker *m, const struct mr_run_list *list,
                      struct mr_ordering order,
                      int (*take)(void *self, const struct mr_record *record), void *self);

/* Empties a list of runs, whose space in the spool is given back. */
void mr_run_list_clear(struct mr_run_maker *m, struct mr_run_list *list);

#endif
