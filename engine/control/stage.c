/* Stages: one way for all of their tasks' files, and for what is lost. */
#include "control/stage.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "base/memory.h"
#include "control/drop.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- files ------------------------------------------------------------------------------ */

void mr_stage_file_name(const struct mr_stage *stage, size_t task, char *text)
{
    snprintf(text, MR_FILE_NAME, "%s-%zu", stage->name, task);
}

uint64_t mr_stage_file_id(const struct mr_stage *stage, size_t task)
{
    return (uint64_t)(stage->number + 1) << 32 | (uint32_t)task;
}

/* The stage and the task that made the file with an id. */
static struct mr_stage *maker_of(const struct mr_stages *all, uint64_t id, size_t *task)
{
    *task = (uint32_t)id;
    return all->at[(id >> 32) - 1];
}

struct mr_counters *mr_stage_counters(const struct mr_stage *stage, size_t task)
{
    return mr_tally_area(&stage->all->tally, mr_stage_file_id(stage, task));
}

struct mr_mark *mr_stage_mark(const struct mr_stage *stage, size_t task)
{
    return mr_tally_mark(&stage->all->tally, mr_stage_file_id(stage, task));
}

int mr_stage_note(const struct mr_stage *stage, size_t task, struct mr_error *err)
{
    if (!stage->all->store->kept || !stage->makes_files)
        return 0;
    struct mr_done done = { stage->number, task, stage->files[task].size,
                            mr_stage_result(stage, task), stage->result_size,
                            stage->counted[task].at, stage->counted[task].size };
    return mr_manifest_add(stage->all->manifest, &done, err);
}

/* ---- what the supervisor calls ---------------------------------------------------------- */

static bool is_repeatable(const struct mr_stage *s, size_t task)
{
    return s->repeatable == NULL || s->repeatable(s->self, task);
}

static bool grow(void *arg)
{
    const struct mr_stage *s = arg;
    return s->grow(s->self);
}

/* The files that a task reads must all be there. */
static bool ready(void *arg, size_t task)
{
    const struct mr_stage *s = arg;
    (void)task;
    return s->number == 0 || mr_schedule_done(&mr_stage_before(s)->phase.tasks);
}

static int begin(void *arg, size_t task, struct mr_error *err)
{
    struct mr_stage *s = arg;
    char name[MR_FILE_NAME];
    (void)err;
    mr_tally_begin(&s->all->tally, mr_stage_file_id(s, task));
    if (!s->makes_files)
        return 0;
    mr_stage_file_name(s, task, name);
    mr_spool_create(&s->files[task], s->all->store, name, mr_stage_file_id(s, task));
    return 0;
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    const struct mr_stage *s = arg;
    return s->work(s->self, task, progress, err);
}

/* Chaos damages what can be made again: of the first stage, for which nothing else must be. */
static void damage_by_chaos(const struct mr_stage *s, size_t task)
{
    struct mr_chaos *chaos = &s->all->supervisor->chaos;
    if (s->number == 0 && is_repeatable(s, task) &&
        !mr_schedule_last_attempt(&s->phase.tasks, task) && mr_chaos_strikes(chaos))
        mr_chaos_damage(chaos, &s->files[task], s->all->store);
}

static int commit(void *arg, size_t task, struct mr_error *err)
{
    struct mr_stage *s = arg;
    uint64_t id = mr_stage_file_id(s, task);
    if (mr_tally_commit(&s->all->tally, id, &s->counted[task], err) < 0)
        return -1;
    if (s->makes_files) {
        if (mr_spool_commit(&s->files[task], s->all->store, err) < 0 ||
            mr_stage_note(s, task, err) < 0)
            return -1;
        damage_by_chaos(s, task);
    }
    return s->committed ? s->committed(s->self, task, err) : 0;
}

static void discard(void *arg, size_t task)
{
    struct mr_stage *s = arg;
    mr_tally_discard(&s->all->tally, mr_stage_file_id(s, task));
    if (s->makes_files)
        mr_spool_drop(&s->files[task], s->all->store);
}

