/*
 * The janitor: a process that only waits for the end of the run, and removes its temporary files
 * when it was killed (kill -9, out of memory).
 *
 * It has one end of a pair of sockets, whose other end the supervisor and all workers have open. A
 * byte says that the run has cleaned up itself. End of file without that byte means that all of
 * them are dead: then the janitor removes what they left.
 *
 * A janitor that does not end when it is dismissed, as it was stopped or waits for a slow
 * directory, is killed; the janitor of a later run does what is left to do.
 */
#ifndef MR_CONTROL_JANITOR_H
#define MR_CONTROL_JANITOR_H

#include "mapreduce.h"

#include <sys/types.h>
#include <time.h>

struct mr_janitor {
    pid_t pid; /* 0: none */
    int socket;
    const struct mr_config *config; /* who listens */
    struct timespec began;
};

/* Starts a janitor, which calls sweep at once, to remove what earlier runs left behind, and clean
 * if this run is killed. To be called before any worker is forked. config's listener is told of its
 * beginning and end. Returns 0 or -1. */
int mr_janitor_start(struct mr_janitor *j, const struct mr_config *config,
                     void (*clean)(void *arg), void (*sweep)(void *arg), void *arg,
                     struct mr_error *err);

/* Ends the janitor when the run has cleaned up. Returns within some two seconds; then its process
 * has ended, unless it waits inside the kernel for a drive that is gone. Harmless when none was
 * started. */
void mr_janitor_dismiss(struct mr_janitor *j);

#endif
