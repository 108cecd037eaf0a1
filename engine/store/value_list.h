/*
 * The values of a key, handed to a job one after the other, from wherever they stand.
 *
 * Who hands them over says how to go to the next one; reading it is the same for all.
 */
#ifndef MR_STORE_VALUE_LIST_H
#define MR_STORE_VALUE_LIST_H

#include "store/keys.h"

struct mr_value_list {
    /* Opens the next value, as mr_values_open does. Returns 1, 0 after the last one, or -1. */
    int (*next)(struct mr_value_list *values);
    /* Goes on by several, as mr_values_many does. NULL: one by one only. */
    size_t (*many)(struct mr_value_list *values, struct mr_bytes *to, size_t most);
    struct mr_key value; /* the one at hand; zeros where there is none */
    uint64_t size;       /* of all of it */
    struct mr_key_room *room;
    struct mr_error *err;
};

/* Opens a value, which place is for if it is out-of-line. */
void mr_values_open(struct mr_value_list *values, const struct mr_value *value,
                    struct mr_key_place place);

/* The same for a value that stands in memory: many are read, and most are small. */
static inline void mr_values_open_here(struct mr_value_list *values, const struct mr_value *value)
{
    if (values->value.spool != NULL || values->value.err == NULL) {
        mr_values_open(values, value, (struct mr_key_place){ .spool = NULL });
        return;
    }
    values->value.bytes = value->bytes;
    values->value.stored = values->value.left = values->value.to = values->size = value->size;
}

#endif
