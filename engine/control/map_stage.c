/* The map stage. */
#include "control/map_stage.h"

#include "base/error.h"
#include "base/event.h"
#include "base/message.h"
#include "control/skip.h"
#include "write/part_writer.h"

#include <stdio.h>

enum {
    STREAM_TASKS = 1 << 18 /* map tasks for streams at most */
};

static bool is_feeder(const struct mr_map_stage *m, size_t task)
{
    return task < m->feeders;
}

/* A map task's number: its place among the shuffle files. */
static size_t number_of(const struct mr_map_stage *m, size_t task)
{
    return task - m->feeders;
}

/* The same among those that read streams. */
static int64_t feed_task(const struct mr_map_stage *m, size_t task)
{
    return (int64_t)(number_of(m, task) - m->splits.count);
}

/* Whether a map task reads streams. */
static bool is_fed(const struct mr_map_stage *m, size_t task)
{
    return task >= m->feeders + m->splits.count;
}

/* Adds a task, with its first slot, as long as there are full slots and not all mappers are busy
 * with streams. */
static bool grow(void *self)
{
    struct mr_map_stage *m = self;
    struct mr_stage *s = &m->stage;
    /* Whether the feeder has ended must be known before the slots are looked at: it fills them
     * before it ends. */
    bool going_on = s->phase.tasks.at[0].state != MR_TASK_DONE;
    while (m->feeding < m->plan->map_at_once && s->count < s->capacity &&
           mr_feed_take(&m->feed, feed_task(m, s->count))) {
        mr_stage_add_task(s);
        m->feeding++;
    }
    return going_on;
}

/* Says that there are more tasks than may be. Returns -1. */
static int too_long(const struct mr_map_stage *m, struct mr_error *err)
{
    size_t first = 0, others = 0;
    while (!m->sources->at[first].stream)
        first++;
    for (size_t i = first + 1; i < m->sources->count; i++)
        others += m->sources->at[i].stream;
    mr_error_set(err, "cannot read all of '%s'%s: it is more than %d map tasks take; give more "
                      "memory with -S, or a file", mr_source_name(&m->sources->at[first]),
                 others ? " and the streams after it" : "", STREAM_TASKS);
    return mr_error_final(err);
}

/* Maps what a task reads; what it makes goes to sink, or, where that is NULL, to its file. */
static int map(struct mr_map_stage *m, size_t task, struct mr_direct_sink *sink,
               _Atomic uint64_t *progress, struct mr_error *err)
{
    size_t number = number_of(m, task);
    struct mr_map_input input = { .counters = mr_stage_counters(&m->stage, task),
                                  .mark = mr_stage_mark(&m->stage, task),
                                  .bad = &m->stage.all->bad };
    if (is_fed(m, task) && task + 1 == m->stage.capacity)
        return too_long(m, err); /* this one is there to say so */
    if (is_fed(m, task)) {
        input.feed = &m->feed;
        input.feed_task = feed_task(m, task);
    } else {
        input.pieces = m->splits.pieces + m->splits.at[number].first;
        input.count = m->splits.at[number].count;
    }
    struct mr_map_plan plan = m->plan->map;
    plan.result.sink = sink;
    if (m->weighs)
        plan.result.scale = plan.result.sorter.runs.scale = m->plan->write.scale;
    return mr_map_run(m->job, m->state, &plan, &input, (uint32_t)number,
                      &m->stage.files[task], m->stage.all->store, mr_stage_result(&m->stage, task),
                      progress, err);
}

/* The same for a task that writes what it makes to the output. */
static int map_to_output(struct mr_map_stage *m, size_t task, _Atomic uint64_t *progress,
                         struct mr_error *err)
{
    struct mr_mapped *mapped = mr_stage_result(&m->stage, task);
    struct mr_part_writer part;
    mr_part_writer_init(&part, &m->plan->write, m->output, (uint32_t)number_of(m, task), progress);
    int status = map(m, task, &part.sink, progress, err);
    if (status == 0)
        status = mr_part_writer_finish(&part, &mapped->written, err);
    mr_part_writer_release(&part);
    return status;
}

static int work(void *self, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_map_stage *m = self;
    if (is_feeder(m, task))
        return mr_feed_run(&m->feed, m->sources, m->stage.all->store, progress, err);
    return m->output ? map_to_output(m, task, progress, err) : map(m, task, NULL, progress, err);
}

