/*
 * A job from its inputs to its output: mr_run.
 *
 *     sources -> plan -> map stage -> reduce stage, if any -> merge stage -> output committed
 *
 * There is none where what map emits is the result, as it comes or only sorted.
 */
#include "base/error.h"
#include "base/event.h"
#include "control/check.h"
#include "control/config_fields.h"
#include "control/identity.h"
#include "control/janitor.h"
#include "control/map_stage.h"
#include "control/merge_stage.h"
#include "control/reduce_stage.h"
#include "control/report.h"
#include "control/resume.h"
#include "control/setup.h"
#include "control/workspace.h"
#include "input/note.h"
#include "write/columns.h"

#include <inttypes.h>
#include <string.h>

/* A job as it runs. */
struct run {
    const struct mr_job *job;
    const void *state;
    const struct mr_config *config;
    struct mr_report *report;
    struct mr_setup setup;
    struct mr_columns columns; /* of the output, where it has names, or more than two */
    struct mr_signals signals;
    struct mr_supervisor supervisor;
    struct mr_workspace workspace;
    struct mr_manifest manifest;
    struct mr_janitor janitor;
    struct mr_stages stages;
    struct mr_map_stage map;
    struct mr_reduce_stage reduce;
    struct mr_merge_stage merge;
    struct mr_buffer identity; /* of a job that is kept */
};

/* What the janitor does if the worst comes: what release would have done to files that are ours. */
static void clean_up(void *arg)
{
    struct run *r = arg;
    mr_setup_close_outputs(&r->setup);
    mr_workspace_remove(&r->workspace, false);
}

/* What it does meanwhile. */
static void sweep(void *arg)
{
    struct run *r = arg;
    mr_output_detach(&r->setup.output);
    mr_output_detach(&r->setup.skipped.output);
    mr_workspace_sweep(&r->workspace);
    mr_output_sweep(&r->setup.output);
}

static unsigned most_workers(const struct mr_plan *p)
{
    unsigned most = p->map_at_once + 1;
    if (p->reduce_at_once > most)
        most = p->reduce_at_once;
    return p->merge_at_once > most ? p->merge_at_once : most;
}

static int find_and_open(struct run *r, struct mr_error *err)
{
    struct mr_setup *s = &r->setup;
    if (mr_setup_find(s, r->job, r->state, r->config, err) < 0 ||
        mr_notes_make(&s->sources, r->job, r->state, r->config, err) < 0)
        return -1;
    mr_sources_bound(&s->sources, s->plan.decode_memory);
    r->columns.documents = r->config->documents;
    r->columns.places = s->plan.reduce.places;
    r->columns.input_name = r->config->by_file ? mr_sources_input_name : NULL;
    r->columns.inputs = &s->sources;
    if (mr_columns_name(&r->columns, r->job, s->plan.write.pairs, err) < 0)
        return -1;
    s->plan.write.scale.columns = &r->columns;
    r->report->passed_over = s->sources.passed_over;
    r->report->machine = s->plan.machine;
    if (mr_output_open(&s->output, err) < 0)
        return -1;
    return mr_output_open(&s->skipped.output, err);
}

/* What may take long, with many inputs, and leaves nothing behind: signals still end the process as
 * they would any other. */
static int prepare(struct run *r, struct mr_error *err)
{
    struct mr_setup *s = &r->setup;
    if (find_and_open(r, err) < 0 ||
        mr_supervisor_open(&r->supervisor, r->job->name, most_workers(&s->plan), r->config,
                           &r->signals, err) < 0)
        return -1;
    r->stages = (struct mr_stages){
        .supervisor = &r->supervisor, .manifest = &r->manifest, .report = r->report,
        .droppers = s->plan.reduce_at_once,
    };
    if (mr_map_stage_init(&r->map, &r->stages, r->job, r->state, &s->plan, &s->sources, err) < 0)
        return -1;
    mr_plan_map_tasks(&s->plan, r->map.feeders ? 0 : mr_map_stage_count(&r->map));
    if (r->config->work_dir == NULL)
        return 0;
    return mr_identity_make(&r->identity, r->job, r->state, r->config, &s->plan, &s->sources, err);
}

/* A run that takes long for no other reason than its options says so. */
static void warn_of_small_splits(const struct run *r)
{
    enum { MANY = 10000, SMALL = 64 << 10 };
    const uint64_t size = r->setup.plan.split_size;
    const size_t tasks = mr_map_stage_count(&r->map);
    if (r->config->split_size > 0 && size < SMALL && tasks > MANY)
        mr_event_say(r->config, MR_WARNING, "warning: there are %zu map tasks of up to %" PRIu64
                                            " bytes, and to begin one takes longer: give larger "
                                            "ones, of 64K at least (--split-size)", tasks, size);
}

/* What the job would have done in its reduce is not to be missed in silence. */
static void warn(const struct run *r)
{
    const struct mr_config *c = r->config;
    warn_of_small_splits(r);
    if (c->no_reduce && !r->job->no_reduce && (r->job->reduce || r->job->reduce_values))
        mr_event_say(c, MR_WARNING, "warning: without reducers (-r 0) what the job '%s' does in "
                                    "its reduce is left out", r->job->name);
}

