/* The reduce phase: a task for each partition. */
#include "base/error.h"
#include "base/memory.h"
#include "control/job.h"

#include <stdio.h>

static bool ready(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    (void)task;
    return mr_schedule_done(&r->phases[MAP].tasks);
}

static int begin(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    (void)err;
    char name[32];
    snprintf(name, sizeof name, "reduce-%zu", task);
    mr_spool_create(&r->reduced[task], r->store, name, mr_file_id(REDUCE, task));
    return 0;
}

/* Whether the output may be written in ranges; of what is kept another run will decide. */
static bool is_cut(const struct mr_job_run *r)
{
    return r->config->top == MR_ALL && r->output.kind != MR_OUTPUT_DIRECTORY &&
           (mr_output_in_place(&r->output) || r->config->work_dir != NULL);
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    struct mr_reduce_plan plan = r->plan.reduce;
    plan.first = plan.count * (uint32_t)task;
    if (is_cut(r))
        plan.scale = r->plan.write.scale;
    return mr_reduce_run(r->job, r->state, &plan, r->shuffles, (uint32_t)r->map_tasks,
                         (uint32_t)task, &r->reduced[task], r->store, &r->reductions[task],
                         progress, err);
}

static int commit(void *arg, size_t task, struct mr_error *err)
{
    struct mr_job_run *r = arg;
    if (mr_spool_commit(&r->reduced[task], r->store, err) < 0)
        return -1;
    return mr_resume_note(r, REDUCE, task, err);
}

static void discard(void *arg, size_t task)
{
    struct mr_job_run *r = arg;
    mr_spool_drop(&r->reduced[task], r->store);
}

static int lost(void *arg, size_t task, struct mr_error *err)
{
    return mr_job_lost(arg, REDUCE, task, err);
}

static void describe(void *arg, size_t task, char *text, size_t room)
{
    struct mr_job_run *r = arg;
    snprintf(text, room, "reduce task %zu (partition %zu of %u)", task, task + 1,
             r->plan.reducers);
}

int mr_reduce_phase_plan(struct mr_job_run *r, struct mr_error *err)
{
    size_t count = r->plan.reducers;
    r->reduced = mr_memory_get_shared(count * sizeof *r->reduced);
    r->reductions = mr_memory_get_shared(count * sizeof *r->reductions);
    if (r->reduced == NULL || r->reductions == NULL)
        return mr_error_memory(err, count * sizeof *r->reduced, "the reduce tasks");
    struct mr_phase *phase = &r->phases[REDUCE];
    *phase = (struct mr_phase){
        .arg = r, .at_once = r->plan.reduce_at_once, .wake = -1, .ready = ready,
        .begin = begin, .work = work, .commit = commit, .discard = discard, .lost = lost,
        .describe = describe,
    };
    if (mr_schedule_init(&phase->tasks, count, r->supervisor.max_attempts, err) < 0)
        return -1;
    mr_schedule_add(&phase->tasks, count);
    return 0;
}

/* What was emitted must be what was reduced; a sum tells, as values are only ever added. */
static int check_sum(const struct mr_job_run *r, struct mr_error *err)
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

int mr_reduce_phase_finish(struct mr_job_run *r, struct mr_error *err)
{
    r->report->distinct = 0;
    for (size_t i = 0; i < r->plan.reducers; i++)
        r->report->distinct += r->reductions[i].distinct;
    r->report->reduce_tasks = r->plan.reducers;
    mr_job_drop(r, r->shuffles, r->map_tasks);
    return check_sum(r, err);
}

void mr_reduce_phase_release(struct mr_job_run *r)
{
    size_t count = r->plan.reducers;
    mr_job_drop(r, r->reduced, count);
    mr_memory_release(r->reduced, count * sizeof *r->reduced);
    mr_memory_release(r->reductions, count * sizeof *r->reductions);
    mr_schedule_free(&r->phases[REDUCE].tasks);
}
