/*
 * The reducer of numbers: one reduce task, from its partition of every shuffle file to sorted runs.
 *
 * Bucket by bucket, the records of all map tasks meet in a table; the job's reduce decides of
 * each key; what stays is sorted and written as a run whenever enough has gathered:
 *
 *     bucket 4: the=3 to=1 the=2  ->  the=5 to=1  ->  run 0: the=5 to=1 ...
 *
 * Where only the first of the result are wanted, most buckets may not have to be read (prune.h).
 *
 * A bucket with more keys than the table holds is brought together by sorting instead: each
 * time the table is full it is written as a run in the order of keys, and when the bucket is at
 * its end these runs are merged, equal keys meeting side by side. So any number of keys in a bucket
 * costs disk and time but not memory; and keys that crowd the table's index cost a sort (table.h).
 */
#ifndef MR_REDUCE_REDUCER_H
#define MR_REDUCE_REDUCER_H

#include "reduce/plan.h"

/* Reduces the plan's buckets of the shuffle files and writes runs to spool. Returns 0 or -1. */
int mr_reduce_run(const struct mr_job *job, const void *state, const struct mr_reduce_plan *plan,
                  const struct mr_shuffles *shuffles, uint32_t task, struct mr_spool *spool,
                  struct mr_store *store, struct mr_reduce_result *result,
                  _Atomic uint64_t *progress, struct mr_error *err);

#endif
