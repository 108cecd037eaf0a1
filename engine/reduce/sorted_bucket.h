/*
 * A bucket's records in order: those of all map tasks, gathered and sorted by key.
 *
 * Records of one key stay in the order of the input: blocks come in that order (chains.h), and each
 * record, or value of a list (partition/shuffle.h), has a number that counts up as they are read:
 *
 *     map task 0, blocks "see the" and "the"; map task 1, block "see"
 *     see 0, the 1, the 2, see 3     sorted     see 0, see 3 | the 1, the 2: two keys
 *
 * Records of keys that come often stand in bundles (sort/bundles.h). A bucket that does not fit in
 * memory is brought together by runs: each time that the buffer is full, what has gathered is
 * sorted and written as a run, and the runs are merged. So a key may have any number of records.
 * Large values stay in the shuffle files, and are read from there when they are asked for.
 */
#ifndef MR_REDUCE_SORTED_BUCKET_H
#define MR_REDUCE_SORTED_BUCKET_H

#include "reduce/chains.h"
#include "sort/run_list.h"
#include "sort/bundles.h"
#include "sort/merge.h"
#include "store/value_list.h"

struct mr_sorted_bucket {
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    bool numbers;  /* what a record has as its number is its value, and it has no other */
    bool bundling; /* many are in bundles */
    struct mr_ordering order; /* of the records */

    struct mr_record current;   /* the record at hand, */
    const unsigned char *value; /* and its value, from its head on */
    mr_total sum;    /* of the numbers of all records so far, or, without, how many there were */
    uint64_t digest; /* of those of values that are bytes (partition/digest.h) */

    struct mr_chains chains;
    struct mr_sort_buffer records;
    struct mr_bundles bundles;
    uint64_t number;            /* of the next record, where it is not its value */
    struct mr_run_list partial; /* those that the buffer had no room for */
    struct mr_block_writer *blocks;
    struct mr_run_maker *runs;
    struct mr_block_reader key_reader, value_reader;
    unsigned char *key_room;    /* for a key that is put together, or held */
    unsigned char *record_room; /* for a record of a run that stands in parts */
    struct mr_error *err;

    bool same_key; /* the record at hand has the key of the one before, as is known */
    const struct mr_entry *next, *end; /* of the buffer, in order */
    struct mr_bundle_reader bundle;    /* of the entry before the next */
    bool merging;                      /* there are runs: */
    struct mr_merge merge;
};

/* Gets that much memory for records. plan, shuffles and what stands up to order are set before;
 * runs are written by runs, to whose file large keys are copied, too. Returns 0 or -1; release it
 * in either case. */
int mr_sorted_init(struct mr_sorted_bucket *b, size_t memory, struct mr_run_maker *runs,
                   struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err);

void mr_sorted_release(struct mr_sorted_bucket *b);

/* Gathers the records of the partition's bucket of this number. Returns 0 or -1; close it in either
 * case. */
int mr_sorted_open(struct mr_sorted_bucket *b, uint32_t number);
void mr_sorted_close(struct mr_sorted_bucket *b);

/* Goes to the next record. Returns 1, 0 at the end, or -1. */
int mr_sorted_next(struct mr_sorted_bucket *b);

/* The same, and says whether it has this key: 1, 0, or -1. At the end it has none. */
int mr_sorted_next_of(struct mr_sorted_bucket *b, const struct mr_record *key);

/* The key of the record at hand, which stands while other records of it are gone to. */
struct mr_record mr_sorted_hold_key(struct mr_sorted_bucket *b);

/* Where large keys are read: not by the readers that keys are compared with, so that a piece of one
 * stands meanwhile. */
struct mr_key_place mr_sorted_key_place(struct mr_sorted_bucket *b);

/* Opens the value of the record at hand. Returns 1 or -1. */
int mr_sorted_open_value(struct mr_sorted_bucket *b, struct mr_value_list *values);

/* Goes to further records of the key at hand, at most so many, whose values stand side by side, and
 * gives these. Returns how many. */
size_t mr_sorted_many(struct mr_sorted_bucket *b, struct mr_bytes *to, size_t most);

#endif
