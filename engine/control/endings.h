/*
 * Endings: how the failed attempts of tasks ended, kept for the message of a task whose attempts
 * have all failed:
 *
 *     attempt 1: no progress for 600 s; attempts 2 to 4: killed by signal 9 (Killed)
 */
#ifndef MR_CONTROL_ENDINGS_H
#define MR_CONTROL_ENDINGS_H

#include "mapreduce.h"

struct mr_ending;

/* Of all tasks that failed so far. Zeroed at first. */
struct mr_endings {
    struct mr_ending *at;
    size_t count, capacity;
};

/* Keeps how an attempt of a phase's task ended. Where memory is out, it is left out. */
void mr_endings_add(struct mr_endings *e, const void *phase, size_t task, unsigned attempt,
                    const char *text);

/* Tells how each attempt of a task ended, those that ended alike in one. */
void mr_endings_list(const struct mr_endings *e, const void *phase, size_t task, char *text,
                     size_t size);

void mr_endings_free(struct mr_endings *e);

#endif
