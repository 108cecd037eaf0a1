/* The merge stage. */
#include "control/merge_stage.h"

#include "base/error.h"
#include "base/io.h"
#include "base/message.h"
#include "control/reduce_stage.h"
#include "write/run_survey.h"

#include <stdlib.h>

/* ---- tasks ------------------------------------------------------------------------------ */

static int work(void *self, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_merge_stage *m = self;
    const struct mr_write_plan *plan = &m->plan->write;
    const struct mr_store *store = m->stage.all->store;
    if (mr_write_run(plan, &m->ranges[task], store, m->output, mr_stage_result(&m->stage, task),
                     progress, err) == 0)
        return 0;
    mr_survey_runs(plan, &m->ranges[task], store, progress, err);
    return -1;
}

static void describe(void *self, size_t task, char *text, size_t size)
{
    const struct mr_merge_stage *m = self;
    mr_message(text, size, "merge task %zu (range %zu of %zu, to the output)", task, task + 1,
             m->stage.count);
}

static bool to_stream(const struct mr_merge_stage *m)
{
    return m->output->kind == MR_OUTPUT_STREAM;
}

/* When a process dies while it writes a piece to a stream, nobody knows how much of it was taken,
 * so the piece cannot be written again. And a stream's reader may be slow. */
static int traits(void *self, size_t task)
{
    const struct mr_merge_stage *m = self;
    (void)task;
    if (!to_stream(m))
        return 0;
    return MR_SPARED | (mr_output_is_sending(m->output) ? MR_ONCE | MR_PATIENT : 0);
}

/* ---- planning --------------------------------------------------------------------------- */

/* A task of the stage before: its file of runs, where the list of these stands, and how many
 * records of the result the task has made. */
struct maker {
    struct mr_spool *file;
    uint32_t task;
    struct mr_block_link runs;
    uint64_t kept;
    const struct mr_write_result *written; /* to its part, where it has written that itself */
};

static size_t makers(const struct mr_merge_stage *m)
{
    return m->maps ? mr_map_stage_count(m->maps) : mr_stage_before(&m->stage)->count;
}

/* The makers in order: without reducers, in that of the input. */
static struct maker maker(const struct mr_merge_stage *m, size_t i)
{
    const struct mr_stage *before = mr_stage_before(&m->stage);
    if (m->maps == NULL) {
        const struct mr_reduced *reduced = mr_stage_result(before, i);
        return (struct maker){ &before->files[i], (uint32_t)i, reduced->result.runs,
                               reduced->result.kept, &reduced->written };
    }
    uint32_t task = m->order ? m->order[i] : (uint32_t)i;
    const struct mr_mapped *mapped = mr_map_stage_result(m->maps, task);
    return (struct maker){ &mr_map_stage_files(m->maps)[task], task, mapped->result.runs,
                           mapped->result.kept, &mapped->written };
}

static int find_order(struct mr_merge_stage *m, struct mr_error *err)
{
    size_t bytes = (makers(m) + 1) * sizeof *m->order; /* never none */
    free(m->order);
    m->order = malloc(bytes);
    if (m->order == NULL)
        return mr_error_memory(err, bytes, "the order of map tasks");
    mr_map_stage_order(m->maps, m->order);
    return 0;
}

static int read_runs(struct mr_merge_stage *m, struct mr_error *err)
{
    const struct mr_stages *all = m->stage.all;
    size_t count = makers(m), damaged = 0;
    if (m->maps && find_order(m, err) < 0)
        return -1;
    if (m->runs == NULL)
        m->runs = calloc(count + 1, sizeof *m->runs); /* never none */
    if (m->runs == NULL)
        return mr_error_memory(err, count * sizeof *m->runs, "the runs");
    for (size_t i = 0; i < count; i++) {
        struct maker made = maker(m, i);
        if (mr_signals_check(all->supervisor->signals, err) < 0)
            return -1;
        free(m->runs[i].at);
        if (mr_runs_read(&m->runs[i], made.file, all->store, made.task, made.runs, err) == 0)
            continue;
        if (!mr_spool_mark_damaged(made.file, err)) /* all that are, are made again together */
            return -1;
        damaged++;
    }
    return damaged > 0 ? -1 : 0;
}

