/*
 * Chaos, for whoever wants to see it for himself: the supervisor kills its own workers and
 * damages its own shuffle files, by the throw of dice that a seed decides. The result must be
 * the same.
 *
 * Only what can be made good is struck: never a task's last attempt, nor what it made.
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

/* How long to wait with a blow, in nanoseconds: up to a tenth of a second, mostly less. */
uint64_t mr_chaos_delay(struct mr_chaos *c);

/* Flips a byte of a committed spool, or cuts it short. False when it could not. */
bool mr_chaos_damage(struct mr_chaos *c, const struct mr_spool *spool,
                     const struct mr_store *store);

#endif
