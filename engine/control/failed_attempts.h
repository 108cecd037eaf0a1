/*
 * Failed attempts: how each ended, kept for the message of a task whose attempts have all failed:
 *
 *     attempt 1: no progress for 600 s; attempts 2 to 4: killed by signal 9 (Killed)
 */
#ifndef MR_CONTROL_FAILED_ATTEMPTS_H
#define MR_CONTROL_FAILED_ATTEMPTS_H

#include "mapreduce.h"

struct mr_failed_attempt;

/* Of all tasks that failed so far. Zeroed at first. */
struct mr_failed_attempts {
    struct mr_failed_attempt *at;
    size_t count, capacity;
};

/* Keeps a copy of how an attempt of a phase's task ended. Where memory is out, it is left out. */
void mr_failed_attempts_add(struct mr_failed_attempts *f, const void *phase, size_t task,
                            unsigned attempt, const char *text);

/* Tells how each attempt of a task ended, those that ended alike in one. */
void mr_failed_attempts_list(const struct mr_failed_attempts *f, const void *phase, size_t task,
                             char *text, size_t size);

void mr_failed_attempts_free(struct mr_failed_attempts *f);

#endif
