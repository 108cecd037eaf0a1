/*
 * A job from its inputs to its output: mr_run.
 *
 *     sources -> plan -> map phase -> reduce phase -> merge phase -> output committed
 *
 * The supervisor runs the first phase that has tasks to do, until that is none. So when a
 * reducer finds a damaged shuffle file, the task that made it is the map phase's to do again,
 * and the reduce phase goes on after it.
 */
#include "control/job.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "control/janitor.h"

/* ---- what was lost ---------------------------------------------------------------------- */

static int stream_is_gone(struct mr_error *err)
{
    mr_error_prefix(err, "cannot read standard input again for what was lost");
    return mr_error_final(err);
}

/* A reducer needs all shuffle files, which are dropped once all reducers are done. */
static int renew_maps(struct mr_job_run *r, struct mr_error *err)
{
    struct mr_schedule *maps = &r->phases[MAP].tasks;
    if (r->feeders > 0)
        return stream_is_gone(err);
    for (size_t i = 0; i < r->map_tasks; i++)
        if (r->shuffles[i].name[0] == '\0')
            mr_schedule_tell(maps, i, MR_TASK_RENEW);
    return 0;
}

int mr_job_lost(struct mr_job_run *r, unsigned phase, size_t task, struct mr_error *err)
{
    unsigned maker = (unsigned)(err->damaged >> 32) - 1;
    size_t made = (uint32_t)err->damaged;
    if (maker == phase && made == task)
        return 0;
    if (maker == MAP && made >= r->splits.count)
        return stream_is_gone(err);
    size_t again = maker == MAP ? made + r->feeders : made;
    struct mr_schedule *tasks = &r->phases[maker].tasks;
    if (tasks->at[again].state != MR_TASK_DONE)
        return 1; /* somebody else has told */
    r->phases[maker].discard(r, again);
    if (mr_schedule_tell(tasks, again, MR_TASK_LOSE) == MR_TASK_FAILED) {
        char about[512];
        r->phases[maker].describe(r, again, about, sizeof about);
        mr_error_prefix(err, "%s was done %u times, and its file damaged each time", about,
                        tasks->max_attempts);
        return mr_error_final(err);
    }
    r->report->rerun++;
    return maker == REDUCE && renew_maps(r, err) < 0 ? -1 : 1;
}

/* ---- phases ----------------------------------------------------------------------------- */

static int prepare_phase(struct mr_job_run *r, unsigned phase, struct mr_error *err)
{
    if (phase != MERGE || mr_merge_phase_prepare(r, err) == 0)
        return 0;
    if (err->damaged == 0)
        return -1;
    r->report->damaged++;
    return mr_job_lost(r, MERGE, SIZE_MAX, err);
}

static int finish_phase(struct mr_job_run *r, unsigned phase, struct mr_error *err)
{
    return phase == MAP      ? mr_map_phase_finish(r, err)
           : phase == REDUCE ? mr_reduce_phase_finish(r, err)
                             : mr_merge_phase_finish(r, err);
}

/* The first phase that is not finished, or has lost what it had. */
static unsigned next_phase(const struct mr_job_run *r)
{
    unsigned phase = 0;
    while (phase < PHASES && r->finished[phase] && mr_schedule_done(&r->phases[phase].tasks))
        phase++;
    return phase;
}

static int run_phase(struct mr_job_run *r, unsigned phase, struct mr_error *err)
{
    struct timespec clock = mr_clock_now();
    int result = prepare_phase(r, phase, err);
    if (result == 0)
        result = mr_supervisor_run(&r->supervisor, &r->phases[phase], err);
    if (result == 0 && mr_schedule_done(&r->phases[phase].tasks)) {
        result = finish_phase(r, phase, err);
        r->finished[phase] = true;
    }
    double seconds = mr_clock_seconds_since(clock);
    *(phase == MAP      ? &r->report->map_seconds
      : phase == REDUCE ? &r->report->reduce_seconds
                        : &r->report->write_seconds) += seconds;
    return result < 0 ? -1 : 0;
}

