/*
 * The merge phase: a task for each range of the order, which writes it to its place in the output.
 * Ranges of a file are merged side by side:
 *
 *     merge 0 |----->      | merge 1 |--->          | merge 2 ...
 *
 * There is one task where nobody can say before where text belongs: for a stream, which is written
 * from its beginning to its end, and for the first N of all, as no range knows how many come before
 * it. In a directory of parts, each reducer's runs are a task; or one makes all parts, of the
 * first N.
 */
#include "base/error.h"
#include "base/memory.h"
#include "control/job.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- tasks ------------------------------------------------------------------------------ */

static bool ready(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    (void)task;
    return mr_schedule_done(&r->phases[REDUCE].tasks);
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    return mr_write_run(&r->plan.write, &r->ranges[task], r->store, &r->output, &r->written[task],
                        progress, err);
}

static int lost(void *arg, size_t task, struct mr_error *err)
{
    return mr_job_lost(arg, MERGE, task, err);
}

static void describe(void *arg, size_t task, char *text, size_t room)
{
    struct mr_job_run *r = arg;
    snprintf(text, room, "merge task %zu (range %zu of %zu, to the output)", task, task + 1,
             r->range_count);
}

static bool to_stream(const struct mr_job_run *r)
{
    return r->output.kind == MR_OUTPUT_STREAM;
}

/* Nobody knows how much of a piece a stream has taken from a process that died while it gave it;
 * and a reader may be slow. */
static int traits(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    (void)task;
    if (!to_stream(r))
        return 0;
    return MR_SPARED | (mr_output_is_sending(&r->output) ? MR_ONCE | MR_PATIENT : 0);
}

/* ---- planning --------------------------------------------------------------------------- */

static int read_runs(struct mr_job_run *r, struct mr_error *err)
{
    if (r->runs == NULL)
        r->runs = calloc(r->plan.reducers, sizeof *r->runs);
    if (r->runs == NULL)
        return mr_error_memory(err, r->plan.reducers * sizeof *r->runs, "the runs");
    for (uint32_t i = 0; i < r->plan.reducers; i++) {
        free(r->runs[i].at);
        if (mr_runs_read(&r->runs[i], &r->reduced[i], r->store, i, r->reductions[i].runs, err) <
            0)
            return -1;
    }
    return 0;
}

/* Cuts the merge: an output directory's parts by reducer, a file by ranges of the order. */
static int find_ranges(struct mr_job_run *r, struct mr_error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        bytes += r->reduced[i].size;
    bool parts = r->output.kind == MR_OUTPUT_DIRECTORY, top = r->config->top != MR_ALL;
    bool whole = top || to_stream(r);
    size_t ranges = whole ? 1 : parts ? r->plan.reducers : mr_plan_ranges(&r->plan, bytes);
    free(r->bounds);
    r->bounds = calloc(ranges + 1, sizeof *r->bounds); /* never none */
    if (r->bounds == NULL)
        return mr_error_memory(err, ranges * sizeof *r->bounds, "the output's ranges");
    if (!whole && !parts) {
        int bounds = mr_ranges_find(r->bounds, ranges, r->runs, r->plan.reducers, r->store,
                                    r->plan.write.order, err);
        if (bounds < 0)
            return -1;
        ranges = (size_t)bounds + 1;
    }
    r->range_count = ranges;
    return 0;
}

static int plan_ranges(struct mr_job_run *r, struct mr_error *err)
{
    bool parts = r->output.kind == MR_OUTPUT_DIRECTORY, top = r->config->top != MR_ALL;
    size_t ranges = r->range_count;
    r->written = mr_memory_get_shared(ranges * sizeof *r->written);
    r->ranges = calloc(ranges, sizeof *r->ranges);
    if (!r->written || !r->ranges)
        return mr_error_memory(err, ranges * sizeof *r->ranges, "the output's ranges");
    for (size_t i = 0; i < ranges; i++) {
        bool one_part = parts && !top;
        r->ranges[i] = (struct mr_write_range){
            .files = one_part ? &r->runs[i] : r->runs,
            .file_count = one_part ? 1 : r->plan.reducers,
            .from = parts || i == 0 ? NULL : &r->bounds[i - 1],
            .until = parts || i + 1 == ranges ? NULL : &r->bounds[i],
            .limit = r->config->top,
            .part = (uint32_t)i,
            .apart = parts && top,
        };
    }
    struct mr_phase *phase = &r->phases[MERGE];
    *phase = (struct mr_phase){
        .arg = r, .at_once = r->plan.merge_at_once, .wake = -1, .ready = ready,
        .work = work, .lost = lost, .describe = describe, .traits = traits,
    };
    if (mr_schedule_init(&phase->tasks, ranges, r->supervisor.max_attempts, err) < 0)
        return -1;
    mr_schedule_add(&phase->tasks, ranges);
    return 0;
}

/* Bytes of the whole output, where the reducers have weighed it. */
static uint64_t output_size(const struct mr_job_run *r)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < r->plan.reducers; i++)
        for (size_t k = 0; k < r->runs[i].count; k++)
            size += r->runs[i].at[k].weight;
    return size;
}

int mr_merge_phase_prepare(struct mr_job_run *r, struct mr_error *err)
{
    if (read_runs(r, err) < 0)
        return -1;
    /* The ranges stay as they are when runs were made again: some may be written already. What is
     * written has nothing to be committed or discarded: it is where it belongs, or another attempt
     * writes over it. */
    if (r->ranges != NULL)
        return 0;
    if (find_ranges(r, err) < 0 || plan_ranges(r, err) < 0)
        return -1;
    return mr_output_reserve(&r->output, output_size(r), err);
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Each range must begin where the one before it ends, and the last end where all does. */
static bool joined(const struct mr_job_run *r)
{
    uint64_t end = 0;
    if (!mr_output_in_place(&r->output) || r->config->top != MR_ALL)
        return true;
    for (size_t i = 0; i < r->range_count; i++) {
        if (r->written[i].from != end)
            return false;
        end += r->written[i].bytes;
    }
    return end == output_size(r);
}

/* All that was kept must have been written. */
static int check_written(const struct mr_job_run *r, struct mr_error *err)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        kept += r->reductions[i].kept;
    uint64_t wanted = kept < r->config->top ? kept : r->config->top;
    if (!joined(r)) {
        mr_error_set(err, "internal error: the ranges of the output do not join");
        return mr_error_final(err);
    }
    if (r->report->written == wanted)
        return 0;
    mr_error_set(err, "internal error: %llu records were to be written but %llu were",
                 (unsigned long long)wanted, (unsigned long long)r->report->written);
    return mr_error_final(err);
}

int mr_merge_phase_finish(struct mr_job_run *r, struct mr_error *err)
{
    r->report->merge_tasks = r->range_count;
    r->report->written = r->report->output_bytes = 0;
    for (size_t i = 0; i < r->range_count; i++) {
        r->report->written += r->written[i].records;
        r->report->output_bytes += r->written[i].bytes;
    }
    if (check_written(r, err) < 0)
        return -1;
    return mr_output_commit(&r->output, err);
}

void mr_merge_phase_release(struct mr_job_run *r)
{
    for (size_t i = 0; r->runs != NULL && i < r->plan.reducers; i++)
        free(r->runs[i].at);
    mr_memory_release(r->written, r->range_count * sizeof *r->written);
    free(r->runs);
    free(r->bounds);
    free(r->ranges);
    mr_schedule_free(&r->phases[MERGE].tasks);
}
