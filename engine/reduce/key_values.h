/*
 * A key's values, handed to the job one after the other: they are those of the bucket's records
 * from the current one on, as long as these have its key.
 *
 *     records    see 3 | the 1, the 4 | to 9     the values of "the": 1, 4
 *                        ^ current               or, of numbers that are added, 5 in digits
 */
#ifndef MR_REDUCE_KEY_VALUES_H
#define MR_REDUCE_KEY_VALUES_H

#include "reduce/sorted_bucket.h"

struct mr_key_values {
    struct mr_value_list values; /* the first of all */
    struct mr_sorted_bucket *bucket;
    struct mr_record key;
    int more;   /* whether the bucket's current record is the key's: 1, 0, or -1 */
    bool begun; /* the first value was given */
    char digits[24]; /* the only one, where they are numbers */
    uint32_t size;
};

/* Begins with the current record. room is for values that are asked for as a whole. */
void mr_key_values_begin(struct mr_key_values *k, struct mr_sorted_bucket *bucket,
                         struct mr_key_room *room, struct mr_error *err);

/* Adds up all of them, which are numbers. Returns 0 or -1. */
int mr_key_values_add_up(struct mr_key_values *k, uint64_t (*combine)(uint64_t, uint64_t),
                         uint64_t *number);

/* Has this number, in digits, be the only one. */
void mr_key_values_set(struct mr_key_values *k, uint64_t number);

/* Passes over what is left of them. Returns 0, when the current record is the next key's first, or
 * -1. */
int mr_key_values_end(struct mr_key_values *k);

#endif
