/* The merge stage. */
#include "control/merge_stage.h"

#include "base/error.h"
#include "base/io.h"
#include "base/message.h"

#include <stdlib.h>

/* ---- tasks ------------------------------------------------------------------------------ */

static int work(void *self, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_merge_stage *m = self;
    return mr_write_run(&m->plan->write, &m->ranges[task], m->stage.all->store, m->output,
                        mr_stage_result(&m->stage, task), progress, err);
}

static void describe(void *self, size_t task, char *text, size_t room)
{
    const struct mr_merge_stage *m = self;
    mr_message(text, room, "merge task %zu (range %zu of %zu, to the output)", task, task + 1,
             m->stage.count);
}

static bool to_stream(const struct mr_merge_stage *m)
{
    return m->output->kind == MR_OUTPUT_STREAM;
}

/* Nobody knows how much of a piece a stream has taken from a process that died while it gave it;
 * and a reader may be slow. */
static int traits(void *self, size_t task)
{
    const struct mr_merge_stage *m = self;
    (void)task;
    if (!to_stream(m))
        return 0;
    return MR_SPARED | (mr_output_is_sending(m->output) ? MR_ONCE | MR_PATIENT : 0);
}

/* ---- planning --------------------------------------------------------------------------- */

static size_t reducers(const struct mr_merge_stage *m)
{
    return mr_stage_before(&m->stage)->count;
}

static int read_runs(struct mr_merge_stage *m, struct mr_error *err)
{
    const struct mr_stage *reduce = mr_stage_before(&m->stage);
    if (m->runs == NULL)
        m->runs = calloc(reduce->count, sizeof *m->runs);
    if (m->runs == NULL)
        return mr_error_memory(err, reduce->count * sizeof *m->runs, "the runs");
    for (uint32_t i = 0; i < reduce->count; i++) {
        const struct mr_reduce_result *reduced = mr_stage_result(reduce, i);
        if (mr_signals_check(reduce->all->supervisor->signals, err) < 0)
            return -1;
        free(m->runs[i].at);
        if (mr_runs_read(&m->runs[i], &reduce->files[i], reduce->all->store, i, reduced->runs,
                         err) < 0)
            return -1;
    }
    return 0;
}

/* Cuts the merge: an output directory's parts by reducer, a file by ranges of the order. Returns
 * how many there are, or 0 on failure. */
static size_t find_ranges(struct mr_merge_stage *m, struct mr_error *err)
{
    const struct mr_stage *reduce = mr_stage_before(&m->stage);
    uint64_t bytes = 0;
    for (size_t i = 0; i < reduce->count; i++)
        bytes += reduce->files[i].size;
    bool parts = m->output->kind == MR_OUTPUT_DIRECTORY;
    bool whole = m->top != MR_ALL || to_stream(m);
    size_t ranges = whole ? 1 : parts ? reduce->count : mr_plan_ranges(m->plan, bytes);
    free(m->bounds);
    m->bounds = calloc(ranges + 1, sizeof *m->bounds); /* never none */
    if (m->bounds == NULL) {
        mr_error_memory(err, ranges * sizeof *m->bounds, "the output's ranges");
        return 0;
    }
    if (whole || parts)
        return ranges;
    int bounds = mr_ranges_find(m->bounds, ranges, m->runs, reduce->count, reduce->all->store,
                                m->plan->write.order, err);
    return bounds < 0 ? 0 : (size_t)bounds + 1;
}

static int plan_ranges(struct mr_merge_stage *m, size_t ranges, struct mr_error *err)
{
    bool parts = m->output->kind == MR_OUTPUT_DIRECTORY, top = m->top != MR_ALL;
    m->ranges = calloc(ranges, sizeof *m->ranges);
    if (m->ranges == NULL)
        return mr_error_memory(err, ranges * sizeof *m->ranges, "the output's ranges");
    for (size_t i = 0; i < ranges; i++) {
        bool one_part = parts && !top;
        m->ranges[i] = (struct mr_write_range){
            .files = one_part ? &m->runs[i] : m->runs,
            .file_count = one_part ? 1 : reducers(m),
            .from = parts || i == 0 ? NULL : &m->bounds[i - 1],
            .until = parts || i + 1 == ranges ? NULL : &m->bounds[i],
            .limit = m->top,
            .part = (uint32_t)i,
            .apart = parts && top,
        };
    }
    return mr_stage_make_tasks(&m->stage, ranges, ranges, err);
}

