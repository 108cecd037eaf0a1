/*
 * The merge phase: a task for each range of the order, whose text it makes, and one to write
 * each text to the output. Texts are written in order, each as soon as it can be:
 *
 *     merge 0   merge 1 ...        write i needs merge i and write i - 1
 *        └▶ write 0 ─▶ write 1 ...
 *
 * The first N of all are found by one merge, as no range knows how many come before it; in a
 * directory of parts it makes all texts.
 */
#include "base/error.h"
#include "base/memory.h"
#include "control/job.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- tasks ------------------------------------------------------------------------------ */

/* A merge or a write, and its number among its kind. Task numbers alternate between the two, so
 * that what can be written is written before more is merged. */
struct role {
    bool writes;
    size_t number;
};

static struct role role_of(const struct mr_job_run *r, size_t task)
{
    if (r->range_count == r->text_count)
        return (struct role){ task % 2 == 1, task / 2 };
    return (struct role){ task > 0, task > 0 ? task - 1 : 0 };
}

static bool is_done(const struct mr_job_run *r, size_t task)
{
    return r->phases[MERGE].tasks.at[task].state == MR_TASK_DONE;
}

static bool ready(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    bool many = r->range_count == r->text_count;
    if (!mr_schedule_done(&r->phases[REDUCE].tasks))
        return false;
    if (!role.writes)
        return true;
    return is_done(r, many ? task - 1 : 0) &&
           (role.number == 0 || is_done(r, many ? task - 2 : task - 1));
}

static size_t spools_of(const struct mr_write_range *range)
{
    return range->apart ? range->file_count : 1;
}

static int begin(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    if (role.writes)
        return mr_output_rewind(&r->output, err);
    struct mr_write_range *range = &r->ranges[role.number];
    for (size_t i = 0; i < spools_of(range); i++) {
        char name[sizeof range->spools[i].name];
        snprintf(name, sizeof name, "text-%u-%u", (unsigned)role.number, (unsigned)i);
        mr_spool_create(&range->spools[i], r->store, name, mr_file_id(MERGE, task));
    }
    return 0;
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    if (!role.writes)
        return mr_write_run(&r->plan.write, &r->ranges[role.number], r->store,
                            &r->written[role.number], progress, err);
    if (r->output.directory)
        return mr_output_part(&r->output, (uint32_t)role.number, &r->texts[role.number],
                              r->store, progress, err);
    return mr_output_append(&r->output, (uint32_t)role.number, &r->texts[role.number], r->store,
                            progress, err);
}

static int commit(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    if (role.writes) {
        if (!r->output.directory)
            r->output.written += r->written[role.number].bytes;
        mr_spool_drop(&r->texts[role.number], r->store);
        return 0;
    }
    struct mr_write_range *range = &r->ranges[role.number];
    for (size_t i = 0; i < spools_of(range); i++)
        if (mr_spool_commit(&range->spools[i], r->store, err) < 0)
            return -1;
    return 0;
}

static void discard(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    if (!role.writes)
        mr_job_drop(r, r->ranges[role.number].spools, spools_of(&r->ranges[role.number]));
}

static int lost(void *arg, size_t task, struct mr_error *err)
{
    return mr_job_lost(arg, MERGE, task, err);
}

static void describe(void *arg, size_t task, char *text, size_t room)
{
    struct mr_job_run *r = arg;
    struct role role = role_of(r, task);
    if (role.writes)
        snprintf(text, room, "writing part %zu of %zu of the output", role.number + 1,
                 r->text_count);
    else
        snprintf(text, room, "merge task %zu (range %zu of %zu)", role.number, role.number + 1,
                 r->range_count);
}

/* What has been written to a pipe cannot be taken back, and a reader may be slow. */
static int traits(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    return role_of(r, task).writes && !r->output.hidden ? MR_PATIENT | MR_ONCE : 0;
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

/* Cuts the merge: an output directory's parts by reducer, all else by ranges of the order. */
static int find_ranges(struct mr_job_run *r, struct mr_error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        bytes += r->reduced[i].size;
    bool parts = r->output.directory, top = r->config->top != MR_ALL;
    size_t ranges = top ? 1 : parts ? r->plan.reducers : mr_plan_ranges(&r->plan, bytes);
    free(r->bounds);
    r->bounds = calloc(ranges + 1, sizeof *r->bounds); /* never none */
    if (r->bounds == NULL)
        return mr_error_memory(err, ranges * sizeof *r->bounds, "the output's ranges");
    if (!top && !parts) {
        int bounds = mr_ranges_find(r->bounds, ranges, r->runs, r->plan.reducers, r->store,
                                    r->plan.write.order, err);
        if (bounds < 0)
            return -1;
        ranges = (size_t)bounds + 1;
    }
    r->range_count = ranges;
    r->text_count = parts ? r->plan.reducers : ranges;
    return 0;
}

static int plan_ranges(struct mr_job_run *r, struct mr_error *err)
{
    bool parts = r->output.directory, top = r->config->top != MR_ALL;
    size_t ranges = r->range_count;
    r->texts = mr_memory_get_shared(r->text_count * sizeof *r->texts);
    r->written = mr_memory_get_shared(ranges * sizeof *r->written);
    r->ranges = calloc(ranges, sizeof *r->ranges);
    if (!r->texts || !r->written || !r->ranges)
        return mr_error_memory(err, ranges * sizeof *r->ranges, "the output's ranges");
    for (size_t i = 0; i < ranges; i++) {
        bool one_part = parts && !top;
        r->ranges[i] = (struct mr_write_range){
            .files = one_part ? &r->runs[i] : r->runs,
            .file_count = one_part ? 1 : r->plan.reducers,
            .from = parts || i == 0 ? NULL : &r->bounds[i - 1],
            .until = parts || i + 1 == ranges ? NULL : &r->bounds[i],
            .limit = r->config->top,
            .spools = &r->texts[i],
            .number = (uint32_t)i,
            .apart = parts && top,
        };
    }
    struct mr_phase *phase = &r->phases[MERGE];
    *phase = (struct mr_phase){
        .arg = r, .at_once = r->plan.merge_at_once, .wake = -1, .ready = ready, .begin = begin,
        .work = work, .commit = commit, .discard = discard, .lost = lost,
        .describe = describe, .traits = traits,
    };
    if (mr_schedule_init(&phase->tasks, ranges + r->text_count, r->supervisor.max_attempts,
                         err) < 0)
        return -1;
    mr_schedule_add(&phase->tasks, ranges + r->text_count);
    return 0;
}

int mr_merge_phase_prepare(struct mr_job_run *r, struct mr_error *err)
{
    if (read_runs(r, err) < 0)
        return -1;
    /* The ranges stay as they are when runs were made again: a part may be written already. */
    if (r->ranges != NULL)
        return 0;
    return find_ranges(r, err) < 0 ? -1 : plan_ranges(r, err);
}

/* ---- the end ---------------------------------------------------------------------------- */

/* All that was kept must have been written. */
static int check_written(const struct mr_job_run *r, struct mr_error *err)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        kept += r->reductions[i].kept;
    uint64_t wanted = kept < r->config->top ? kept : r->config->top;
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
    mr_job_drop(r, r->texts, r->text_count);
    for (size_t i = 0; r->runs != NULL && i < r->plan.reducers; i++)
        free(r->runs[i].at);
    mr_memory_release(r->texts, r->text_count * sizeof *r->texts);
    mr_memory_release(r->written, r->range_count * sizeof *r->written);
    free(r->runs);
    free(r->bounds);
    free(r->ranges);
    mr_schedule_free(&r->phases[MERGE].tasks);
}
