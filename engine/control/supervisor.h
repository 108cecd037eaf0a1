/*
 * The supervisor: runs a phase's tasks in forked workers, and knows nothing about bytes.
 *
 * A phase is a schedule of tasks and a set of callbacks. Each attempt of a task is a process of
 * its own, and a worker is idle, busy, or lost (killed, not reaped yet):
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
#include "control/endings.h"
#include "control/schedule.h"
#include "control/signals.h"

#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

/* Traits of a task. */
enum {
    MR_ONCE = 1,    /* as it is now, it cannot be done again: a failure is the run's */
    MR_PATIENT = 2, /* may rightly wait for others without progress */
    MR_SPARED = 4   /* not for chaos to kill: it might be in what cannot be done again */
};

/* The callbacks run in the supervisor, but for work. */
struct mr_phase {
    void *arg;
    const char *stage; /* what events call it */
    struct mr_schedule tasks;
    unsigned at_once; /* workers */
    uint64_t bytes;   /* that all its tasks have to read; 0: nobody knows */
    uint64_t read;    /* that tasks which are done have */
    int wake;         /* a descriptor that is readable when grow should be asked again, or -1 */
    /* Adds tasks that have come up. Returns whether more may come. NULL: none ever come. */
    bool (*grow)(void *arg);
    /* Whether a waiting task may start now; NULL: any may. */
    bool (*ready)(void *arg, size_t task);
    /* Prepares an attempt. */
    int (*begin)(void *arg, size_t task, struct mr_error *err);
    /* The task itself, in a worker, which raises progress for each block (base/progress.h). */
    int (*work)(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err);
    /* Takes over what a successful attempt made; NULL: there is nothing to take. */
    int (*commit)(void *arg, size_t task, struct mr_error *err);
    /* An attempt has failed or crashed by itself (err says how, and may be added to), and what it
     * made will be discarded. Returns 1 when it is not to count as an attempt, as the next one will
     * not fail in the same way; 0 or -1 when it counts. NULL: it always counts. */
    int (*crashed)(void *arg, size_t task, struct mr_error *err);
    /* Removes what a failed attempt made; NULL: it may stay. */
    void (*discard)(void *arg, size_t task);
    /* Has what is damaged (err->damaged) made again. Returns 1, after which the phase goes on
     * with what does not need it; 0 when it was this attempt's own; -1 when it cannot be. NULL:
     * it is always the attempt's own. */
    int (*lost)(void *arg, size_t task, struct mr_error *err);
    /* Says which task it is and what it is about, for messages. */
    void (*describe)(void *arg, size_t task, char *text, size_t size);
    /* Says how large the result of a successful attempt is, for its event; NULL: nobody knows. */
    void (*measure)(void *arg, size_t task, struct mr_event *event);
    /* Its traits at this moment; NULL: none. */
    int (*traits)(void *arg, size_t task);
};

struct mr_worker;

struct mr_supervisor {
    const char *job;             /* its name */
    const struct mr_config *config;
    unsigned max_attempts;
    unsigned timeout;            /* seconds */
    unsigned workers_max;        /* at once */
    struct mr_worker *workers;
    struct mr_attempt *attempts; /* shared with the workers, one each */
    struct mr_endings endings;   /* of the failed attempts, to be told when a task fails */
    struct mr_signals *signals;  /* the run's */
    struct timespec last_check;  /* for hung workers */
    struct timespec last_told;   /* of progress */
    struct timespec refused;     /* since when no process was to be had; 0: one was, last time */
    struct mr_chaos chaos;
    bool warned;                 /* that there are fewer processes than wanted */
    struct timespec last_tick;
    struct timespec last_look; /* at memory, */
    unsigned look_after_ms;    /* how long from there to the next, */
    uint64_t held;             /* and what was seen */
    const atomic_ullong *spool_memory; /* memory that no process has mapped */
    const atomic_ullong *spool_disk;   /* what files hold elsewhere */
    uint64_t memory;                   /* that all processes may hold, for those who watch */
};

/* Prepares to run up to workers_max workers of a job at once. signals are to be open whenever a
 * phase runs. Returns 0 or -1; close it in either case. */
int mr_supervisor_open(struct mr_supervisor *s, const char *job, unsigned workers_max,
                       const struct mr_config *config, struct mr_signals *signals,
                       struct mr_error *err);

/* Runs a phase until none of its tasks can be started any more: all are done, or wait for
 * another phase to make again what was lost. Returns 0, or -1 with no worker left. */
int mr_supervisor_run(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err);

void mr_supervisor_close(struct mr_supervisor *s);

#endif