/* The slots that a task held are free for the feeder again. */
static int committed(void *self, size_t task, struct mr_error *err)
{
    struct mr_map_stage *m = self;
    if (is_feeder(m, task)) {
        m->stage.phase.at_once--;
        return 0;
    }
    if (!is_fed(m, task))
        return 0;
    m->feeding--;
    return mr_feed_release(&m->feed, feed_task(m, task), m->stage.all->store, err);
}

/* A chunk that a mapper died in: the next attempt will tell at which record. Where that one will be
 * passed over, this attempt does not count. */
static int suspect(struct mr_map_stage *m, const struct mr_mark *mark, unsigned may_skip,
                   struct mr_error *err)
{
    struct mr_bad_records *bad = &m->stage.all->bad;
    struct mr_error ignored;
    const struct mr_span *s = &mark->span;
    if (!mark->job_failed)
        mr_error_suffix(err, ", in the job's map of '%s', bytes %llu to %llu",
                        mr_source_name(&m->sources->at[s->source]),
                        (unsigned long long)s->offset, (unsigned long long)s->offset + s->size);
    return mr_bad_suspect(bad, s, &ignored) > 0 && bad->suspect_count <= may_skip;
}

static int pass_over(struct mr_map_stage *m, size_t task, struct mr_mark *mark,
                     struct mr_error *err)
{
    const struct mr_span *s = &mark->span;
    struct mr_bad_record record = { .task = number_of(m, task), .span = *s,
                                    .excerpt = mark->excerpt,
                                    .excerpt_size = mark->excerpt_size };
    mr_message(record.why, sizeof record.why, "%s", err->text);
    mr_error_suffix(err, ", in the job's map of the record at byte %llu of '%s' (%llu bytes)",
                    (unsigned long long)s->offset, mr_source_name(&m->sources->at[s->source]),
                    (unsigned long long)s->size);
    return mr_skip_record(m->stage.all, &record, err);
}

static int crashed(void *self, size_t task, struct mr_error *err)
{
    struct mr_map_stage *m = self;
    struct mr_mark *mark = mr_stage_mark(&m->stage, task);
    unsigned may_skip = m->stage.all->supervisor->config->skip_bad_records;
    if (mark == NULL || mark->running == MR_IN_ENGINE || (mark->job_failed && may_skip == 0))
        return 0;
    if (mark->running == MR_IN_REDUCE)
        return mr_skip_key(m->stage.all, mark, true, number_of(m, task), err);
    if (mark->running == MR_IN_COMBINE) {
        mr_error_suffix(err, ", in the job's combine_values");
        return 0;
    }
    return mark->exact ? pass_over(m, task, mark, err) : suspect(m, mark, may_skip, err);
}

static void describe(void *self, size_t task, char *text, size_t size)
{
    const struct mr_map_stage *m = self;
    if (is_feeder(m, task)) {
        mr_message(text, size, "reading standard input or another stream");
        return;
    }
    size_t number = number_of(m, task);
    if (is_fed(m, task)) {
        mr_message(text, size, "map task %zu (a part of a stream)", number);
        return;
    }
    const struct mr_split *split = &m->splits.at[number];
    const struct mr_piece *piece = &m->splits.pieces[split->first];
    const char *name = mr_source_name(piece->source);
    if (split->count > 1)
        mr_message(text, size, "map task %zu ('%s' and %zu files after it)", number, name,
                 split->count - 1);
    else
        mr_message(text, size, "map task %zu ('%s', bytes %llu to %llu)", number, name,
                 (unsigned long long)mr_piece_from(piece), (unsigned long long)mr_piece_to(piece));
}

/* What the feeder has read of a stream cannot be read again; and it may wait for who writes it. */
static int traits(void *self, size_t task)
{
    return is_feeder(self, task) ? MR_ONCE | MR_PATIENT | MR_ASIDE : 0;
}

/* A task of a stream cannot be done again once its slots were given back to the feeder. */
static bool repeatable(void *self, size_t task)
{
    return !is_feeder(self, task) && !is_fed(self, task);
}

static void measure(const void *self, size_t task, struct mr_event *event)
{
    const struct mr_map_stage *m = self;
    const struct mr_mapped *mapped = mr_stage_result(&m->stage, task);
    event->bytes = mapped->result.bytes;
    event->records = m->output ? mapped->written.records : mapped->result.records;
}

