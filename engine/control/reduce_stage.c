/* The reduce stage. */
#include "control/reduce_stage.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/message.h"
#include "control/skip.h"
#include "reduce/values.h"
#include "write/part_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_order(struct mr_reduce_stage *r, struct mr_error *err)
{
    size_t bytes = (mr_map_stage_count(r->maps) + 1) * sizeof *r->order; /* never none */
    free(r->order);
    r->order = malloc(bytes);
    if (r->order == NULL)
        return mr_error_memory(err, bytes, "the order of map tasks");
    mr_map_stage_order(r->maps, r->order);
    return 0;
}

/* How many map tasks there are is known now. */
static int prepare(void *self, struct mr_error *err)
{
    struct mr_reduce_stage *r = self;
    if (mr_plan_is_ordered(r->plan, r->maps->job) && find_order(r, err) < 0)
        return -1;
    if (mr_plan_reducers(r->plan, mr_map_stage_count(r->maps), err) < 0)
        return -1;
    if (r->plan->reduce_at_once < r->stage.phase.at_once)
        r->stage.phase.at_once = r->plan->reduce_at_once;
    return 0;
}

/* Where a task is to rank what it keeps, from the beginning; NULL: nowhere. */
static struct mr_ranking *ranking_of(const struct mr_reduce_stage *r, size_t task)
{
    if (r->rankings != NULL)
        memset(&r->rankings[task], 0, sizeof *r->rankings);
    return r->rankings ? &r->rankings[task] : NULL;
}

/* Reduces a partition; what it makes goes to sink, or, where that is NULL, to the task's file. */
static int reduce(struct mr_reduce_stage *r, size_t task, struct mr_direct_sink *sink,
                  _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_reduce_plan plan = r->plan->reduce;
    const struct mr_bad_records *bad = &r->stage.all->bad;
    plan.first = plan.count * (uint32_t)task;
    plan.sink = sink;
    if (r->weighs)
        plan.scale = r->plan->write.scale;
    struct mr_shuffles shuffles = { mr_map_stage_files(r->maps),
                                    (uint32_t)mr_map_stage_count(r->maps), r->order,
                                    mr_sources_input_name,
                                    r->maps->sources, mr_stage_counters(&r->stage, task),
                                    mr_stage_mark(&r->stage, task), bad,
                                    r->suspect[task] || bad->count > 0, ranking_of(r, task),
                                    mr_key_head(plan.order) };
    return (mr_makes_bytes(r->maps->job) || plan.partials ? mr_reduce_values_run : mr_reduce_run)(
        r->maps->job, r->maps->state, &plan, &shuffles, (uint32_t)task, &r->stage.files[task],
        r->stage.all->store, mr_stage_result(&r->stage, task), progress, err);
}

/* The same for a task that writes what it makes to the output. */
static int reduce_to_output(struct mr_reduce_stage *r, size_t task, _Atomic uint64_t *progress,
                            struct mr_error *err)
{
    struct mr_reduced *reduced = mr_stage_result(&r->stage, task);
    struct mr_part_writer part;
    mr_part_writer_init(&part, &r->plan->write, r->output, (uint32_t)task, progress);
    int status = reduce(r, task, &part.sink, progress, err);
    if (status == 0)
        status = mr_part_writer_finish(&part, &reduced->written, err);
    mr_part_writer_release(&part);
    return status;
}

static int work(void *self, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_reduce_stage *r = self;
    return r->output ? reduce_to_output(r, task, progress, err)
                     : reduce(r, task, NULL, progress, err);
}

static void describe(void *self, size_t task, char *text, size_t size)
{
    const struct mr_reduce_stage *r = self;
    mr_message(text, size, "reduce task %zu (partition %zu of %zu)", task, task + 1,
             r->stage.count);
}

/* In which the job's reduce has crashed: the next attempt will tell at which key. Where that one
 * will be passed over, this attempt does not count. */
static int suspect(struct mr_reduce_stage *r, size_t task, struct mr_error *err)
{
    unsigned may_skip = r->stage.all->supervisor->config->skip_bad_records;
    bool known = r->suspect[task];
    mr_error_suffix(err, ", in the job's reduce");
    r->suspect[task] = true;
    return !known && r->stage.all->bad.count < may_skip;
}

static int crashed(void *self, size_t task, struct mr_error *err)
{
    struct mr_reduce_stage *r = self;
    struct mr_mark *mark = mr_stage_mark(&r->stage, task);
    if (mark == NULL || mark->running != MR_IN_REDUCE)
        return 0;
    if (!mark->exact)
        return suspect(r, task, err);
    return mr_skip_key(r->stage.all, mark, false, task, err);
}

