/*
 * A job as it runs: what its phases share. Only job.c and the files of its phases include this.
 *
 * Each phase's tasks leave their results in spools and small structs in shared memory, which
 * the next phase's workers inherit.
 */
#ifndef MR_CONTROL_JOB_H
#define MR_CONTROL_JOB_H

#include "control/manifest.h"
#include "control/plan.h"
#include "control/supervisor.h"
#include "control/workspace.h"
#include "input/feed.h"
#include "input/source.h"
#include "input/split.h"
#include "sort/ranges.h"
#include "write/output.h"

/* The phases, in order. A task of a phase needs all tasks of the phase before it. */
enum { MAP, REDUCE, MERGE, PHASES };

struct mr_job_run {
    const struct mr_job *job;
    const void *state;
    const struct mr_config *config;
    struct mr_report *report;
    struct mr_plan plan;
    struct mr_supervisor supervisor;
    struct mr_workspace workspace;
    struct mr_store *store; /* the workspace's */
    struct mr_manifest manifest;
    struct mr_phase phases[PHASES];
    bool finished[PHASES];    /* all tasks were done, and what follows from that */
    bool interrupted;         /* what is kept is to stay */

    /* map */
    struct mr_sources sources;
    struct mr_splits splits;
    struct mr_feed feed;
    size_t feeders;           /* 1 where there are streams: then task 0 is the feeder */
    size_t map_tasks;         /* so far: first the splits, then the streams' */
    size_t map_room;
    unsigned taking;          /* stream tasks that are not done: each holds slots of the feed */
    struct mr_spool *shuffles;
    struct mr_map_result *mapped;

    /* reduce */
    struct mr_spool *reduced; /* the reducers' runs */
    struct mr_reduce_result *reductions;

    /* merge */
    struct mr_runs *runs;
    struct mr_point *bounds;
    struct mr_write_range *ranges;
    struct mr_write_result *written;
    size_t range_count;
    struct mr_output output;
};

/* Plans the map and reduce phases. Return 0 or -1. */
int mr_map_phase_plan(struct mr_job_run *r, struct mr_error *err);
int mr_reduce_phase_plan(struct mr_job_run *r, struct mr_error *err);

/* Prepares the merge phase, which is planned by what the reducers made; again when some of that
 * was made again. Returns 0 or -1. */
int mr_merge_phase_prepare(struct mr_job_run *r, struct mr_error *err);

/* What is to be done and checked when all tasks of a phase are done. Return 0 or -1. */
int mr_map_phase_finish(struct mr_job_run *r, struct mr_error *err);
int mr_reduce_phase_finish(struct mr_job_run *r, struct mr_error *err);
int mr_merge_phase_finish(struct mr_job_run *r, struct mr_error *err);

/* Free what a phase has. */
void mr_map_phase_release(struct mr_job_run *r);
void mr_reduce_phase_release(struct mr_job_run *r);
void mr_merge_phase_release(struct mr_job_run *r);

/* The id of the file that a task of a phase makes. */
static inline uint64_t mr_file_id(unsigned phase, size_t task)
{
    return (uint64_t)(phase + 1) << 32 | (uint32_t)task;
}

/* The lost callback of all phases: has the task that made err->damaged run again. */
int mr_job_lost(struct mr_job_run *r, unsigned phase, size_t task, struct mr_error *err);

/* Drops spools, NULL for none; when the run was interrupted, what is kept stays. */
void mr_job_drop(struct mr_job_run *r, struct mr_spool *spools, size_t count);

/* Opens the manifest of a kept workspace and takes over what an earlier run has done, if that
 * run had the same job. Returns 0 or -1. */
int mr_resume_open(struct mr_job_run *r, struct mr_error *err);

/* Notes in the manifest, if there is one, that a task is done. Returns 0 or -1. */
int mr_resume_note(struct mr_job_run *r, unsigned phase, size_t task, struct mr_error *err);

#endif