static void describe(void *arg, size_t task, char *text, size_t size)
{
    const struct mr_stage *s = arg;
    s->describe(s->self, task, text, size);
}

static void measure(void *arg, size_t task, struct mr_event *event)
{
    const struct mr_stage *s = arg;
    if (s->measure)
        s->measure(s->self, task, event);
}

void mr_stage_tell(const struct mr_stage *s, size_t task, enum mr_event_type type)
{
    char about[512];
    s->describe(s->self, task, about, sizeof about);
    struct mr_event event = { .type = type, .stage = s->name, .about = about, .task = task,
                              .tasks = s->count, .done = s->phase.tasks.done };
    if (type == MR_EVENT_KEPT && s->measure)
        s->measure(s->self, task, &event);
    mr_event_tell(s->all->supervisor->config, &event);
}

static int crashed(void *arg, size_t task, struct mr_error *err)
{
    const struct mr_stage *s = arg;
    return s->crashed ? s->crashed(s->self, task, err) : 0;
}

static int traits(void *arg, size_t task)
{
    const struct mr_stage *s = arg;
    return s->traits ? s->traits(s->self, task) : 0;
}

/* ---- what was lost ---------------------------------------------------------------------- */

static int cannot_repeat(struct mr_error *err)
{
    mr_error_prefix(err, "cannot read standard input again for what was lost");
    return mr_error_final(err);
}

/* Whether what a task has made is an earlier run's. */
static bool is_kept(const struct mr_stage *s, size_t task)
{
    const struct mr_task *t = &s->phase.tasks.at[task];
    return t->state == MR_TASK_DONE && t->attempts == 0;
}

/* Has those tasks run again that have read of a stage in an earlier run. Where an earlier run's
 * files are to be made again (kept), this run's have read them as they were, too, or are about to.
 */
static void renew_readers(const struct mr_stage *s, bool kept)
{
    struct mr_stage *after = s->all->at[s->number + 1];
    struct mr_schedule *tasks = &after->phase.tasks;
    for (size_t i = 0; after->makes_files && i < after->count; i++) {
        if (kept && tasks->at[i].state == MR_TASK_RUNNING)
            mr_supervisor_recall(s->all->supervisor, i);
        if (!is_kept(after, i) && !(kept && tasks->at[i].state == MR_TASK_DONE))
            continue;
        discard(after, i);
        mr_schedule_tell(tasks, i, MR_TASK_RENEW);
    }
}

void mr_stage_renew_kept_readers(const struct mr_stage *s)
{
    renew_readers(s, false);
}

/* Has those tasks of a stage run again whose files were dropped. Returns 1, 0 when there
 * are none, or -1. */
static int renew_dropped(struct mr_stage *s, struct mr_error *err)
{
    int renewed = 0;
    bool kept = false;
    for (size_t i = 0; i < s->count; i++) {
        if (s->files[i].name[0] != '\0')
            continue;
        if (!is_repeatable(s, i))
            return cannot_repeat(err);
        kept = kept || is_kept(s, i);
        mr_schedule_tell(&s->phase.tasks, i, MR_TASK_RENEW);
        renewed = 1;
    }
    if (renewed)
        renew_readers(s, kept);
    return renewed;
}

/* A task that runs again reads the files of the stage before it, which may have been dropped; then
 * those are made again, and so on. Returns 0 or -1. */
static int renew_sources(const struct mr_stage *s, struct mr_error *err)
{
    int renewed = 1;
    for (uint32_t number = s->number; number > 0 && renewed > 0; number--)
        renewed = renew_dropped(s->all->at[number - 1], err);
    return renewed < 0 ? -1 : 0;
}

static int failed_for_good(struct mr_stage *s, size_t task, struct mr_error *err)
{
    char about[512];
    unsigned times = s->phase.tasks.max_attempts;
    describe(s, task, about, sizeof about);
    if (times == 1)
        mr_error_prefix(err, "%s was done, and its file damaged", about);
    else
        mr_error_prefix(err, "%s was done %u times, and its file damaged each time", about, times);
    return mr_error_final(err);
}

