/*
 * The trace: what each process did and when, for Perfetto (ui.perfetto.dev) and chrome://tracing.
 *
 *     [
 *     {"ph":"M","pid":9,"tid":3,"name":"thread_name","args":{"name":"worker 001"}},
 *     {"ph":"B","pid":9,"tid":3,"ts":310,"cat":"map","name":"map 0","args":{"attempt":1,...}},
 *     {"ph":"C","pid":9,"tid":0,"ts":900,"name":"memory","args":{"bytes":4096}},
 *     {"ph":"E","pid":9,"tid":3,"ts":4210,"args":{"end":"done","bytes":100,...}}
 *
 * Each event is a line, written when it happens: so the trace of a run that was killed has all that
 * came before, and is read, too, as the array need not be closed. A worker has a row, on which the
 * attempts stand one behind the other, and the run one (0) with its stages. An arrow leads from
 * what had a task done again to its next attempt. Long runs are sampled less often, and a trace
 * that gets too large for viewers goes on without new attempts. The feeder, which reads streams for
 * the workers, and the janitor, which would clean up, have a row each.
 */
#ifndef MR_PROGRAM_TRACE_H
#define MR_PROGRAM_TRACE_H

#include "program/side_file.h"
#include "program/json.h"

#include "mapreduce.h"

enum { MR_TRACE_TICK = 100 }; /* milliseconds: how often it wants to be told (mr_config.tick) */

struct mr_trace_again;

struct mr_trace {
    const char *path; /* NULL: none is asked for */
    bool begun;
    struct mr_side_file file;
    struct mr_json json;
    long pid;
    double at;              /* when the last was heard */
    uint64_t last;          /* the microsecond of the last event that was written */
    double sampled;         /* when counters were written last; negative: not in this stage */
    uint64_t sampled_bytes; /* what the stage had read then */
    bool in_stage, full;
    struct mr_buffer rows;  /* a byte a row: how far it is (trace.c) */
    long janitor;           /* its process; 0: it has not begun */
    double janitor_at;      /* when it began */
    struct mr_trace_again *again; /* tasks to be done again */
    size_t again_count, again_capacity;
    uint64_t arrows;        /* so far */
};

/* Begins; path may be NULL, for none. The file is opened when the first stage begins. */
void mr_trace_begin(struct mr_trace *t, const char *path);

/* Hears what happens. */
void mr_trace_hear(struct mr_trace *t, const struct mr_event *event);

/* Ends the trace. Returns whether it is whole; if not, why says in words what it lacks. */
bool mr_trace_end(struct mr_trace *t, char *why, size_t size);

#endif
