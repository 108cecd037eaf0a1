/*
 * Parts of numbers, where a job of numbers is also to tell in how many inputs a key stands, or to
 * have keys in the order in which they first stand (store/part.h): all parts of a key are united,
 * the job's reduce decides about the number, and what is kept is a record of the result.
 *
 *     the parts of "the"    input 0, 2; input 0, 3; input 4, 1     6, of 2 inputs
 */
#ifndef MR_REDUCE_PARTS_H
#define MR_REDUCE_PARTS_H

#include "reduce/key_values.h"
#include "reduce/result.h"

struct mr_parts {
    const struct mr_job *job;
    const void *state;
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    struct mr_result *out;
    struct mr_reduce_result *result; /* what was seen, kept and dropped */
    uint64_t told; /* records of the result that tell how much there is of a file: */
    unsigned char group[MR_GROUP_SIZE + MR_BLOCK_SLACK]; /* the key of such a one */
};

/* Makes a record of the result of a key's parts, unless the job's reduce drops it. Returns 0 or
 * -1. */
int mr_parts_reduce(struct mr_parts *p, struct mr_key_values *k);

#endif