/* Has err, which is about one damaged file, be about this one, which may be another. */
static void tell_of_file(const struct mr_stage *maker, size_t made, struct mr_error *err)
{
    char name[MR_FILE_NAME];
    if (err->damaged == mr_stage_file_id(maker, made))
        return;
    mr_stage_file_name(maker, made, name);
    mr_error_set(err, "temporary file '%s' is damaged", name);
}

/* What a task has made is damaged: it is to run again. Returns 0 or -1. */
static int lose(struct mr_stage *maker, size_t made, struct mr_error *err)
{
    if (!is_repeatable(maker, made)) {
        tell_of_file(maker, made, err);
        return cannot_repeat(err);
    }
    discard(maker, made);
    if (mr_schedule_tell(&maker->phase.tasks, made, MR_TASK_LOSE) == MR_TASK_FAILED) {
        tell_of_file(maker, made, err);
        return failed_for_good(maker, made, err);
    }
    mr_stage_tell(maker, made, MR_EVENT_REDO);
    return 0;
}

/* Has the tasks run again that made the damaged file, and those that its reader has marked. Returns
 * 1, or -1. */
static int make_again(struct mr_stages *all, struct mr_error *err)
{
    size_t damaged, lost = 0;
    bool kept = false;
    struct mr_stage *maker = maker_of(all, err->damaged, &damaged);
    mr_spool_mark_damaged(&maker->files[damaged], err);
    for (size_t i = 0; i < maker->count; i++) {
        if (!mr_spool_is_marked(&maker->files[i]) ||
            maker->phase.tasks.at[i].state != MR_TASK_DONE) /* somebody else has told */
            continue;
        kept = kept || is_kept(maker, i);
        lost++;
        if (lose(maker, i, err) < 0)
            return -1;
    }
    if (lost == 0)
        return 1;
    renew_readers(maker, kept);
    return renew_sources(maker, err) < 0 ? -1 : 1;
}

static int lost(void *arg, size_t task, struct mr_error *err)
{
    const struct mr_stage *s = arg;
    size_t made;
    if (maker_of(s->all, err->damaged, &made) == s && made == task)
        return 0; /* its own, which goes with this attempt */
    return make_again(s->all, err);
}

/* ---- tasks ------------------------------------------------------------------------------ */

void mr_stages_add(struct mr_stages *all, struct mr_stage *stage)
{
    stage->all = all;
    stage->number = all->count;
    all->at[all->count++] = stage;
}

int mr_stage_make_tasks(struct mr_stage *s, size_t count, size_t capacity, struct mr_error *err)
{
    s->count = count;
    s->capacity = capacity;
    /* Room for one more: none is no size to ask memory of. */
    s->results = mr_memory_get_shared((capacity + 1) * s->result_size);
    if (s->makes_files)
        s->files = mr_memory_get_shared((capacity + 1) * sizeof *s->files);
    s->counted = calloc(capacity + 1, sizeof *s->counted);
    if (s->results == NULL || s->counted == NULL || (s->makes_files && s->files == NULL))
        return mr_error_memory(err, (capacity + 1) * (sizeof *s->files + s->result_size),
                               "the tasks' results");
    s->phase = (struct mr_phase){
        .arg = s, .stage = s->name, .at_once = s->at_once, .wake = s->wake,
        .grow = s->grow ? grow : NULL, .ready = ready, .begin = begin, .work = work,
        .commit = commit, .discard = discard, .crashed = crashed, .lost = lost,
        .describe = describe, .measure = measure, .traits = traits, .bytes = s->bytes,
    };
    if (mr_schedule_init(&s->phase.tasks, capacity, s->all->supervisor->max_attempts, err) < 0)
        return -1;
    mr_schedule_add(&s->phase.tasks, count);
    return 0;
}

void mr_stage_add_task(struct mr_stage *s)
{
    s->count++;
    mr_schedule_add(&s->phase.tasks, 1);
}

/* ---- running ---------------------------------------------------------------------------- */

