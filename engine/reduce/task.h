/*
 * A reduce task as the job sees it: its context, and its begin and end.
 *
 *     mr_reduce_task_begin    memory for the task; the job's reduce_begin
 *     ...                     reduce or reduce_values, for each key
 *     mr_reduce_task_end      the job's reduce_end; what it has counted is checked
 */
#ifndef MR_REDUCE_TASK_H
#define MR_REDUCE_TASK_H

#include "reduce/plan.h"

/* Begins a task, in which nothing may be emitted yet. Returns 0 or -1; release its context in
 * either case. */
int mr_reduce_task_begin(struct mr_context *c, const struct mr_job *job, const void *state,
                         const struct mr_shuffles *shuffles, struct mr_error *err);

/* Ends it. Returns 0 or -1. */
int mr_reduce_task_end(struct mr_context *c, const void *state);

#endif