static uint64_t weight_of(const struct mr_merge_stage *m, size_t maker)
{
    uint64_t weight = 0;
    for (size_t i = 0; i < m->runs[maker].count; i++)
        weight += m->runs[maker].at[i].weight;
    return weight;
}

/* Bytes of the whole output, where it has been weighed. */
static uint64_t output_size(const struct mr_merge_stage *m)
{
    uint64_t size = 0;
    for (size_t i = 0; i < makers(m); i++)
        size += weight_of(m, i);
    return size;
}

static bool to_parts(const struct mr_merge_stage *m)
{
    return m->output->kind == MR_OUTPUT_DIRECTORY;
}

/* Whether makers have written all themselves; where there are none, an empty part is missing. */
static bool is_written(const struct mr_merge_stage *m)
{
    return mr_plan_makers_write(m->plan) && makers(m) > 0;
}

/* Then the records have no weights: a line's size was not known before all was counted. */
static bool shows_shares(const struct mr_merge_stage *m)
{
    return m->plan->percent || m->plan->others;
}

/* How many ranges there are at most: of an output directory, one a partition or maker. */
static size_t most_ranges(const struct mr_merge_stage *m)
{
    uint64_t bytes = 0;
    size_t count = makers(m) ? makers(m) : 1;
    if (m->output->kind == MR_OUTPUT_NONE)
        return 0; /* no text is wanted */
    for (size_t i = 0; i < makers(m); i++)
        bytes += maker(m, i).file->size;
    if (to_parts(m) && !mr_plan_parts_by_maker(m->plan))
        return m->plan->reducers;
    if (m->top != MR_ALL || to_stream(m) || (shows_shares(m) && !to_parts(m)))
        return 1;
    size_t ranges = to_parts(m) ? count : mr_plan_ranges(m->plan, bytes);
    return m->plan->in_sequence && ranges > count ? count : ranges;
}

/* Finds the bounds between ranges. Returns how many ranges there are, or 0 on failure. */
static size_t find_bounds(struct mr_merge_stage *m, size_t ranges, struct mr_error *err)
{
    free(m->bounds);
    m->bounds = calloc(ranges + 1, sizeof *m->bounds); /* never none */
    if (m->bounds == NULL) {
        mr_error_memory(err, ranges * sizeof *m->bounds, "the output's ranges");
        return 0;
    }
    if (ranges == 1 || mr_plan_parts_by_maker(m->plan))
        return ranges;
    if (m->top != MR_ALL)
        return 1;
    int bounds = mr_ranges_find(m->bounds, ranges, m->runs, makers(m), m->plan->write.run_payload,
                                m->stage.all->store, m->plan->write.order, err);
    return bounds < 0 ? 0 : (size_t)bounds + 1;
}

/* Ranges of the total order. */
static void cut_order(struct mr_merge_stage *m, size_t ranges)
{
    for (size_t i = 0; i < ranges; i++)
        m->ranges[i] = (struct mr_write_range){
            .files = m->runs,
            .file_count = makers(m),
            .from = i == 0 ? NULL : &m->bounds[i - 1],
            .until = i + 1 == ranges ? NULL : &m->bounds[i],
            .limit = m->top,
            .part = (uint32_t)i,
        };
}

/* What one maker each has made; or all, by one task, where only the first of all are wanted. */
static void cut_by_maker(struct mr_merge_stage *m, size_t ranges)
{
    bool top = m->top != MR_ALL;
    for (size_t i = 0; i < ranges; i++)
        m->ranges[i] = (struct mr_write_range){
            .files = &m->runs[i],
            .file_count = top ? makers(m) : 1,
            .limit = m->top,
            .part = (uint32_t)i,
            .part_a_file = top,
        };
}