/* Prepares a stage. Returns 1, 0 when something before it is to be made again, or -1. */
static int prepare(struct mr_stage *s, struct mr_error *err)
{
    if (s->prepare == NULL || s->prepare(s->self, err) == 0)
        return 1;
    if (err->damaged == 0)
        return -1;
    mr_event_tell(s->all->supervisor->config, &(struct mr_event){ .type = MR_EVENT_DAMAGE,
                                                                  .text = err->text });
    return make_again(s->all, err) < 0 ? -1 : 0;
}

static void drop_files(const struct mr_stage *s, bool keep)
{
    if (s->files != NULL && s->all->store != NULL)
        mr_spools_drop(s->files, s->count, s->all->store, s->all->droppers, keep);
}

static int finish(struct mr_stage *s, struct mr_error *err)
{
    s->finished = true;
    if (s->finish(s->self, err) < 0)
        return -1;
    if (s->number > 0)
        drop_files(mr_stage_before(s), false);
    return 0;
}

/* How much there is to read is known by now. What an earlier run has done has no bytes of its own
 * here: it is taken for as large as the rest. */
static void find_bytes(struct mr_stage *s)
{
    const struct mr_stage *before = s->number > 0 ? mr_stage_before(s) : NULL;
    struct mr_phase *p = &s->phase;
    if (before)
        p->bytes = 0;
    for (size_t i = 0; s->count > 0 && before && before->files && i < before->count; i++)
        p->bytes += before->files[i].size;
    if (p->read == 0 && p->tasks.done > 0)
        p->read = (uint64_t)((double)p->bytes * (double)p->tasks.done / (double)p->tasks.count);
}

static int run(struct mr_stage *s, struct mr_error *err)
{
    struct timespec clock = mr_clock_now();
    int result = prepare(s, err);
    find_bytes(s);
    if (result > 0)
        result = mr_supervisor_run(s->all->supervisor, &s->phase, err);
    else if (result == 0)
        return 0;
    if (result == 0 && mr_schedule_done(&s->phase.tasks))
        result = finish(s, err);
    s->seconds += mr_clock_seconds_since(clock);
    return result;
}

/* The first stage that is not finished, or has lost what it had; NULL: there is none. */
static struct mr_stage *next_stage(const struct mr_stages *all)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (!all->at[i]->finished || !mr_schedule_done(&all->at[i]->phase.tasks))
            return all->at[i];
    return NULL;
}

int mr_stages_run(struct mr_stages *all, struct mr_error *err)
{
    all->bad.skip_max = all->supervisor->config->skip_bad_records;
    if (mr_tally_open(&all->tally, all->supervisor->workers.count, err) < 0)
        return -1;
    for (struct mr_stage *s; (s = next_stage(all)) != NULL;)
        if (run(s, err) < 0)
            return -1;
    return 0;
}

void mr_stages_counted(const struct mr_stages *all, struct mr_counters *sum)
{
    mr_counters_clear(sum);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct mr_stage *s = all->at[i];
        for (size_t task = 0; s->phase.tasks.at && task < s->count; task++)
            if (s->phase.tasks.at[task].state == MR_TASK_DONE)
                mr_counters_get(sum, s->counted[task].at, s->counted[task].size);
    }
    mr_counters_sort(sum);
}

void mr_stages_release(struct mr_stages *all, bool keep)
{
    for (uint32_t i = 0; i < all->count; i++) {
        struct mr_stage *s = all->at[i];
        drop_files(s, keep);
        mr_memory_release(s->files, (s->capacity + 1) * sizeof *s->files);
        mr_memory_release(s->results, (s->capacity + 1) * s->result_size);
        for (size_t task = 0; s->counted && task < s->count; task++)
            mr_buffer_free(&s->counted[task]);
        free(s->counted);
        mr_schedule_free(&s->phase.tasks);
        s->files = NULL;
        s->results = NULL;
        s->counted = NULL;
    }
    mr_tally_free(&all->tally);
    mr_bad_free(&all->bad);
}