/* Bytes of the whole output, where the reducers have weighed it. */
static uint64_t output_size(const struct mr_merge_stage *m)
{
    uint64_t size = 0;
    for (size_t i = 0; i < reducers(m); i++)
        for (size_t k = 0; k < m->runs[i].count; k++)
            size += m->runs[i].at[k].weight;
    return size;
}

static int prepare(void *self, struct mr_error *err)
{
    struct mr_merge_stage *m = self;
    if (read_runs(m, err) < 0)
        return -1;
    /* The ranges stay as they are when runs were made again: some may be written already. What is
     * written has nothing to be committed or discarded: it is where it belongs, or another attempt
     * writes over it. */
    if (m->ranges != NULL)
        return 0;
    size_t ranges = find_ranges(m, err);
    if (ranges == 0 || plan_ranges(m, ranges, err) < 0)
        return -1;
    return mr_output_reserve(m->output, output_size(m), err);
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Each range must begin where the one before it ends, and the last end where all does. */
static bool joined(const struct mr_merge_stage *m)
{
    uint64_t end = 0;
    if (!mr_output_in_place(m->output) || m->top != MR_ALL)
        return true;
    for (size_t i = 0; i < m->stage.count; i++) {
        const struct mr_write_result *written = mr_stage_result(&m->stage, i);
        if (written->from != end)
            return false;
        end += written->bytes;
    }
    return end == output_size(m);
}

/* All that was kept must have been written. */
static int check_written(const struct mr_merge_stage *m, uint64_t records, struct mr_error *err)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < reducers(m); i++) {
        const struct mr_reduce_result *reduced = mr_stage_result(mr_stage_before(&m->stage), i);
        kept += reduced->kept;
    }
    uint64_t wanted = kept < m->top ? kept : m->top;
    if (!joined(m)) {
        mr_error_set(err, "internal error: the ranges of the output do not join");
        return mr_error_final(err);
    }
    if (records == wanted)
        return 0;
    mr_error_set(err, "internal error: %llu records were to be written but %llu were",
                 (unsigned long long)wanted, (unsigned long long)records);
    return mr_error_final(err);
}

/* Brings a file to the disk with an ear for signals. */
static int settle(const struct mr_merge_stage *m, uint64_t size, struct mr_error *err)
{
    for (uint64_t at = 0; at + MR_STEP < size; at += MR_STEP) {
        if (mr_output_settle(m->output, at, err) < 0 ||
            mr_signals_check(m->stage.all->supervisor->signals, err) < 0)
            return -1;
    }
    return 0;
}

static int finish(void *self, struct mr_error *err)
{
    const struct mr_merge_stage *m = self;
    struct mr_report *report = m->stage.all->report;
    report->merge_tasks = m->stage.count;
    report->written = report->output_bytes = 0;
    for (size_t i = 0; i < m->stage.count; i++) {
        const struct mr_write_result *written = mr_stage_result(&m->stage, i);
        report->written += written->records;
        report->output_bytes += written->bytes;
    }
    if (check_written(m, report->written, err) < 0 ||
        (m->output->kind == MR_OUTPUT_FILE && settle(m, report->output_bytes, err) < 0))
        return -1;
    return mr_output_commit(m->output, err);
}

void mr_merge_stage_init(struct mr_merge_stage *m, struct mr_stages *all,
                         const struct mr_plan *plan, uint64_t top, struct mr_output *output)
{
    *m = (struct mr_merge_stage){
        .stage = { .name = "merge", .self = m, .at_once = plan->merge_at_once,
                   .result_size = sizeof(struct mr_write_result), .wake = -1,
                   .prepare = prepare, .work = work, .describe = describe, .traits = traits,
                   .finish = finish },
        .plan = plan, .top = top, .output = output,
    };
    mr_stages_add(all, &m->stage);
}

void mr_merge_stage_release(struct mr_merge_stage *m)
{
    for (size_t i = 0; m->runs != NULL && i < reducers(m); i++)
        free(m->runs[i].at);
    free(m->runs);
    free(m->bounds);
    free(m->ranges);
}