/* Whether the output may be written in ranges; of what is kept another run will decide. */
static bool is_cut(const struct run *r)
{
    if (r->setup.output.kind == MR_OUTPUT_DIRECTORY)
        return r->config->top == 0 && r->setup.plan.ordered_parts &&
               (!r->setup.plan.no_reduce || mr_map_sorts(&r->setup.plan.map));
    return r->config->top == 0 && !r->config->percent && !r->config->others &&
           (mr_output_in_place(&r->setup.output) || r->config->work_dir != NULL);
}

static int write_skipped(void *arg, struct mr_error *err)
{
    struct run *r = arg;
    return mr_skip_file_write(&r->setup.skipped, &r->stages.bad, &r->setup.sources, err);
}

/* From here on signals do not end us at once, and there is what to remove. */
static int set_up(struct run *r, struct mr_error *err)
{
    struct mr_setup *s = &r->setup;
    if (mr_signals_open(&r->signals, err) < 0 || mr_output_make(&s->output, err) < 0 ||
        mr_output_make(&s->skipped.output, err) < 0 ||
        mr_workspace_open(&r->workspace, r->config, s->plan.spool_memory, &r->signals,
                          err) < 0 ||
        mr_janitor_start(&r->janitor, r->config, clean_up, sweep, r, err) < 0)
        return -1;
    bool reduces = !s->plan.no_reduce;
    struct mr_output *output = mr_plan_makers_write(&s->plan) ? &s->output : NULL;
    warn(r);
    r->map.weighs = !reduces && is_cut(r);
    r->map.output = reduces ? NULL : output;
    if (reduces &&
        mr_reduce_stage_init(&r->reduce, &r->stages, &r->map, &s->plan, output, is_cut(r), err) < 0)
        return -1;
    mr_merge_stage_init(&r->merge, &r->stages, reduces ? NULL : &r->map, &s->plan,
                        s->plan.reduce.top, &s->output);
    r->merge.before_commit = write_skipped;
    r->merge.arg = r;
    r->stages.store = r->workspace.store;
    r->supervisor.watch.spool_memory = &r->workspace.store->memory;
    r->supervisor.watch.spool_disk = &r->workspace.store->disk;
    r->supervisor.watch.memory = s->plan.memory;
    return r->config->work_dir ? mr_resume(&r->stages, &r->workspace, &r->identity, err) : 0;
}

/* Files are dropped one by one; what is still there then is of workers that died. A kept workspace
 * stays as it is if the run has failed. */
static void release(struct run *r, bool failed)
{
    mr_setup_close_outputs(&r->setup);
    if (r->janitor.pid != 0)
        mr_signals_release(&r->signals); /* the janitor does the rest, if need be */
    mr_manifest_close(&r->manifest);
    mr_buffer_free(&r->identity);
    mr_map_stage_release(&r->map);
    mr_reduce_stage_release(&r->reduce);
    mr_merge_stage_release(&r->merge);
    mr_columns_release(&r->columns);
    mr_stages_release(&r->stages, failed);
    mr_notes_free(&r->setup.sources);
    mr_sources_free(&r->setup.sources);
    mr_workspace_remove(&r->workspace, !failed);
    mr_workspace_close(&r->workspace);
    mr_janitor_dismiss(&r->janitor);
    if (r->supervisor.config != NULL)
        mr_supervisor_close(&r->supervisor);
    mr_signals_close(&r->signals);
}

static void report_counters(const struct run *r)
{
    struct mr_counters sum;
    mr_stages_counted(&r->stages, &sum);
    memcpy(r->report->counters, sum.at, sum.count * sizeof *sum.at);
    r->report->counter_count = sum.count;
}

static void report_times(const struct run *r)
{
    r->report->map_seconds = r->map.stage.seconds;
    r->report->reduce_seconds = r->reduce.stage.seconds;
    r->report->write_seconds = r->merge.stage.seconds;
}

static int run(const struct mr_job *job, const void *state, const struct mr_config *config,
               struct mr_report *report, struct mr_error *err)
{
    struct run r = { .job = job, .state = state, .config = config, .report = report,
                     .setup = MR_SETUP_INIT };
    r.workspace.marked = MR_MARKED_NONE;
    int result = prepare(&r, err);
    if (result == 0)
        result = set_up(&r, err);
    bool begun = result == 0;
    if (begun)
        result = mr_stages_run(&r.stages, err);
    if (begun)
        report_counters(&r);
    report->bad_records = r.stages.bad.count;
    mr_notes_tell(&r.setup.sources, config);
    if (result == 0)
        mr_sources_end(&r.setup.sources);
    report_times(&r);
    release(&r, result < 0);
    if (result < 0 && begun && config->work_dir)
        mr_error_suffix(err, "; what is done is kept in '%s', and --resume goes on with it",
                        config->work_dir);
    return result;
}

/* ---- mr_run ----------------------------------------------------------------------------- */

int mr_run(const struct mr_job *job, const void *state, const struct mr_config *config,
           struct mr_report *report, struct mr_error *err)
{
    struct mr_job fitted;
    struct mr_config own;
    struct mr_report ignored;
    struct mr_report_listener listener;
    bool unread = report == NULL;
    if (unread)
        report = &ignored;
    mr_report_listen(&listener, config, &own, report);
    own.skip_distinct |= unread;
    *err = (struct mr_error){ 0 };
    int result = mr_check(job, state, config, &fitted, err);
    if (result == 0)
        result = run(&fitted, state, &own, report, err);
    if (result < 0 && !config->by_options)
        mr_config_fields_name(err->text, sizeof err->text);
    return result;
}