/* Ranges of what is in order already: of about equal bytes, or of a maker each. */
static void cut_sequence(struct mr_merge_stage *m, size_t ranges)
{
    uint64_t all = output_size(m), before = 0;
    size_t next = 0, count = makers(m);
    for (size_t i = 0; i < ranges; i++) {
        size_t first = next, last = i + 1 < ranges ? next + 1 : count;
        uint64_t start = before, until = (uint64_t)((unsigned __int128)all * (i + 1) / ranges);
        /* Each range after it is to have one, too. */
        while (next < count && (next < last || (!to_parts(m) && before < until &&
                                                count - next > ranges - i - 1)))
            before += weight_of(m, next++);
        m->ranges[i] = (struct mr_write_range){
            .files = &m->runs[first],
            .file_count = next - first,
            .in_sequence = true,
            .start = to_parts(m) ? 0 : start, /* each part has its own beginning */
            .limit = m->top,
            .part = (uint32_t)i,
            .part_a_file = mr_plan_parts_by_maker(m->plan) && m->top != MR_ALL,
        };
    }
}

/* Tells ranges what shares are of, and the last one what there is of others. */
static void plan_shares(const struct mr_merge_stage *m, size_t ranges)
{
    mr_total all = 0, others = 0;
    if (m->plan->reduce.group_totals) { /* there is one range */
        m->ranges[0].shares_of_groups = m->plan->percent;
        m->ranges[0].others_of_groups = m->plan->others;
        return;
    }
    bool some = to_parts(m) && m->top == MR_ALL; /* each range has a part's records alone */
    for (size_t i = 0; i < makers(m); i++) {
        const struct mr_reduce_result *reduced = mr_stage_result(mr_stage_before(&m->stage), i);
        all += reduced->sum - reduced->dropped;
        others += reduced->others;
    }
    for (size_t i = 0; m->plan->percent && i < ranges; i++)
        m->ranges[i].shares_of = all;
    if (m->plan->others) {
        m->ranges[ranges - 1].others = some ? others : all;
        m->ranges[ranges - 1].less_written = !some;
    }
}

static int plan_ranges(struct mr_merge_stage *m, struct mr_error *err)
{
    size_t most = most_ranges(m), ranges = most;
    if (most > 0 && !m->plan->in_sequence && (ranges = find_bounds(m, most, err)) == 0)
        return -1;
    if (m->plan->in_sequence && to_parts(m) && m->top != MR_ALL)
        ranges = 1; /* the first records of all come from any makers */
    if (!to_parts(m))
        most = ranges; /* but there are as many parts as were asked for: the last may be empty */
    m->ranges = calloc(most + 1, sizeof *m->ranges); /* never none */
    if (m->ranges == NULL)
        return mr_error_memory(err, ranges * sizeof *m->ranges, "the output's ranges");
    if (m->plan->in_sequence)
        cut_sequence(m, ranges);
    else if (mr_plan_parts_by_maker(m->plan))
        cut_by_maker(m, ranges);
    else
        cut_order(m, ranges);
    if (shows_shares(m))
        plan_shares(m, most);
    for (size_t i = ranges; i < most; i++)
        m->ranges[i].part = (uint32_t)i;
    return mr_stage_make_tasks(&m->stage, most, most, err);
}

