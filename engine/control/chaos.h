/*
 * Chaos: faults that are injected on request (--chaos), to see that the result stays the same. The
 * supervisor kills some of its own workers and damages some of its own shuffle files; which, random
 * numbers from a given seed decide.
 *
 * Only what can be done again is struck: never a task's last attempt, nor the file that it made.
 */
#ifndef MR_CONTROL_CHAOS_H
#define MR_CONTROL_CHAOS_H

#include "store/spool.h"

struct mr_chaos {
    uint64_t state;
    unsigned percent; /* of attempts that are struck; 0: no chaos */
};

/* Whether to strike now. */
bool mr_chaos_strikes(struct mr_chaos *c);

/* How long after its start to kill a worker, in nanoseconds: up to 0.1 s, mostly less. */
uint64_t mr_chaos_delay(struct mr_chaos *c);

/* Flips a byte of a committed spool, or cuts it short. False when it could not. */
bool mr_chaos_damage(struct mr_chaos *c, const struct mr_spool *spool,
                     const struct mr_store *store);

#endif
