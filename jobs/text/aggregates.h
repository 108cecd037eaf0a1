/*
 * Aggregates of keys in a map task, so that of a key that comes often not each number is emitted.
 *
 *     a 1.5, b 7, a 2.5    ->    a: 2 numbers, 1.5 to 2.5 | b: 1 number, 7
 *
 * A table of fixed size: a key that hashes to the slot of another evicts it, which is then emitted
 * with what was added until then. Keys too long for a slot are emitted at once; so are all of a
 * task among whose first keys hardly one came again.
 */
#ifndef AGGREGATES_H
#define AGGREGATES_H

#include "aggregate.h"
#include "fields.h"

#include <stdbool.h>

enum { AGGREGATE_KEY = 28, AGGREGATES = 1 << 10 }; /* bytes of a key at most; slots */

struct aggregate_slot {
    struct aggregate all;
    uint32_t size;
    unsigned char key[AGGREGATE_KEY];
};

/* All zeros at first. */
struct aggregates {
    uint32_t added, again; /* numbers of the task's beginning; of keys that were in their slots */
    bool bypassed;
    struct aggregate_slot at[AGGREGATES];
};

/* Adds a number to its key's. What is emitted has the value of an aggregate. Returns 0 or -1. */
int aggregates_add(struct aggregates *a, const struct field *key, const struct decimal *number,
                   struct mr_context *out);

/* Emits all that is left. Returns 0 or -1. */
int aggregates_end(struct aggregates *a, struct mr_context *out);

#endif
