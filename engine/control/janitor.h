/*
 * The janitor: a process that does nothing but wait for the supervisor's end, and cleans up when
 * that was a violent one.
 *
 * It holds the reading end of a pipe whose writing end the supervisor and all workers have. A
 * byte says that the run has cleaned up itself. The pipe's end without it means that they are
 * all dead: what they left is then removed.
 */
#ifndef MR_CONTROL_JANITOR_H
#define MR_CONTROL_JANITOR_H

#include "mapreduce.h"

#include <sys/types.h>

struct mr_janitor {
    pid_t pid; /* 0: none */
    int line;
};

/* Starts a janitor that first calls sweep, to remove what others left behind, and clean if the
 * worst comes. To be called before any worker is forked. Returns 0 or -1. */
int mr_janitor_start(struct mr_janitor *j, void (*clean)(void *arg), void (*sweep)(void *arg),
                     void *arg, struct mr_error *err);

/* Sends the janitor home, all being clean. Harmless when none was started. */
void mr_janitor_dismiss(struct mr_janitor *j);

#endif
