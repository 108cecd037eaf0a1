/*
 * The reducer of values that are bytes, or partial numbers: one reduce task, from its partition of
 * every shuffle file, by way of the job's reduce_values, to sorted runs.
 *
 * Bucket by bucket, the records of all map tasks are gathered and sorted by key (sorted_bucket.h).
 * Each key is handed to the job with its values, in the order of the input (key_values.h); what the
 * job emits goes to the result (result.h). Of partial numbers, each key becomes one record
 * (partials.h).
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
