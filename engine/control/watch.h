/*
 * Watching a phase that runs: the events that its listeners are told (struct mr_event).
 *
 *     STAGE ─▶ START, an attempt ─▶ PROGRESS, each second ─▶ END, and how
 *         └──▶ TICK, as often as was asked for: how far all of it is; MEMORY: what is held
 *
 * What all processes hold is looked up so seldom that it takes a thousandth of the time.
 */
#ifndef MR_CONTROL_WATCH_H
#define MR_CONTROL_WATCH_H

#include "control/phase.h"
#include "control/worker.h"

struct mr_watch {
    const struct mr_config *config;   /* who listens, and to what */
    const struct mr_workers *workers;
    const atomic_ullong *spool_memory; /* memory that no process has mapped; NULL: none */
    const atomic_ullong *spool_disk;   /* what files hold elsewhere; the same */
    uint64_t memory;                   /* that all processes may hold */
    struct timespec last_told;         /* of each attempt's progress */
    struct timespec last_tick;
    struct timespec last_look; /* at memory, */
    unsigned look_after_ms;    /* how long from there to the next, */
    uint64_t held;             /* and what was seen */
};

/* A phase begins. */
void mr_watch_phase(struct mr_watch *w, const struct mr_phase *phase);

/* An attempt begins. */
void mr_watch_start(const struct mr_watch *w, const struct mr_phase *phase,
                    const struct mr_worker *worker);

/* An attempt is done, and committed. */
void mr_watch_done(const struct mr_watch *w, const struct mr_phase *phase,
                   const struct mr_worker *worker);

/* An attempt has failed or was stopped, with that status of its process; why may be NULL. */
void mr_watch_failed(const struct mr_watch *w, const struct mr_phase *phase,
                     const struct mr_worker *worker, int status, enum mr_end end,
                     const char *why);

/* Tells how far the phase and its attempts are where it is time to, or a tick at once. */
void mr_watch_look(struct mr_watch *w, const struct mr_phase *phase, bool at_once);

/* In how many milliseconds it is to look again, at most most. */
unsigned mr_watch_wait(const struct mr_watch *w, unsigned most);

#endif
