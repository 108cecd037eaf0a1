/*
 * A job from its inputs to its output: mr_run.
 *
 *     sources -> plan -> map phase -> reduce phase -> merge phase -> output committed
 *
 * Each phase is run by the supervisor with the callbacks below. Its tasks leave their results
 * in spools and small structs in shared memory, which the next phase's workers inherit.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/spool.h"
#include "control/janitor.h"
#include "control/plan.h"
#include "control/supervisor.h"
#include "input/feed.h"
#include "input/reader.h"
#include "input/source.h"
#include "input/split.h"
#include "sort/ranges.h"
#include "write/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    STREAM_TASKS = 1 << 18 /* map tasks for streams at most */
};

/* The map phase's task that reads the streams, where there are any. */
#define FEEDER SIZE_MAX

struct job_run {
    const struct mr_job *job;
    const void *state;
    const struct mr_config *config;
    struct mr_plan plan;
    struct mr_supervisor supervisor;
    struct mr_janitor janitor;
    struct mr_store *store;
    struct mr_sources sources;
    struct mr_report *report;

    /* map */
    struct mr_splits splits;
    struct mr_feed feed;
    bool feeding;        /* the feeder has not ended */
    bool fed;            /* it was started */
    size_t next_split;   /* not yet handed out */
    size_t map_tasks;    /* so far: first the splits, then the streams' */
    size_t map_room;
    unsigned mapping;    /* workers that map now */
    int *slot_of;        /* the slot of each stream task, by its number behind the splits */
    struct mr_spool *shuffles;
    struct mr_map_result *mapped;

    /* reduce */
    struct mr_spool *reduced; /* the reducers' runs */
    struct mr_reduce_result *reductions;
    size_t next_reduce;

    /* merge: first the ranges' merges, then as many writes */
    struct mr_runs *runs;
    struct mr_point *bounds;
    struct mr_write_range *ranges;
    struct mr_spool *texts;
    struct mr_write_result *written;
    bool *merged;
    size_t range_count, text_count, next_range, next_text;
    bool writing;
    struct mr_output output;
};

/* ---- the store -------------------------------------------------------------------------- */

static int make_store(struct job_run *r, struct mr_error *err)
{
    const char *parent = r->config->temp_dir;
    if (parent == NULL || *parent == '\0')
        parent = getenv("TMPDIR");
    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    r->store = mr_memory_get_shared(sizeof *r->store);
    if (r->store == NULL)
        return mr_error_memory(err, sizeof *r->store, "the job's state");
    r->store->allowed = r->plan.spool_memory;
    r->supervisor.spool_memory = &r->store->memory;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return mr_error_system(err, "cannot ask how many files may be open");
    /* A third of what may be open stays free for inputs and outputs. */
    r->store->fd_limit = (int)(files.rlim_cur < 3 << 16 ? files.rlim_cur / 3 * 2 : 1 << 17);
    char *name = r->store->directory;
    size_t room = sizeof r->store->directory;
    if ((size_t)snprintf(name, room, "%s/wc-mr.XXXXXX", parent) >= room) {
        *name = '\0';
        errno = ENAMETOOLONG;
    } else if (mkdtemp(name) != NULL) {
        return 0;
    }
    *name = '\0';
    mr_error_system(err, "cannot make a directory for temporary files in '%s' (choose another "
                         "place with -T)", parent);
    return mr_error_final(err);
}

/* What the janitor does: what release would have done to files. */
static void clean_up(void *arg)
{
    struct job_run *r = arg;
    mr_output_close(&r->output);
    mr_directory_remove(r->store->directory);
}

static void drop_spools(struct job_run *r, struct mr_spool *spools, size_t count)
{
    for (size_t i = 0; spools != NULL && i < count; i++)
        mr_spool_drop(&spools[i], r->store);
}

/* ---- map -------------------------------------------------------------------------------- */

