/*
 * The map stage: a task for each split, and for each share of the streams; where there are streams,
 * one before all others that feeds them.
 *
 *     task     0        1     2     3     4 ...
 *              feeder   splits      shares of the streams, which come up as they fill
 *
 * The feeder's file stays empty. Each task reads one stretch of the input (of streams, only where
 * the job's values are in order), so that the tasks, too, have an order: that of the input.
 */
#ifndef MR_CONTROL_MAP_STAGE_H
#define MR_CONTROL_MAP_STAGE_H

#include "control/plan.h"
#include "control/stage.h"
#include "input/feed.h"
#include "input/source.h"
#include "input/split.h"
#include "write/writer.h"

/* What a task leaves. */
struct mr_mapped {
    struct mr_map_result result;    /* the first of all */
    struct mr_write_result written; /* its part, where it writes that itself */
};

struct mr_map_stage {
    struct mr_stage stage;
    const struct mr_job *job;
    const void *state;
    const struct mr_plan *plan;
    const struct mr_sources *sources;
    struct mr_splits splits;
    struct mr_feed feed;
    size_t feeders;       /* 1 where there are streams, else 0 */
    struct mr_output *output; /* without reducers: where each task writes what it makes; NULL: it
                                 leaves runs */
    bool weighs;          /* without reducers: the result's records are to be weighed, as the output
                             may be written in ranges */
    bool warned;          /* of text that seems to be in another encoding */
    unsigned feeding;     /* tasks of streams that are not done: each holds slots of the feed */
    mr_total emitted;     /* the emitted values' sum; of bytes, how many there were */
    uint64_t records;     /* in the shuffle files */
    uint64_t digest;      /* of them, where values are bytes (partition/digest.h) */
};

/* What the stage after it reads: the shuffle files, and how many there are. */
static inline struct mr_spool *mr_map_stage_files(const struct mr_map_stage *m)
{
    return m->stage.files + m->feeders;
}

static inline size_t mr_map_stage_count(const struct mr_map_stage *m)
{
    return m->stage.count - m->feeders;
}

/* What the map task of this number left. */
static inline const struct mr_mapped *mr_map_stage_result(const struct mr_map_stage *m,
                                                          size_t number)
{
    return mr_stage_result(&m->stage, m->feeders + number);
}

/* Puts the map tasks' numbers into the order of their input, once all are done: order has room for
 * as many as there are. */
void mr_map_stage_order(const struct mr_map_stage *m, uint32_t *order);

/* Makes the stage, which the caller has set to zeros, the last of all: its splits and its tasks.
 * What is pointed to stays the caller's, until release. Returns 0 or -1; release it in either
 * case. */
int mr_map_stage_init(struct mr_map_stage *m, struct mr_stages *all, const struct mr_job *job,
                      const void *state, const struct mr_plan *plan,
                      const struct mr_sources *sources, struct mr_error *err);

/* Frees what the stage has besides its tasks. */
void mr_map_stage_release(struct mr_map_stage *m);

#endif
