/*
 * The context: what every function of a job that runs in a task is handed, to emit, count, and say
 * why it fails.
 *
 * What is emitted goes elsewhere in each of them, so the context is the first member of what takes
 * it there, and says which that is; a call that belongs elsewhere is refused:
 *
 *     map, begin, end                  the mapper (map/emit.h), of numbers or of bytes
 *     reduce_values, combine_values    an assembly (store/assembly.h)
 *     reduce, reduce_begin, reduce_end nothing is emitted
 */
#ifndef MR_BASE_CONTEXT_H
#define MR_BASE_CONTEXT_H

#include "base/bad_records.h"
#include "base/counters.h"

#include <stdatomic.h>

/* What may be emitted just now. */
enum mr_emits {
    MR_EMITS_NOTHING,
    MR_EMITS_UNPLACED, /* nothing, as it matters which place of the input it is of */
    MR_EMITS_NUMBERS, /* mr_emit and the like */
    MR_EMITS_PARTS,   /* only mr_emit_part: a key is not at its end */
    MR_EMITS_BYTES,   /* mr_emit_value, mr_pair_begin */
    MR_EMITS_PAIR,    /* only what belongs to a pair in parts, which is not at its end */
    MR_EMITS_RESULT   /* mr_emit_result and the like */
};

struct mr_context {
    const struct mr_job *job;
    enum mr_emits emits;
    void *task;                   /* the job's memory for this task; NULL: none */
    uint64_t number;              /* the task's */
    bool direct;                  /* what map emits is the result */
    enum mr_format format;        /* of the result's lines; MR_LINES: its values are uncut */
    bool reversed;                /* in a map task: the result's order is turned round */
    _Atomic uint64_t *progress;   /* its counter (base/progress.h); NULL: nobody watches */
    struct mr_counters *counters; /* where it counts; NULL: nowhere */
    struct mr_mark *mark;         /* whose code runs; NULL: nobody asks */
    const struct mr_bad_records *bad; /* what earlier attempts died at; NULL: nobody knows */
    bool job_failed;              /* it was the job that failed, not the engine under it */
    size_t key_head;              /* bytes of keys that are not the job's (store/group.h) */
    size_t memory;                /* bytes that its map or reduce may get of the system */
    /* The names of the inputs, for mr_input_name; NULL: none are known. */
    const char *(*input_name)(const void *inputs, uint64_t source);
    const void *inputs;
    struct mr_error *err;
};

/* Whether the values of a job's result are bytes. */
static inline bool mr_makes_bytes(const struct mr_job *job)
{
    return job->values == MR_BYTES || job->reduce_values != NULL;
}

/* Gets zeroed memory for a task of the job's. Returns 0 or -1; release it in either case: other
 * memory that the job has got for the task, and finds by this one, goes with the process. */
int mr_context_init(struct mr_context *c, size_t task_size);
void mr_context_release(struct mr_context *c);

/* Says what the job does wrong. Returns -1. */
int mr_context_wrong(const struct mr_context *c, const char *what);

/* The same of a call, "mr_emit was called", for which this is not the place. */
int mr_context_refuse(const struct mr_context *c, const char *called);

/* A function of the job has failed: says so where no reason is given yet, and marks whether it was
 * the job that failed or the engine under it. Returns -1. */
int mr_context_failed(struct mr_context *c, const char *function);

#endif