static enum mr_next next_map(void *arg, size_t *task)
{
    struct job_run *r = arg;
    if (r->feeding && !r->fed) {
        r->fed = true;
        *task = FEEDER;
        return MR_NEXT_TASK;
    }
    if (r->mapping >= r->plan.map_at_once)
        return MR_NEXT_WAIT;
    if (r->next_split < r->splits.count) {
        *task = r->next_split++;
        return MR_NEXT_TASK;
    }
    /* Whether the feeder has ended must be known before the slots are looked at: it fills them
     * before it ends. */
    bool feeding = r->feeding;
    int slot = r->feed.slots ? mr_feed_take(&r->feed) : -1;
    if (slot < 0)
        return feeding ? MR_NEXT_WAIT : MR_NEXT_END;
    size_t number = r->map_tasks - r->splits.count;
    if (number < STREAM_TASKS) /* else begin_map refuses the task */
        r->slot_of[number] = slot;
    *task = r->map_tasks++;
    return MR_NEXT_TASK;
}

static int begin_map(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    if (task == FEEDER)
        return 0;
    if (task >= r->splits.count + STREAM_TASKS && r->sources.streams) {
        mr_error_set(err, "standard input is too long: more than %d splits; give more memory "
                          "with -S, or a file", STREAM_TASKS);
        return mr_error_final(err);
    }
    char name[48];
    snprintf(name, sizeof name, "map-%zu", task);
    mr_spool_create(&r->shuffles[task], r->store, name);
    r->mapping++;
    return 0;
}

static int work_map(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct job_run *r = arg;
    if (task == FEEDER)
        return mr_feed_run(&r->feed, &r->sources, r->store, progress, err);
    struct mr_map_input input = { NULL, 0, NULL };
    if (task < r->splits.count) {
        input.pieces = r->splits.pieces + r->splits.at[task].first;
        input.count = r->splits.at[task].count;
    } else {
        input.slot = &r->feed.slots[r->slot_of[task - r->splits.count]];
    }
    return mr_map_run(r->job, r->state, &r->plan.map, &input, (uint32_t)task, &r->shuffles[task],
                      r->store, &r->mapped[task], progress, err);
}

static int commit_map(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    if (task == FEEDER) {
        r->feeding = false;
        return 0;
    }
    r->mapping--;
    if (mr_spool_commit(&r->shuffles[task], r->store, err) < 0)
        return -1;
    r->report->input_bytes += r->mapped[task].bytes;
    r->report->emitted += r->mapped[task].emitted;
    r->report->shuffled += r->shuffles[task].size;
    r->report->records += r->mapped[task].records;
    if (task < r->splits.count)
        return 0;
    return mr_feed_free_slot(&r->feed, r->slot_of[task - r->splits.count], r->store, err);
}

static void discard_map(void *arg, size_t task)
{
    struct job_run *r = arg;
    if (task == FEEDER)
        return;
    r->mapping--;
    mr_spool_drop(&r->shuffles[task], r->store);
}

static void describe_map(void *arg, size_t task, char *text, size_t room)
{
    struct job_run *r = arg;
    if (task == FEEDER || task >= r->splits.count) {
        snprintf(text, room, task == FEEDER ? "reading streams" : "a part of a stream");
        return;
    }
    const struct mr_split *split = &r->splits.at[task];
    const struct mr_piece *piece = &r->splits.pieces[split->first];
    if (split->count > 1)
        snprintf(text, room, "%zu files from %s", split->count, mr_source_name(piece->source));
    else if (piece->end == MR_TO_END)
        snprintf(text, room, "%s", mr_source_name(piece->source));
    else
        snprintf(text, room, "%s, bytes %llu to %llu", mr_source_name(piece->source),
                 (unsigned long long)piece->start, (unsigned long long)piece->end);
}

/* The feeder cannot be tried again: what it has read is gone. */
static bool map_once(void *arg, size_t task)
{
    (void)arg;
    return task == FEEDER;
}

static int plan_input(struct job_run *r, struct mr_error *err)
{
    if (mr_sources_find(&r->sources, r->job, r->state, r->config, err) < 0 ||
        mr_plan_make(&r->plan, r->config, r->sources.bytes, r->sources.streams, err) < 0 ||
        mr_splits_plan(&r->splits, &r->sources, r->plan.split_size, err) < 0)
        return -1;
    if (r->sources.streams &&
        mr_feed_init(&r->feed, r->plan.slots, r->plan.slot_room, err) < 0)
        return -1;
    r->feeding = r->sources.streams;
    r->map_tasks = r->splits.count;
    /* One more: the arrays are never empty, and the task too many has a place to be refused. */
    r->map_room = r->splits.count + (r->sources.streams ? STREAM_TASKS : 0) + 1;
    r->shuffles = mr_memory_get_shared(r->map_room * sizeof *r->shuffles);
    r->mapped = mr_memory_get_shared(r->map_room * sizeof *r->mapped);
    r->slot_of = r->sources.streams ? malloc(STREAM_TASKS * sizeof *r->slot_of) : NULL;
    if (r->shuffles == NULL || r->mapped == NULL || (r->sources.streams && r->slot_of == NULL))
        return mr_error_memory(err, r->map_room * sizeof *r->shuffles, "the map tasks");
    return 0;
}

