/*
 * The result of a reducer of bytes: what the job emits, gathered, sorted and written as runs.
 *
 * Each record stands under the key that the job was handed when it emitted it, with a number that
 * counts up; its own key, if it has one, is part of its value (store/assembly.h). So the result is
 * in the order of the keys handed over, and of one key in that of emitting. That of a job in
 * sequence has no such keys, and goes into one run, or into its part of the output, as it comes
 * (sort/direct.h).
 */
#ifndef MR_REDUCE_RESULT_H
#define MR_REDUCE_RESULT_H

#include "reduce/plan.h"
#include "sort/direct.h"
#include "sort/sort_buffer.h"
#include "store/assembly.h"

struct mr_result {
    struct mr_assembly out; /* what the job emits to; the first of all */
    struct mr_run_maker *runs;
    struct mr_run_list list;
    struct mr_sort_buffer unwritten;
    struct mr_record key; /* the one that the job was handed; its number counts up */
    uint64_t records;     /* emitted */
    bool in_sequence;     /* then: */
    struct mr_direct_plan plan;
    struct mr_direct direct;
};

/* Gets about memory bytes to gather in, for a job's task with this context, which is copied; what
 * writes stays the caller's. Returns 0 or -1; release it in either case. */
int mr_result_init(struct mr_result *r, const struct mr_reduce_plan *plan,
                   const struct mr_context *context,
                   struct mr_run_maker *runs, struct mr_key_writer *keys, size_t memory);

void mr_result_release(struct mr_result *r);

/* Says which key is handed to the job: what it emits stands under that. Its bytes must stand until
 * the next call. */
void mr_result_key(struct mr_result *r, const struct mr_record *key);

/* Adds a record of that key with another number and a value, which is not the job's. Returns 0 or
 * -1. */
int mr_result_put(struct mr_result *r, uint64_t number, const struct mr_value *value);

/* Writes what has gathered as a run, where that is much. Returns 0 or -1. */
int mr_result_pause(struct mr_result *r);

/* Writes all that has gathered, and lists the runs; *at is where. Returns 0 or -1. */
int mr_result_finish(struct mr_result *r, struct mr_block_link *at);

#endif
