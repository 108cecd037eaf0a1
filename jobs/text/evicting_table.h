/*
 * An evicting table, in which a map task brings equal keys together, so that one that comes often
 * is not emitted each time: what is gathered of a key is its value.
 *
 *     to be or not to be    counted    ->    to 2 | be 2 | or 1 | not 1
 *
 * A key has one slot, which its hash says, and evicts another that is in it: that is emitted with
 * what was gathered until then. So the table never grows, and keys that are made to collide cost no
 * more than emitting each. A key that is too long for a slot has none; nor has any, once hardly one
 * of the task's first keys came again.
 */
#ifndef EVICTING_TABLE_H
#define EVICTING_TABLE_H

#include "fields.h"

enum { EVICTING_KEY = 54 }; /* bytes of a key in the table, at most */

/* How a slot begins: its value stands behind it. */
struct evicting_slot {
    bool taken;
    unsigned char size;
    unsigned char key[EVICTING_KEY];
};

/* What all of a job's tables have in common. */
struct evicting_kind {
    size_t slots;     /* of a table: a power of two */
    size_t slot_size; /* bytes, with its value */
    /* Emits a key with what was gathered. Returns 0 or -1. */
    int (*emit)(const struct field *key, const void *value, struct mr_context *out);
};

/* A part of a task's memory: all zeros at first. */
struct evicting_table {
    size_t added, again; /* of the task's first keys, how many there were; were in their slots */
    bool bypassed;
};

/* Finds the value of a key among a table's slots, which are zeros at first: those of one that was
 * not there are zeros. *value is NULL where the key has no slot, and is to be emitted alone.
 * Returns 0, or -1 after a failed emit. */
int evicting_table_find(struct evicting_table *t, const struct evicting_kind *kind, void *slots,
                        const struct field *key, void **value, struct mr_context *out);

/* Emits all that is left. Returns 0 or -1. */
int evicting_table_end(const struct evicting_kind *kind, const void *slots, struct mr_context *out);

#endif
