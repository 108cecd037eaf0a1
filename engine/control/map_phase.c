/* The map phase: a task for each split and each share of the streams, and one to feed these. */
#include "base/error.h"
#include "base/memory.h"
#include "control/job.h"
#include "input/reader.h"

#include <stdio.h>

enum {
    STREAM_TASKS = 1 << 18 /* map tasks for streams at most */
};

static bool is_feeder(const struct mr_job_run *r, size_t task)
{
    return task < r->feeders;
}

/* A map task's number: its place among the shuffle files. */
static size_t number_of(const struct mr_job_run *r, size_t task)
{
    return task - r->feeders;
}

/* Whether a map task reads streams. */
static bool is_fed(const struct mr_job_run *r, size_t number)
{
    return number >= r->splits.count;
}

/* A full slot that no mapper is there to take is a task that has come up. */
static bool grow(void *arg)
{
    struct mr_job_run *r = arg;
    struct mr_schedule *tasks = &r->phases[MAP].tasks;
    if (r->feeders == 0)
        return false;
    /* Whether the feeder has ended must be known before the slots are looked at: it fills them
     * before it ends. */
    bool feeding = tasks->at[0].state != MR_TASK_DONE;
    while (r->taking < r->plan.map_at_once && tasks->count < tasks->room &&
           mr_feed_take(&r->feed, (int64_t)r->map_tasks)) {
        r->map_tasks++;
        r->taking++;
        mr_schedule_add(tasks, 1);
    }
    return feeding;
}

static int begin(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    (void)err;
    if (is_feeder(r, task))
        return 0;
    size_t number = number_of(r, task);
    char name[32];
    snprintf(name, sizeof name, "map-%zu", number);
    mr_spool_create(&r->shuffles[number], r->store, name, mr_file_id(MAP, number));
    return 0;
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    if (is_feeder(r, task))
        return mr_feed_run(&r->feed, &r->sources, r->store, progress, err);
    size_t number = number_of(r, task);
    struct mr_map_input input = { NULL, 0, &r->feed };
    if (!is_fed(r, number)) {
        input.feed = NULL;
        input.pieces = r->splits.pieces + r->splits.at[number].first;
        input.count = r->splits.at[number].count;
    }
    return mr_map_run(r->job, r->state, &r->plan.map, &input, (uint32_t)number,
                      &r->shuffles[number], r->store, &r->mapped[number], progress, err);
}

static int stream_too_long(struct mr_error *err)
{
    mr_error_set(err, "standard input is too long: more than %d splits; give more memory with "
                      "-S, or a file", STREAM_TASKS);
    return mr_error_final(err);
}

/* Chaos strikes what can be made again. */
static void suffer(struct mr_job_run *r, size_t task)
{
    struct mr_supervisor *s = &r->supervisor;
    size_t number = number_of(r, task);
    if (!is_fed(r, number) && !mr_schedule_last_attempt(&r->phases[MAP].tasks, task) &&
        mr_chaos_strikes(&s->chaos))
        mr_chaos_damage(&s->chaos, &r->shuffles[number], r->store);
}

static int commit(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    if (is_feeder(r, task)) {
        r->phases[MAP].at_once--;
        return 0;
    }
    size_t number = number_of(r, task);
    if (mr_spool_commit(&r->shuffles[number], r->store, err) < 0 ||
        mr_resume_note(r, MAP, task, err) < 0)
        return -1;
    suffer(r, task);
    if (!is_fed(r, number))
        return 0;
    if (r->phases[MAP].tasks.count == r->phases[MAP].tasks.room)
        return stream_too_long(err);
    r->taking--;
    return mr_feed_release(&r->feed, (int64_t)number, r->store, err);
}

static void discard(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    if (!is_feeder(r, task))
        mr_spool_drop(&r->shuffles[number_of(r, task)], r->store);
}

