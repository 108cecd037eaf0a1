/*
 * A reduce task as the job sees it: its context, its begin and end, and keys that are bad.
 *
 *     mr_reduce_task_begin    memory for the task; the job's reduce_begin
 *     mr_reduce_may_have      for each key: may the job have it
 *     mr_reduce_decide        reduce is asked about it, where it has a number of its own
 *     mr_reduce_failed        reduce or reduce_values has failed: at which key
 *     mr_reduce_task_end      the job's reduce_end; what it has counted is checked
 */
#ifndef MR_REDUCE_TASK_H
#define MR_REDUCE_TASK_H

#include "reduce/plan.h"
#include "store/keys.h"

/* Begins a task, in which nothing may be emitted yet. Returns 0 or -1; release its context in
 * either case. */
int mr_reduce_task_begin(struct mr_context *c, const struct mr_job *job, const void *state,
                         const struct mr_shuffles *shuffles, struct mr_error *err);

/* Ends it. Returns 0 or -1. */
int mr_reduce_task_end(struct mr_context *c, const void *state);

/* To be called before a key is handed to the job. Where keys are handed over one by one, marks it.
 * Returns 1, 0 where the key is bad and is to be passed over, or -1. */
int mr_reduce_may_have(struct mr_context *c, const struct mr_shuffles *shuffles,
                       const struct mr_record *key, struct mr_key_place place);

/* Makes a key's fingerprint. Returns 0 or -1. */
int mr_reduce_fingerprint(const struct mr_context *c, struct mr_fingerprint *print,
                          const struct mr_record *record, struct mr_key_place place);

/* Enters a record that is kept in the ranking, which there is. Returns 0 or -1. */
int mr_reduce_rank(const struct mr_context *c, const struct mr_shuffles *shuffles,
                   const struct mr_record *record, struct mr_key_place place);

/* Has the job's reduce decide about a key and its number, which it may change. Returns what that
 * returns, 1 where there is none, or -1. */
int mr_reduce_decide(struct mr_context *c, const void *state, const struct mr_record *record,
                     struct mr_key_place place, uint64_t *number);

/* The job's function has failed at a key, which the error then names. Returns -1. */
int mr_reduce_failed(struct mr_context *c, const char *function, const struct mr_record *record,
                     struct mr_key_place place);

#endif
