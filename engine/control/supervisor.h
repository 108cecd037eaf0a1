/*
 * The supervisor: runs a phase's tasks in forked workers, and knows nothing about bytes.
 *
 * A phase is a set of callbacks. The supervisor asks next for a task whenever a worker may
 * start, forks, and reaps; each attempt of a task is a process of its own.
 *
 *     task    waiting --fork--> running --exit 0--> commit: done
 *                ^                 |
 *                |                 +--died, failed, hung--> discard
 *                +------ fewer than max_attempts ------------+----> else, or final: job fails
 *
 * Workers tell by shared memory how far they are and why they failed, by their exit status
 * whether. When the supervisor dies, the kernel kills its workers.
 */
#ifndef MR_CONTROL_SUPERVISOR_H
#define MR_CONTROL_SUPERVISOR_H

#include "mapreduce.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

enum mr_next { MR_NEXT_TASK, MR_NEXT_WAIT, MR_NEXT_END };

struct mr_phase {
    const char *name; /* of its tasks: "map" */
    void *arg;
    unsigned at_once; /* workers */
    int wake;         /* a descriptor that is readable when next should be asked again, or -1 */
    /* A task to start now; or that one may come later, or never. In the supervisor, as all but
     * work. */
    enum mr_next (*next)(void *arg, size_t *task);
    /* Prepares an attempt. */
    int (*begin)(void *arg, size_t task, struct mr_error *err);
    /* The task itself, in a worker. progress is to be raised now and then. */
    int (*work)(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err);
    /* Takes over what a successful attempt made. */
    int (*commit)(void *arg, size_t task, struct mr_error *err);
    /* Removes what a failed attempt made. */
    void (*discard)(void *arg, size_t task);
    /* Says what a task is about, for messages. */
    void (*describe)(void *arg, size_t task, char *text, size_t room);
    /* Whether a task has one attempt only, and may rightly wait for others without progress. */
    bool (*once)(void *arg, size_t task);
};

struct mr_worker;

struct mr_supervisor {
    const struct mr_config *config;
    unsigned max_attempts;
    unsigned room;               /* workers at most */
    struct mr_worker *workers;
    struct mr_attempt *attempts; /* shared with the workers, one each */
    int signals;                 /* signalfd */
    sigset_t old_mask;
    struct sigaction old_child;
    struct timespec last_look; /* for hung workers */
    uint64_t retried;
    uint64_t peak_memory;
    const atomic_ullong *spool_memory; /* memory that no process has mapped */
};

/* Prepares to run up to room workers at once; until it is closed, the signals that would end
 * the process end the run instead. Returns 0 or -1. */
int mr_supervisor_open(struct mr_supervisor *s, unsigned room, const struct mr_config *config,
                       struct mr_error *err);

/* Runs a phase to its end. Returns 0, or -1 with no worker left. */
int mr_supervisor_run(struct mr_supervisor *s, const struct mr_phase *phase,
                      struct mr_error *err);

void mr_supervisor_close(struct mr_supervisor *s);

#endif