static int run_phases(struct mr_job_run *r, struct mr_error *err)
{
    for (unsigned phase; (phase = next_phase(r)) < PHASES;)
        if (run_phase(r, phase, err) < 0)
            return -1;
    return 0;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* What the janitor does if the worst comes: what release would have done to files that are ours. */
static void clean_up(void *arg)
{
    struct mr_job_run *r = arg;
    mr_output_close(&r->output);
    mr_workspace_remove(&r->workspace, false);
}

/* What it does meanwhile. */
static void sweep(void *arg)
{
    struct mr_job_run *r = arg;
    mr_workspace_sweep(&r->workspace);
    mr_output_sweep(&r->output);
}

static unsigned most_workers(const struct mr_plan *p)
{
    unsigned most = p->map_at_once + 1;
    if (p->reduce_at_once > most)
        most = p->reduce_at_once;
    return p->merge_at_once > most ? p->merge_at_once : most;
}

static int plan(struct mr_job_run *r, struct mr_error *err)
{
    if (mr_sources_find(&r->sources, r->job, r->state, r->config, err) < 0 ||
        mr_plan_make(&r->plan, r->config, r->sources.bytes, r->sources.streams, err) < 0)
        return -1;
    if (r->sources.streams && r->config->work_dir) {
        mr_error_set(err, "cannot keep a work directory for standard input or another stream: "
                          "what has been read of it cannot be read again");
        return mr_error_final(err);
    }
    return 0;
}

/* From here on signals do not end us at once, and there is what to remove. */
static int set_up(struct mr_job_run *r, struct mr_janitor *janitor, struct mr_error *err)
{
    if (mr_supervisor_open(&r->supervisor, most_workers(&r->plan), r->config, r->report, err) <
            0 ||
        mr_map_phase_plan(r, err) < 0 || mr_reduce_phase_plan(r, err) < 0 ||
        mr_output_open(&r->output, r->config, err) < 0)
        return -1;
    int opened = mr_workspace_open(&r->workspace, r->config, r->plan.spool_memory, err);
    r->store = r->workspace.store;
    if (opened < 0 || mr_janitor_start(janitor, clean_up, sweep, r, err) < 0)
        return -1;
    r->supervisor.spool_memory = &r->store->memory;
    return r->config->work_dir ? mr_resume_open(r, err) : 0;
}

/* Spools are removed one by one; what is still there then is of workers that died. A kept
 * workspace stays as it is if the run has failed. */
static void release(struct mr_job_run *r, struct mr_janitor *janitor, bool failed)
{
    mr_output_close(&r->output);
    mr_manifest_close(&r->manifest);
    r->interrupted = failed;
    mr_map_phase_release(r);
    mr_reduce_phase_release(r);
    mr_merge_phase_release(r);
    mr_sources_free(&r->sources);
    mr_workspace_remove(&r->workspace, !failed);
    mr_workspace_close(&r->workspace);
    mr_janitor_dismiss(janitor);
    if (r->supervisor.config != NULL)
        mr_supervisor_close(&r->supervisor);
}

int mr_run(const struct mr_job *job, const void *state, const struct mr_config *config,
           struct mr_report *report, struct mr_error *err)
{
    struct mr_job fitted = *job;
    if (job->fit)
        job->fit(state, &fitted);
    struct mr_job_run r = { .job = &fitted, .state = state, .config = config, .report = report };
    struct mr_janitor janitor = { 0 };
    r.output.opened = r.workspace.lock = -1;
    *report = (struct mr_report){ 0 };
    *err = (struct mr_error){ 0 };
    int result = plan(&r, err);
    if (result == 0)
        result = set_up(&r, &janitor, err);
    bool begun = result == 0;
    if (begun)
        result = run_phases(&r, err);
    release(&r, &janitor, result < 0);
    if (result < 0 && begun && config->work_dir)
        mr_error_suffix(err, "; what is done is kept in '%s', and --resume goes on with it",
                        config->work_dir);
    return result;
}
