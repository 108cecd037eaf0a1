/*
 * The result of a reducer of bytes: what the job emits, gathered, sorted and written as runs.
 *
 * Each record stands under the key that the job was handed when it emitted it, with a number that
 * counts up; its own key, if it has one, is part of its value:
 *
 *     varint   0, or the size of its own key plus 1
 *     bytes    its own key, and then its value
 *
 * So the result is in the order of the keys handed over, and of one key in that of emitting.
 */
#ifndef MR_REDUCE_RESULT_H
#define MR_REDUCE_RESULT_H

#include "reduce/pile.h"
#include "reduce/runs.h"

struct mr_reducer {
    const char *job;           /* its name */
    struct mr_run_maker *runs;
    struct mr_run_list list;
    struct mr_key_writer *keys; /* of the runs' spool, for what is out-of-line */
    struct mr_pile pile;
    struct mr_record key;      /* the one that the job was handed; its number counts up */
    struct mr_buffer value;    /* of the record at hand, while it is small */
    bool begun, out_of_line;   /* a record, and that its value has outgrown records */
    uint64_t records;          /* emitted */
    struct mr_error *err;
};

/* Gets about memory bytes to gather in; the caller has set job, runs, keys and err, and the rest to
 * zeros. Returns 0 or -1; release it in either case. */
int mr_reducer_init(struct mr_reducer *out, size_t memory);

void mr_reducer_release(struct mr_reducer *out);

/* Says which key is handed to the job: what it emits stands under that. Its bytes must stand until
 * the next call. */
void mr_reducer_key(struct mr_reducer *out, const struct mr_record *key);

/* Refuses what a job left undone when it returned from a key. Returns 0 or -1. */
int mr_reducer_check(struct mr_reducer *out);

/* Writes what has gathered as a run, where that is much. Returns 0 or -1. */
int mr_reducer_pause(struct mr_reducer *out);

/* Writes all that has gathered; no more runs are left then than the plan wants. Returns 0 or -1. */
int mr_reducer_finish(struct mr_reducer *out);

#endif
