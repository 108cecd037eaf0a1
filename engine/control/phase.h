/* A phase: a schedule of tasks, and what is to be done for each; the supervisor runs it. */
#ifndef MR_CONTROL_PHASE_H
#define MR_CONTROL_PHASE_H

#include "control/schedule.h"
#include "mapreduce.h"

#include <stdatomic.h>

/* Traits of a task. */
enum {
    MR_ONCE = 1,    /* as it is now, it cannot be done again: a failure is the run's */
    MR_PATIENT = 2, /* may rightly wait for others without progress */
    MR_SPARED = 4,  /* not for chaos to kill: it might be in what cannot be done again */
    MR_ASIDE = 8    /* serves the other tasks (mr_event.aside) */
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
    /* Has what is damaged made again: what err->damaged says, and what else the attempt has marked.
     * Returns 1, after which the phase goes on with what does not need it; 0 when it was this
     * attempt's own; -1 when it cannot be. NULL: it is always the attempt's own. */
    int (*lost)(void *arg, size_t task, struct mr_error *err);
    /* Says which task it is and what it is about, for messages. */
    void (*describe)(void *arg, size_t task, char *text, size_t size);
    /* Says how large the result of a successful attempt is, for its event; NULL: nobody knows. */
    void (*measure)(void *arg, size_t task, struct mr_event *event);
    /* Its traits at this moment; NULL: none. */
    int (*traits)(void *arg, size_t task);
};

static inline int mr_phase_traits(const struct mr_phase *phase, size_t task)
{
    return phase->traits ? phase->traits(phase->arg, task) : 0;
}

#endif
