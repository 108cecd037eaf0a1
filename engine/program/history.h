/*
 * The history of a run: what its events leave for a page about it (program/page.h), in bounded
 * memory. Attempts are kept one by one, but of a run of very many only the first; samples of curves
 * are thinned out, every second one, whenever there are too many:
 *
 *     0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 s    full     0.0 0.2 0.4 0.6, and from here on each 0.2 s
 */
#ifndef MR_PROGRAM_HISTORY_H
#define MR_PROGRAM_HISTORY_H

#include "mapreduce.h"

enum {
    MR_HISTORY_TICK = 100,       /* milliseconds between samples, at first */
    MR_HISTORY_ATTEMPTS = 10000,
    MR_HISTORY_SAMPLES = 400,
    MR_HISTORY_SLOWEST = 10,
    MR_HISTORY_FAILURES = 50,
    MR_HISTORY_TEXT = 400
};

enum mr_history_stage { MR_HISTORY_MAP, MR_HISTORY_REDUCE, MR_HISTORY_MERGE, MR_HISTORY_STAGES };

/* What events call it. */
const char *mr_history_stage_name(enum mr_history_stage stage);

/* An attempt that has ended. */
struct mr_past_attempt {
    double began, took;
    uint64_t read, bytes, records;
    size_t task;
    unsigned worker;
    unsigned short attempt;
    unsigned char stage, end;
    bool aside; /* it read streams for the others */
};

/* The same with words. */
struct mr_past_text {
    struct mr_past_attempt attempt;
    char about[MR_HISTORY_TEXT], why[MR_HISTORY_TEXT];
};

struct mr_past_sample {
    double at;
    uint64_t read; /* bytes a second */
    uint64_t memory, disk;
};

struct mr_history {
    bool begun;
    struct mr_past_attempt *attempts;
    size_t attempt_count, attempts_lost;
    struct mr_past_text slowest[MR_HISTORY_SLOWEST]; /* the slowest first */
    size_t slowest_count;
    struct mr_past_text failures[MR_HISTORY_FAILURES];
    size_t failure_count, failures_lost;
    struct mr_past_sample samples[MR_HISTORY_SAMPLES];
    size_t sample_count;
    double interval;      /* between samples */
    double stage_at;      /* when the stage was sampled last */
    uint64_t stage_bytes; /* what it had read then */
    bool in_stage;        /* it was sampled */
    double seconds;       /* when the last was heard */
    unsigned workers;     /* rows, */
    bool fed;             /* and one of what read streams for them */
    uint64_t memory_all;
};

/* Gets the memory for one. NULL: there is none. */
struct mr_history *mr_history_begin(void);

void mr_history_hear(struct mr_history *h, const struct mr_event *event);

void mr_history_free(struct mr_history *h);

#endif
