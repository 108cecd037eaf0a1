/*
 * The sorter: records that map emits gather until they are many, and are sorted and written as a
 * run of the result, which only is to be merged with those of all other tasks.
 *
 *     b a c | a b    ->    a b c, a b    with those of another task, b c    ->    a a b b b c c
 *
 * So records go to a file once before the output, and not twice as with a shuffle. Values that are
 * numbers combine where their keys meet in the buffer. In the merge others of the key may follow:
 * this is for results in which that makes no difference.
 *
 * Records whose keys are equal are to be in the order of the input, or of their values' bytes. In
 * the former they have no numbers: what comes from an earlier task, or run, is merged first.
 */
#ifndef MR_SORT_SORTER_H
#define MR_SORT_SORTER_H

#include "sort/run_list.h"
#include "sort/sort_buffer.h"

struct mr_sorter_plan {
    size_t memory; /* bytes of the buffer; 0: nothing is sorted */
    size_t much;   /* of it, with which a run is written */
    struct mr_run_plan runs;
};

struct mr_sorter {
    const struct mr_sorter_plan *plan;
    struct mr_run_maker maker;
    struct mr_run_list list;
    struct mr_sort_buffer records;
    uint64_t added;                    /* records since the last run: the number of the next */
    const struct mr_entry *next, *end; /* of the buffer, while it is written */
    mr_total sum; /* of the values in runs that are numbers; of bytes, how many there are */
    struct mr_error *err;
};

/* Gets memory to sort records in that runs of blocks' spool are made of. What is pointed to stays
 * the caller's. Returns 0 or -1; release it in either case. */
int mr_sorter_init(struct mr_sorter *s, const struct mr_sorter_plan *plan,
                   struct mr_block_writer *blocks, struct mr_error *err);

/* Adds a record, whose key may be out-of-line in the spool already; value is NULL where it is the
 * record's number. Returns 0 or -1. */
int mr_sorter_add(struct mr_sorter *s, const struct mr_record *r, const struct mr_value *value);

/* Writes all that has gathered, and lists the runs; *at is where. Returns 0 or -1. */
int mr_sorter_finish(struct mr_sorter *s, struct mr_block_link *at);

/* How many records the runs have, once they are listed. */
uint64_t mr_sorter_kept(const struct mr_sorter *s);

void mr_sorter_release(struct mr_sorter *s);

#endif
