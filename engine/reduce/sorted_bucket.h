/*
 * A bucket's records in order: those of all map tasks, gathered and sorted by key.
 *
 * Records of one key stay in the order of the input: blocks come in that order (chains.h), and each
 * record, or value of a list (partition/shuffle.h), has a number that counts up as they are read:
 *
 *     map task 0, blocks "see the" and "the"; map task 1, block "see"
 *     see 0, the 1, the 2, see 3     sorted     see 0, see 3 | the 1, the 2: two keys
 *
 * Records of keys that come often stand in bundles (sort/bundles.h); many that do not are sorted
 * range by range (sort/ranged_buffer.h). A bucket that does not fit in memory is brought together
 * by runs: each time that the buffer is full, what has gathered is sorted and written as a run, and
 * the runs are merged. So a key may have any number of records. Large values stay in the shuffle
 * files, and are read from there when they are asked for.
 */
#ifndef MR_REDUCE_SORTED_BUCKET_H
#define MR_REDUCE_SORTED_BUCKET_H

#include "reduce/bucket_buffer.h"
#include "store/value_list.h"

/* Gathers the records of the partition's bucket of this number. Returns 0 or -1; close it in either
 * case. */
int mr_sorted_open(struct mr_sorted_bucket *b, uint32_t number);
void mr_sorted_close(struct mr_sorted_bucket *b);

/* Goes to the next record. Returns 1, 0 at the end, or -1. */
int mr_sorted_next(struct mr_sorted_bucket *b);

/* The same, and says whether it has this key: 1, 0, or -1. At the end it has none. */
int mr_sorted_next_of(struct mr_sorted_bucket *b, const struct mr_record *key);

/* The key of the current record, which stands while one goes on to other records that have it. */
struct mr_record mr_sorted_hold_key(struct mr_sorted_bucket *b);

/* Where large keys are read: not by the readers that keys are compared with, so that a piece of one
 * stands meanwhile. */
struct mr_key_place mr_sorted_key_place(struct mr_sorted_bucket *b);

/* Opens the value of the current record. Returns 1 or -1. */
int mr_sorted_open_value(struct mr_sorted_bucket *b, struct mr_value_list *values);

/* Goes to further records of the current key, at most so many, whose values stand side by side, and
 * gives these. Returns how many. */
size_t mr_sorted_many(struct mr_sorted_bucket *b, struct mr_bytes *to, size_t most);

/* Takes the current record and those after it, whatever keys they have, at most so many, as long as
 * each stands in the buffer alone and whole; and goes to the record behind them. What it gives
 * stands until the bucket is closed. *ended is how many keys have no more records. Returns how
 * many it has taken, or -1. */
ssize_t mr_sorted_pairs(struct mr_sorted_bucket *b, struct mr_pair *to, size_t most,
                        uint64_t *ended);

#endif