/* Warns of text that seems to be UTF-16 or UTF-32 and was counted as bytes. */
static void warn_unmarked(struct mr_map_stage *m)
{
    const struct mr_config *config = m->stage.all->supervisor->config;
    const struct mr_map_result *first = NULL;
    uint64_t count = 0;
    char others[64] = "";
    for (size_t i = m->feeders; i < m->stage.count; i++) {
        const struct mr_map_result *result = mr_stage_result(&m->stage, i);
        count += result->unmarked;
        if (result->unmarked && (!first || result->unmarked_source < first->unmarked_source))
            first = result;
    }
    if (first == NULL || m->warned)
        return;
    m->warned = true;
    if (count > 1)
        snprintf(others, sizeof others, ", as in %llu more file%s", (unsigned long long)count - 1,
                 count > 2 ? "s" : "");
    const char *encoding = mr_unmarked_encoding((enum mr_unmarked)first->unmarked_as);
    mr_event_say(config, MR_WARNING,
                 "warning: '%s' is counted as it is, but begins as text in %s does%s: if it is "
                 "that, --encoding=%s decodes it",
                 mr_source_name(&m->sources->at[first->unmarked_source]), encoding, others,
                 encoding);
}

/* Where map tasks sort, what was emitted must be in their runs. */
static int check_sorted(const struct mr_map_stage *m, mr_total sorted, struct mr_error *err)
{
    if (!mr_map_sorts(&m->plan->map) || m->plan->reduce.top != MR_ALL || sorted == m->emitted)
        return 0;
    mr_error_set(err, "internal error: %llu were mapped but %llu sorted; no output is written",
                 (unsigned long long)mr_total_clamp(m->emitted),
                 (unsigned long long)mr_total_clamp(sorted));
    return mr_error_final(err);
}

static int finish(void *self, struct mr_error *err)
{
    struct mr_map_stage *m = self;
    struct mr_report *report = m->stage.all->report;
    mr_total sorted = 0;
    report->input_bytes = report->shuffled = 0;
    m->emitted = 0;
    m->records = m->digest = 0;
    for (size_t i = m->feeders; i < m->stage.count; i++) {
        const struct mr_map_result *result = mr_stage_result(&m->stage, i);
        report->input_bytes += result->bytes;
        m->emitted += result->emitted;
        sorted += result->sorted;
        m->digest += result->digest;
        m->records += result->records;
        report->shuffled += m->output ? 0 : m->stage.files[i].size;
    }
    report->emitted = mr_total_clamp(m->emitted);
    report->records = m->records;
    report->map_tasks = mr_map_stage_count(m);
    warn_unmarked(m);
    mr_feed_free(&m->feed, m->stage.all->store);
    m->stage.phase.wake = -1; /* should tasks be done again, nobody rings any more */
    return check_sorted(m, sorted, err);
}

/* The splits are in order, and so are the shares of streams: the two are merged. */
void mr_map_stage_order(const struct mr_map_stage *m, uint32_t *order)
{
    size_t count = mr_map_stage_count(m), split = 0, share = m->splits.count;
    for (size_t i = 0; i < count; i++) {
        bool shares_next = split == m->splits.count ||
                           (share < count && mr_map_stage_result(m, share)->result.source <
                                                 mr_map_stage_result(m, split)->result.source);
        order[i] = (uint32_t)(shares_next ? share++ : split++);
    }
}

int mr_map_stage_init(struct mr_map_stage *m, struct mr_stages *all, const struct mr_job *job,
                      const void *state, const struct mr_plan *plan,
                      const struct mr_sources *sources, struct mr_error *err)
{
    size_t streams = sources->streams;
    *m = (struct mr_map_stage){
        .stage = { .name = "map", .self = m, .at_once = plan->map_at_once + (unsigned)streams,
                   .makes_files = true, .result_size = sizeof(struct mr_mapped),
                   .bytes = streams ? 0 : sources->bytes,
                   .grow = streams ? grow : NULL, .wake = -1, .work = work,
                   .describe = describe, .traits = traits, .committed = committed,
                   .repeatable = repeatable, .crashed = crashed, .measure = measure,
                   .finish = finish },
        .job = job, .state = state, .plan = plan, .sources = sources, .feeders = streams,
    };
    mr_stages_add(all, &m->stage);
    if (mr_splits_plan(&m->splits, sources, plan->split_size, err) < 0)
        return -1;
    if (streams && mr_feed_init(&m->feed, plan->slots, plan->slot_share, plan->slot_size,
                                mr_plan_is_ordered(plan, job), err) < 0)
        return -1;
    if (streams)
        m->stage.wake = m->feed.rung;
    size_t count = m->feeders + m->splits.count;
    return mr_stage_make_tasks(&m->stage, count, count + (streams ? STREAM_TASKS + 1 : 0),
                               err);
}

void mr_map_stage_release(struct mr_map_stage *m)
{
    mr_feed_free(&m->feed, m->stage.all ? m->stage.all->store : NULL);
    mr_splits_free(&m->splits);
}
