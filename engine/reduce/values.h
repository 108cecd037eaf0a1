/*
 * The reducer of values that are bytes: one reduce task, from its partition of every shuffle file,
 * by way of the job's reduce_values, to sorted runs.
 *
 * Bucket by bucket, the records of all map tasks are gathered and sorted by key. Records of one key
 * stay in the order of the input: each has a number that says where it was read, task by task in
 * that order, and down from the last block of a task to its first (chains.h), as many numbers apart
 * as a block may have records:
 *
 *     map task 0, last block "see the", the one before "the": with 100 numbers for a block
 *     see 900, the 901, the 800     sorted     see 900 | the 800, the 901: two keys
 *
 * A bucket that does not fit in memory is brought together by runs: each time that it is full, what
 * has gathered is sorted and written as a run, and the runs are merged. So a key may have any
 * number of values. Large values stay in the shuffle files, and are read from there when the job
 * asks for them.
 *
 * What the job emits goes to the result (result.h).
 */
#ifndef MR_REDUCE_VALUES_H
#define MR_REDUCE_VALUES_H

#include "reduce/plan.h"

/* Reduces the plan's buckets of the shuffle files and writes runs to spool. Returns 0 or -1. */
int mr_reduce_values_run(const struct mr_job *job, const void *state,
                         const struct mr_reduce_plan *plan, const struct mr_shuffles *shuffles,
                         uint32_t task, struct mr_spool *spool, struct mr_store *store,
                         struct mr_reduce_result *result, _Atomic uint64_t *progress,
                         struct mr_error *err);

#endif