static int run_map(struct job_run *r, struct mr_error *err)
{
    struct mr_phase phase = {
        .name = "map", .arg = r, .at_once = r->plan.map_at_once + r->feeding,
        .wake = r->feeding ? r->feed.rung : -1, .next = next_map, .begin = begin_map,
        .work = work_map, .commit = commit_map, .discard = discard_map,
        .describe = describe_map, .once = map_once,
    };
    int result = mr_supervisor_run(&r->supervisor, &phase, err);
    r->report->map_tasks = r->map_tasks;
    mr_feed_free(&r->feed, r->store);
    return result;
}

/* ---- reduce ----------------------------------------------------------------------------- */

static enum mr_next next_reduce(void *arg, size_t *task)
{
    struct job_run *r = arg;
    if (r->next_reduce == r->plan.reducers)
        return MR_NEXT_END;
    *task = r->next_reduce++;
    return MR_NEXT_TASK;
}

static int begin_reduce(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    (void)err;
    char name[48];
    snprintf(name, sizeof name, "reduce-%zu", task);
    mr_spool_create(&r->reduced[task], r->store, name);
    return 0;
}

static int work_reduce(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct job_run *r = arg;
    struct mr_reduce_plan plan = r->plan.reduce;
    plan.first = plan.count * (uint32_t)task;
    return mr_reduce_run(r->job, r->state, &plan, r->shuffles, (uint32_t)r->map_tasks,
                         (uint32_t)task, &r->reduced[task], r->store, &r->reductions[task],
                         progress, err);
}

static int commit_reduce(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    r->report->distinct += r->reductions[task].distinct;
    return mr_spool_commit(&r->reduced[task], r->store, err);
}

static void discard_reduce(void *arg, size_t task)
{
    struct job_run *r = arg;
    mr_spool_drop(&r->reduced[task], r->store);
}

static void describe_reduce(void *arg, size_t task, char *text, size_t room)
{
    struct job_run *r = arg;
    snprintf(text, room, "partition %zu of %u", task, r->plan.reducers);
}

/* What was emitted must be what was reduced; a sum tells, as values are only ever added. */
static int check_sum(const struct job_run *r, struct mr_error *err)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        sum += r->reductions[i].sum;
    if (r->job->combine != NULL || sum == r->report->emitted)
        return 0;
    mr_error_set(err, "internal error: %llu were mapped but %llu reduced; no output is written",
                 (unsigned long long)r->report->emitted, (unsigned long long)sum);
    return mr_error_final(err);
}

static int run_reduce(struct job_run *r, struct mr_error *err)
{
    struct mr_phase phase = {
        .name = "reduce", .arg = r, .at_once = r->plan.reduce_at_once, .wake = -1,
        .next = next_reduce, .begin = begin_reduce, .work = work_reduce,
        .commit = commit_reduce, .discard = discard_reduce, .describe = describe_reduce,
    };
    size_t count = r->plan.reducers;
    r->reduced = mr_memory_get_shared(count * sizeof *r->reduced);
    r->reductions = mr_memory_get_shared(count * sizeof *r->reductions);
    if (r->reduced == NULL || r->reductions == NULL)
        return mr_error_memory(err, count * sizeof *r->reduced, "the reduce tasks");
    int result = mr_supervisor_run(&r->supervisor, &phase, err);
    r->report->reduce_tasks = count;
    drop_spools(r, r->shuffles, r->map_tasks);
    return result < 0 ? -1 : check_sum(r, err);
}

/* ---- merge and write -------------------------------------------------------------------- */

