/*
 * The janitor: a process that does nothing but wait for the supervisor's end, and cleans up when
 * that was a violent one.
 *
 * It has one end of a line whose other end the supervisor and all workers have. A byte says that
 * the run has cleaned up itself. The line's end without it means that they are all dead: what they
 * left is then removed.
 *
 * Nobody waits long for one who only cleans up: a janitor that does not go when it is dismissed, as
 * it was stopped or is held up by a slow directory, is killed. What it has not done the next one
 * does.
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

/* Ends the janitor when all is cleaned up. Returns within some two seconds; then no janitor is
 * left, but one that waits inside the kernel for a drive that is gone. Harmless when none was
 * started. */
void mr_janitor_dismiss(struct mr_janitor *j);

#endif