static void describe(void *arg, size_t task, char *text, size_t room)
{
    struct mr_job_run *r = arg;
    size_t number = number_of(r, task);
    if (is_feeder(r, task)) {
        snprintf(text, room, "reading standard input or another stream");
        return;
    }
    if (is_fed(r, number)) {
        snprintf(text, room, "map task %zu (a part of a stream)", number);
        return;
    }
    const struct mr_split *split = &r->splits.at[number];
    const struct mr_piece *piece = &r->splits.pieces[split->first];
    const char *name = mr_source_name(piece->source);
    if (split->count > 1)
        snprintf(text, room, "map task %zu ('%s' and %zu files after it)", number, name,
                 split->count - 1);
    else
        snprintf(text, room, "map task %zu ('%s', bytes %llu to %llu)", number, name,
                 (unsigned long long)piece->start,
                 (unsigned long long)(piece->end == MR_TO_END ? piece->source->size
                                                              : piece->end));
}

/* What the feeder has read is gone, and it may wait for whoever writes. */
static int traits(void *arg, size_t task)
{
    return is_feeder(arg, task) ? MR_ONCE | MR_PATIENT : 0;
}

int mr_map_phase_plan(struct mr_job_run *r, struct mr_error *err)
{
    bool streams = r->sources.streams;
    if (mr_splits_plan(&r->splits, &r->sources, r->plan.split_size, err) < 0)
        return -1;
    if (streams && mr_feed_init(&r->feed, r->plan.slots, r->plan.slot_share, r->plan.slot_room,
                                err) < 0)
        return -1;
    r->feeders = streams;
    r->map_tasks = r->splits.count;
    r->map_room = r->splits.count + (streams ? STREAM_TASKS : 0) + 1; /* never empty */
    r->shuffles = mr_memory_get_shared(r->map_room * sizeof *r->shuffles);
    r->mapped = mr_memory_get_shared(r->map_room * sizeof *r->mapped);
    if (r->shuffles == NULL || r->mapped == NULL)
        return mr_error_memory(err, r->map_room * sizeof *r->shuffles, "the map tasks");
    struct mr_phase *phase = &r->phases[MAP];
    *phase = (struct mr_phase){
        .arg = r, .at_once = r->plan.map_at_once + (unsigned)r->feeders,
        .wake = streams ? r->feed.rung : -1, .grow = grow, .begin = begin, .work = work,
        .commit = commit, .discard = discard, .describe = describe, .traits = traits,
    };
    if (mr_schedule_init(&phase->tasks, r->feeders + r->splits.count +
                                            (streams ? STREAM_TASKS : 0),
                         r->supervisor.max_attempts, err) < 0)
        return -1;
    mr_schedule_add(&phase->tasks, r->feeders + r->splits.count);
    return 0;
}

int mr_map_phase_finish(struct mr_job_run *r, struct mr_error *err)
{
    struct mr_report *report = r->report;
    (void)err;
    report->input_bytes = report->emitted = report->shuffled = report->records = 0;
    for (size_t i = 0; i < r->map_tasks; i++) {
        report->input_bytes += r->mapped[i].bytes;
        report->emitted += r->mapped[i].emitted;
        report->shuffled += r->shuffles[i].size;
        report->records += r->mapped[i].records;
    }
    report->map_tasks = r->map_tasks;
    mr_feed_free(&r->feed, r->store);
    r->phases[MAP].wake = -1; /* should tasks be done again, nobody rings any more */
    return 0;
}

void mr_map_phase_release(struct mr_job_run *r)
{
    mr_feed_free(&r->feed, r->store);
    mr_job_drop(r, r->shuffles, r->map_tasks);
    mr_memory_release(r->shuffles, r->map_room * sizeof *r->shuffles);
    mr_memory_release(r->mapped, r->map_room * sizeof *r->mapped);
    mr_schedule_free(&r->phases[MAP].tasks);
    mr_splits_free(&r->splits);
}