static int prepare(void *self, struct mr_error *err)
{
    struct mr_merge_stage *m = self;
    if (is_written(m))
        return mr_stage_make_tasks(&m->stage, 0, 0, err); /* there are no runs */
    if (read_runs(m, err) < 0)
        return -1;
    /* The ranges stay as they are when runs were made again: some may be written already. What is
     * written has nothing to be committed or discarded: it is where it belongs, or another attempt
     * writes over it. */
    if (m->ranges != NULL)
        return 0;
    if (plan_ranges(m, err) < 0)
        return -1;
    return mr_output_reserve(m->output, output_size(m), err);
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Each range must begin where the one before it ends, and the last end where all does. */
static bool joined(const struct mr_merge_stage *m)
{
    uint64_t end = 0;
    if (!mr_output_in_place(m->output) || m->top != MR_ALL || shows_shares(m) || is_written(m))
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
    for (size_t i = 0; i < makers(m); i++)
        kept += maker(m, i).kept;
    bool first_of_each = m->plan->reduce.order.by_group && m->top != MR_ALL;
    uint64_t wanted = first_of_each ? records : kept < m->top ? kept : m->top;
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

/* Syncs a file to the disk step by step, and ends when a signal has come. */
static int settle(const struct mr_merge_stage *m, uint64_t size, struct mr_error *err)
{
    for (uint64_t at = 0; at + MR_SYNC_STEP < size; at += MR_SYNC_STEP) {
        if (mr_output_sync_step(m->output, at, err) < 0 ||
            mr_signals_check(m->stage.all->supervisor->signals, err) < 0)
            return -1;
    }
    return 0;
}

static void measure(const void *self, size_t task, struct mr_event *event)
{
    const struct mr_merge_stage *m = self;
    const struct mr_write_result *written = mr_stage_result(&m->stage, task);
    event->bytes = written->bytes;
    event->records = written->records;
}

static int listen(void *arg, struct mr_error *err)
{
    return mr_signals_check(arg, err);
}

/* Hands all of the result over to the program, if it wants that; *records is how many these are. */
static int hand_over(const struct mr_merge_stage *m, uint64_t *records, struct mr_error *err)
{
    const struct mr_config *config = m->stage.all->supervisor->config;
    struct mr_write_range all = { .files = m->runs, .file_count = makers(m),
                                  .in_sequence = m->plan->in_sequence, .limit = m->top };
    struct mr_receiver receiver = { .take = config->result, .arg = config->result_arg,
                                    .memory = m->plan->memory, .listen = listen,
                                    .listen_arg = m->stage.all->supervisor->signals };
    if (config->result == NULL)
        return 0;
    return mr_write_hand_over(&m->plan->write, &all, m->stage.all->store, &receiver, records, err);
}

/* What all tasks that write to the output have written. */
static struct mr_write_result sum_written(const struct mr_merge_stage *m)
{
    struct mr_write_result sum = { .from = 0 };
    bool by_makers = is_written(m);
    size_t count = by_makers ? makers(m) : m->stage.count;
    for (size_t i = 0; i < count; i++) {
        const struct mr_write_result *written =
            by_makers ? maker(m, i).written : mr_stage_result(&m->stage, i);
        sum.records += written->records;
        sum.lines += written->lines;
        sum.bytes += written->bytes;
    }
    return sum;
}

static int finish(void *self, struct mr_error *err)
{
    const struct mr_merge_stage *m = self;
    struct mr_report *report = m->stage.all->report;
    struct mr_write_result sum = sum_written(m);
    report->merge_tasks = m->stage.count;
    report->output_bytes = sum.bytes;
    if (hand_over(m, &sum.records, err) < 0 || check_written(m, sum.records, err) < 0)
        return -1;
    report->written = m->output->kind == MR_OUTPUT_NONE ? sum.records : sum.lines;
    if ((m->output->kind == MR_OUTPUT_FILE && settle(m, report->output_bytes, err) < 0) ||
        (m->before_commit && m->before_commit(m->arg, err) < 0))
        return -1;
    return mr_output_commit(m->output, err);
}

void mr_merge_stage_init(struct mr_merge_stage *m, struct mr_stages *all,
                         const struct mr_map_stage *maps, const struct mr_plan *plan, uint64_t top,
                         struct mr_output *output)
{
    *m = (struct mr_merge_stage){
        .stage = { .name = "merge", .self = m, .at_once = plan->merge_at_once,
                   .result_size = sizeof(struct mr_write_result), .wake = -1,
                   .prepare = prepare, .work = work, .describe = describe, .traits = traits,
                   .measure = measure, .finish = finish },
        .maps = maps, .plan = plan, .top = top, .output = output,
    };
    mr_stages_add(all, &m->stage);
}

void mr_merge_stage_release(struct mr_merge_stage *m)
{
    for (size_t i = 0; m->runs != NULL && i < makers(m); i++)
        free(m->runs[i].at);
    free(m->runs);
    free(m->order);
    free(m->bounds);
    free(m->ranges);
}
