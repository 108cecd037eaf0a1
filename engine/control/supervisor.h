/*
 * The supervisor: runs a phase's tasks in forked workers, and knows nothing about bytes.
 *
 * A phase is a schedule of tasks and a set of callbacks. Each attempt of a task is a process of
 * its own, and a worker is idle, busy, lost or recalled (killed, not reaped yet):
 *
 *     begin ─▶ fork ─▶ exit status 0 ─▶ commit ─▶ SUCCEED
 *                 └──▶ any other end ─▶ discard ─▶ a temporary file was found damaged: lost,
 *                                                  PUT_BACK; else FAIL, or GIVE_UP at once
 *
 * What these events mean to a task is the schedule's business. Workers tell by shared memory
 * how far they are and why they failed, by their exit status whether. When the supervisor dies,
 * the kernel kills its workers.
 */
#ifndef MR_CONTROL_SUPERVISOR_H
#define MR_CONTROL_SUPERVISOR_H

#include "control/chaos.h"
#include "control/failed_attempts.h"
#include "control/phase.h"
#include "control/signals.h"
#include "control/watch.h"
#include "control/worker.h"

#include <time.h>

struct mr_supervisor {
    const char *job;            /* its name */
    const struct mr_config *config;
    unsigned max_attempts;
    unsigned timeout;           /* seconds */
    struct mr_workers workers;
    struct mr_watch watch;      /* what listeners are told */
    struct mr_failed_attempts failed; /* to be told of when a task fails */
    struct mr_signals *signals; /* the run's */
    struct timespec last_check; /* for hung workers */
    struct timespec refused;    /* since when no process was to be had; 0: one was, last time */
    struct mr_chaos chaos;
    bool warned;                /* that there are fewer processes than wanted */
};

/* Prepares to run up to workers_max workers of a job at once. signals are to be open whenever a
 * phase runs. Returns 0 or -1; close it in either case. */
int mr_supervisor_open(struct mr_supervisor *s, const char *job, unsigned workers_max,
                       const struct mr_config *config, struct mr_signals *signals,
                       struct mr_error *err);

/* Runs a phase until none of its tasks can be started any more: all are done, or wait for
 * another phase to make again what was lost. Returns 0, or -1 with no worker left. */
int mr_supervisor_run(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err);

/* Ends the attempt that runs at a task of the phase; the task is put back. For what happens while
 * the phase runs (its function lost). */
void mr_supervisor_recall(struct mr_supervisor *s, size_t task);

void mr_supervisor_close(struct mr_supervisor *s);

#endif
