/*
 * Counters: what a job counts by name, in one attempt of a task, or of all together.
 *
 *     mr_counters_add "lines" 1, "long" 1, "lines" 1    ->    lines 2, long 1
 *
 * What cannot be counted is not lost silently: the fault stays, and mr_counters_check tells of it.
 */
#ifndef MR_BASE_COUNTERS_H
#define MR_BASE_COUNTERS_H

#include "base/buffer.h"
#include "mapreduce.h"

struct mr_counters {
    size_t count;
    size_t last;             /* the one that was added to last: mostly the next one, too */
    bool too_many, too_long; /* a name was refused */
    char refused[MR_COUNTER_NAME]; /* the first such name, cut where it is too long */
    struct mr_counter at[MR_COUNTERS_MAX]; /* in order of their first use; beyond count, anything */
};

/* Adds n to the counter of a name. */
void mr_counters_add(struct mr_counters *c, const char *name, uint64_t n);

/* Adds all of other's counters, and its fault. */
void mr_counters_add_all(struct mr_counters *c, const struct mr_counters *other);

/* Returns 0, or -1 when a name was refused. */
int mr_counters_check(const struct mr_counters *c, struct mr_error *err);

/* Puts the counters in order of their names. */
void mr_counters_sort(struct mr_counters *c);

/* Removes all counters, and the fault. */
void mr_counters_clear(struct mr_counters *c);

/* The counters as bytes, at most MR_COUNTERS_BYTES: for each a byte with its name's size, the name,
 * and 8 bytes with the count. */
enum { MR_COUNTERS_BYTES = MR_COUNTERS_MAX * (1 + MR_COUNTER_NAME - 1 + 8) };

/* Appends them to bytes. Returns 0, or -1 when memory is out. */
int mr_counters_put(const struct mr_counters *c, struct mr_buffer *bytes);

/* Adds those that stand in size bytes. Returns false when they are no counters. */
bool mr_counters_get(struct mr_counters *c, const unsigned char *bytes, size_t size);

#endif