/* Merges come in the order of their ranges; a range is written once it and all before it are. */
static enum mr_next next_merge(void *arg, size_t *task)
{
    struct job_run *r = arg;
    bool range_ready = r->next_text < r->text_count &&
                       r->merged[r->range_count == r->text_count ? r->next_text : 0];
    if (range_ready && !r->writing) {
        r->writing = true;
        *task = r->range_count + r->next_text;
        return MR_NEXT_TASK;
    }
    if (r->next_range < r->range_count) {
        *task = r->next_range++;
        return MR_NEXT_TASK;
    }
    return r->next_text < r->text_count ? MR_NEXT_WAIT : MR_NEXT_END;
}

static size_t spools_of(const struct mr_write_range *range)
{
    return range->apart ? range->file_count : 1;
}

static int begin_merge(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    (void)err;
    if (task >= r->range_count)
        return 0;
    struct mr_write_range *range = &r->ranges[task];
    for (size_t i = 0; i < spools_of(range); i++) {
        char name[48];
        snprintf(name, sizeof name, "text-%zu-%zu", task, i);
        mr_spool_create(&range->spools[i], r->store, name);
    }
    return 0;
}

static int work_merge(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct job_run *r = arg;
    if (task < r->range_count)
        return mr_write_run(&r->plan.write, &r->ranges[task], r->store, &r->written[task],
                            progress, err);
    size_t text = task - r->range_count;
    if (r->output.directory)
        return mr_output_part(&r->output, (uint32_t)text, &r->texts[text], r->store, err);
    return mr_output_append(&r->output, &r->texts[text], r->store, err);
}

static int commit_merge(void *arg, size_t task, struct mr_error *err)
{
    struct job_run *r = arg;
    if (task >= r->range_count) {
        mr_spool_drop(&r->texts[task - r->range_count], r->store);
        r->next_text++;
        r->writing = false;
        return 0;
    }
    struct mr_write_range *range = &r->ranges[task];
    for (size_t i = 0; i < spools_of(range); i++)
        if (mr_spool_commit(&range->spools[i], r->store, err) < 0)
            return -1;
    r->merged[task] = true;
    r->report->written += r->written[task].records;
    r->report->output_bytes += r->written[task].bytes;
    return 0;
}

static void discard_merge(void *arg, size_t task)
{
    struct job_run *r = arg;
    if (task < r->range_count)
        drop_spools(r, r->ranges[task].spools, spools_of(&r->ranges[task]));
}

static void describe_merge(void *arg, size_t task, char *text, size_t room)
{
    struct job_run *r = arg;
    if (task < r->range_count)
        snprintf(text, room, "range %zu of %zu", task, r->range_count);
    else
        snprintf(text, room, "writing part %zu of %zu", task - r->range_count, r->text_count);
}

/* What has been written to a pipe cannot be taken back, and a reader may be slow. */
static bool merge_once(void *arg, size_t task)
{
    struct job_run *r = arg;
    return task >= r->range_count;
}

static int read_runs(struct job_run *r, struct mr_error *err)
{
    r->runs = calloc(r->plan.reducers, sizeof *r->runs);
    if (r->runs == NULL)
        return mr_error_memory(err, r->plan.reducers * sizeof *r->runs, "the runs");
    for (uint32_t i = 0; i < r->plan.reducers; i++)
        if (mr_runs_read(&r->runs[i], &r->reduced[i], r->store, i, r->reductions[i].runs, err) <
            0)
            return -1;
    return 0;
}

/* How the merge is cut: an output directory's parts by reducer, all else by ranges of the
 * order. The first N of all are found by one merge, as no range knows how many come before it. */
static int plan_ranges(struct job_run *r, struct mr_error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        bytes += r->reduced[i].size;
    bool parts = r->output.directory, top = r->config->top != MR_ALL;
    size_t ranges = top ? 1 : parts ? r->plan.reducers : mr_plan_ranges(&r->plan, bytes);
    r->bounds = malloc(ranges * sizeof *r->bounds);
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
    r->texts = mr_memory_get_shared(r->text_count * sizeof *r->texts);
    r->written = mr_memory_get_shared(ranges * sizeof *r->written);
    r->ranges = calloc(ranges, sizeof *r->ranges);
    r->merged = calloc(ranges, sizeof *r->merged);
    if (!r->texts || !r->written || !r->ranges || !r->merged)
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
            .apart = parts && top,
        };
    }
    return 0;
}

/* All that was kept must have been written. */
static int check_written(const struct job_run *r, struct mr_error *err)
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