/* What was emitted must be what was reduced; a sum tells, where values are only ever added. */
static int check_sum(const struct mr_reduce_stage *r, mr_total sum, struct mr_error *err)
{
    if (r->maps->job->combine != NULL || sum == r->maps->emitted)
        return 0;
    mr_error_set(err, "internal error: %llu were mapped but %llu reduced; no output is written",
                 (unsigned long long)mr_total_clamp(r->maps->emitted),
                 (unsigned long long)mr_total_clamp(sum));
    return mr_error_final(err);
}

/* The same for values that are bytes: how many were shuffled, and a digest of them. */
static int check_values(const struct mr_reduce_stage *r, mr_total count, uint64_t digest,
                        struct mr_error *err)
{
    if (count == r->maps->records && digest == r->maps->digest)
        return 0;
    mr_error_set(err, "internal error: %llu values were mapped, but %llu%s reduced; no output is "
                      "written", (unsigned long long)r->maps->records,
                 (unsigned long long)mr_total_clamp(count),
                 count == r->maps->records ? " others" : "");
    return mr_error_final(err);
}

static void measure(const void *self, size_t task, struct mr_event *event)
{
    const struct mr_reduce_stage *r = self;
    const struct mr_reduced *reduced = mr_stage_result(&r->stage, task);
    event->bytes = r->output ? reduced->written.bytes : r->stage.files[task].size;
    event->records = reduced->result.kept;
}

/* A name that is too long is cut at its beginning: ".../c.txt". */
static void name_file(const struct mr_sources *sources, struct mr_ranked *ranked)
{
    const char *name = mr_sources_input_name(sources, ranked->source);
    size_t size = name ? strlen(name) : 0, room = sizeof ranked->file - 1;
    if (size <= room)
        snprintf(ranked->file, room + 1, "%s", name ? name : "");
    else
        snprintf(ranked->file, room + 1, "...%s", name + size - (room - 3));
}

/* Adds up the rankings of all tasks that this run has done. */
static void rank(const struct mr_reduce_stage *r, struct mr_ranking *sum)
{
    if (r->rankings == NULL)
        return;
    *sum = (struct mr_ranking){ .all = 0 };
    for (size_t i = 0; i < r->stage.count; i++) {
        const struct mr_reduce_result *result = mr_stage_result(&r->stage, i);
        mr_ranking_add(sum, &r->rankings[i]);
        sum->missing += r->rankings[i].all != result->kept;
    }
    for (uint32_t i = 0; r->stage.all->supervisor->config->by_file && i < sum->first_count; i++)
        name_file(r->maps->sources, &sum->first[i]);
}

static int finish(void *self, struct mr_error *err)
{
    const struct mr_reduce_stage *r = self;
    struct mr_report *report = r->stage.all->report;
    mr_total sum = 0;
    uint64_t digest = 0;
    report->distinct = 0;
    for (size_t i = 0; i < r->stage.count; i++) {
        const struct mr_reduce_result *result = mr_stage_result(&r->stage, i);
        sum += result->sum;
        digest += result->digest;
        report->distinct += result->distinct;
    }
    if (r->stage.all->supervisor->config->skip_distinct)
        report->distinct = 0; /* of some it may not be known */
    report->reduce_tasks = r->stage.count;
    rank(r, r->stage.all->supervisor->config->ranking);
    return r->maps->job->values == MR_BYTES ? check_values(r, sum, digest, err)
                                            : check_sum(r, sum, err);
}

int mr_reduce_stage_init(struct mr_reduce_stage *r, struct mr_stages *all,
                         const struct mr_map_stage *maps, struct mr_plan *plan,
                         struct mr_output *output, bool weighs, struct mr_error *err)
{
    *r = (struct mr_reduce_stage){
        .stage = { .name = "reduce", .self = r, .at_once = plan->reduce_at_once,
                   .makes_files = true, .result_size = sizeof(struct mr_reduced),
                   .wake = -1, .prepare = prepare, .work = work, .describe = describe,
                   .measure = measure, .crashed = crashed, .finish = finish },
        .maps = maps, .plan = plan, .output = output, .weighs = weighs,
    };
    mr_stages_add(all, &r->stage);
    r->suspect = calloc(plan->reducers, sizeof *r->suspect);
    if (r->suspect == NULL)
        return mr_error_memory(err, plan->reducers, "the reduce tasks");
    size_t bytes = plan->reducers * sizeof *r->rankings;
    if (all->supervisor->config->ranking != NULL && !mr_makes_bytes(maps->job) &&
        (r->rankings = mr_memory_get_shared(bytes)) == NULL)
        return mr_error_memory(err, bytes, "the rankings of reduce tasks");
    return mr_stage_make_tasks(&r->stage, plan->reducers, plan->reducers, err);
}

void mr_reduce_stage_release(struct mr_reduce_stage *r)
{
    free(r->order);
    free(r->suspect);
    if (r->rankings != NULL)
        mr_memory_release(r->rankings, r->plan->reducers * sizeof *r->rankings);
}
