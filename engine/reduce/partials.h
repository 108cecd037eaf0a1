/*
 * Partial numbers, where a job of numbers is also to tell in how many inputs a key stands, or to
 * have keys in the order in which they first stand (store/partial.h): all partials of a key are
 * united, the job's reduce decides about the number, and what is kept is a record of the result.
 *
 *     the partials of "the"    input 0, 2; input 0, 3; input 4, 1     6, of 2 inputs
 */
#ifndef MR_REDUCE_PARTIALS_H
#define MR_REDUCE_PARTIALS_H

#include "reduce/key_values.h"
#include "reduce/result.h"

struct mr_partials {
    const struct mr_job *job;
    const void *state;
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    struct mr_result *out;
    struct mr_reduce_result *result; /* what was seen, kept and dropped */
    uint64_t told; /* records of the result that tell how much there is of a file: */
    unsigned char group[MR_GROUP_SIZE + MR_BLOCK_SLACK]; /* the key of such a one */
};

/* Makes a record of the result of a key's partials, unless the job's reduce drops it. Returns 0 or
 * -1. */
int mr_partials_reduce(struct mr_partials *p, struct mr_key_values *k);

#endif