static int run_merge(struct job_run *r, struct mr_error *err)
{
    struct mr_phase phase = {
        .name = "merge", .arg = r, .at_once = r->plan.merge_at_once, .wake = -1,
        .next = next_merge, .begin = begin_merge, .work = work_merge, .commit = commit_merge,
        .discard = discard_merge, .describe = describe_merge, .once = merge_once,
    };
    if (read_runs(r, err) < 0 || plan_ranges(r, err) < 0 ||
        mr_supervisor_run(&r->supervisor, &phase, err) < 0)
        return -1;
    r->report->merge_tasks = r->range_count;
    if (check_written(r, err) < 0)
        return -1;
    return mr_output_commit(&r->output, err);
}

/* ---- all of it -------------------------------------------------------------------------- */

static double lap(struct timespec *since)
{
    double seconds = mr_clock_seconds_since(*since);
    *since = mr_clock_now();
    return seconds;
}

static int run_phases(struct job_run *r, struct mr_error *err)
{
    struct timespec clock = mr_clock_now();
    if (run_map(r, err) < 0)
        return -1;
    r->report->map_seconds = lap(&clock);
    if (run_reduce(r, err) < 0)
        return -1;
    r->report->reduce_seconds = lap(&clock);
    if (run_merge(r, err) < 0)
        return -1;
    r->report->write_seconds = lap(&clock);
    return 0;
}

static unsigned most_workers(const struct job_run *r)
{
    unsigned most = r->plan.map_at_once + 1;
    if (r->plan.reduce_at_once > most)
        most = r->plan.reduce_at_once;
    return r->plan.merge_at_once > most ? r->plan.merge_at_once : most;
}

static void release(struct job_run *r)
{
    mr_output_close(&r->output);
    mr_feed_free(&r->feed, r->store);
    if (r->store != NULL) {
        drop_spools(r, r->shuffles, r->map_tasks);
        drop_spools(r, r->reduced, r->plan.reducers);
        drop_spools(r, r->texts, r->text_count);
    }
    for (size_t i = 0; r->runs != NULL && i < r->plan.reducers; i++)
        free(r->runs[i].at);
    mr_memory_release(r->shuffles, r->map_room * sizeof *r->shuffles);
    mr_memory_release(r->mapped, r->map_room * sizeof *r->mapped);
    mr_memory_release(r->reduced, r->plan.reducers * sizeof *r->reduced);
    mr_memory_release(r->reductions, r->plan.reducers * sizeof *r->reductions);
    mr_memory_release(r->texts, r->text_count * sizeof *r->texts);
    mr_memory_release(r->written, r->range_count * sizeof *r->written);
    free(r->slot_of);
    free(r->runs);
    free(r->bounds);
    free(r->ranges);
    free(r->merged);
    mr_splits_free(&r->splits);
    mr_sources_free(&r->sources);
    /* Spools were removed one by one; what is still there is of workers that died. */
    if (r->store != NULL)
        mr_directory_remove(r->store->directory);
    mr_memory_release(r->store, sizeof *r->store);
    mr_janitor_dismiss(&r->janitor);
}

int mr_run(const struct mr_job *job, const void *state, const struct mr_config *config,
           struct mr_report *report, struct mr_error *err)
{
    struct mr_job fitted = *job;
    if (job->fit)
        job->fit(state, &fitted);
    struct job_run r = { .job = &fitted, .state = state, .config = config, .report = report };
    r.output.fd = -1;
    *report = (struct mr_report){ 0 };
    *err = (struct mr_error){ 0 };
    int result = plan_input(&r, err);
    if (result == 0)
        result = mr_supervisor_open(&r.supervisor, most_workers(&r), config, err);
    bool supervised = r.supervisor.config != NULL;
    if (result == 0) /* from here on signals do not end us at once, and there is what to remove */
        result = mr_output_open(&r.output, config, err);
    if (result == 0)
        result = make_store(&r, err);
    if (result == 0)
        result = mr_janitor_start(&r.janitor, clean_up, &r, err);
    if (result == 0)
        result = run_phases(&r, err);
    release(&r);
    report->retried = r.supervisor.retried;
    report->peak_memory = r.supervisor.peak_memory;
    if (supervised)
        mr_supervisor_close(&r.supervisor);
    return result;
}
