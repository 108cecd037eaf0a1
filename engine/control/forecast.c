/*
 * The forecast: what a run would do, found out as mr_run does before any work. Inputs are found and
 * the plan is made; nothing is opened, read or written but directories, to see what is in them.
 */
#include "base/error.h"
#include "control/check.h"
#include "control/setup.h"
#include "control/workspace.h"
#include "input/file_type.h"
#include "input/split.h"
#include "write/whole.h"

#include <stdio.h>
#include <sys/statvfs.h>

/* What temporary files may take of text whose words are all distinct, as a multiple of it: what is
 * shuffled, and the runs, before the former is dropped. */
enum { TEMPORARY = 5, TEMPORARY_OF = 2 };

struct forecaster {
    const struct mr_config *config;
    struct mr_setup setup;
    struct mr_splits splits;
};

/* Where temporary files would go, and how much room there is. A directory that is to be made has
 * that of the one that it will be in, which is not looked for. */
static void look_at_place(const struct mr_config *c, struct mr_forecast *f)
{
    struct statvfs st;
    snprintf(f->temp_dir, sizeof f->temp_dir, "%s",
             c->work_dir ? c->work_dir : mr_workspace_place(c->temp_dir));
    if (statvfs(f->temp_dir, &st) == 0)
        f->temp_free = (uint64_t)st.f_bavail * st.f_frsize;
}

static void fill(const struct forecaster *r, struct mr_forecast *f)
{
    const struct mr_plan *p = &r->setup.plan;
    f->passed_over = r->setup.sources.passed_over;
    f->machine = p->machine;
    f->input_bytes = r->setup.sources.bytes;
    for (size_t i = 0; i < r->setup.sources.count; i++)
        *(r->setup.sources.at[i].stream ? &f->streams : &f->files) += 1;
    f->map_tasks = r->splits.count;
    f->split_size = p->split_size;
    f->mappers = p->map_at_once;
    f->reducers = p->no_reduce ? 0 : p->reducers;
    f->parts = !p->no_reduce || mr_map_sorts(&p->map) ? p->reducers
               : f->streams > 0                       ? 0
                                                      : f->map_tasks;
    f->reducers_at_once = p->no_reduce ? 0 : p->reduce_at_once;
    f->mergers = mr_plan_makers_write(p) ? 0 : p->merge_at_once;
    f->replaces = r->setup.output.kind == MR_OUTPUT_FILE;
    f->memory = p->memory;
    f->memory_files = r->config->work_dir ? 0 : p->spool_memory;
    /* What map tasks write to the output is in no temporary file, unless a record is large. */
    f->temporary = f->reducers + f->mergers == 0 ? 0
                                                 : f->input_bytes / TEMPORARY_OF * TEMPORARY;
    look_at_place(r->config, f);
}

/* Refuses an empty file that by its name cannot be: there is nothing of it to read. */
static int check_empty(const struct mr_sources *sources, struct mr_error *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct mr_source *s = &sources->at[i];
        if (s->size == 0 && !s->stream && !s->made_up &&
            mr_file_type_check(s, (const unsigned char *)"", 0, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int foresee(struct forecaster *r, const struct mr_job *job, const void *state,
                   struct mr_error *err)
{
    const struct mr_config *c = r->config;
    if (mr_setup_find(&r->setup, job, state, c, err) < 0 ||
        (c->work_dir == NULL && mr_workspace_check(c->temp_dir, err) < 0))
        return -1;
    if (c->output_dir != NULL &&
        mr_whole_advise(mr_parts_check(c->output_dir, c->overwrite, err), err) < 0)
        return -1;
    if (check_empty(&r->setup.sources, err) < 0 ||
        mr_splits_plan(&r->splits, &r->setup.sources, r->setup.plan.split_size, err) < 0)
        return -1;
    mr_plan_map_tasks(&r->setup.plan, r->setup.sources.streams ? 0 : r->splits.count);
    return 0;
}

int mr_foresee(const struct mr_job *job, const void *state, const struct mr_config *config,
               struct mr_forecast *forecast, struct mr_error *err)
{
    struct mr_job fitted;
    struct forecaster r = { .config = config, .setup = MR_SETUP_INIT };
    *err = (struct mr_error){ 0 };
    *forecast = (struct mr_forecast){ .streams = 0 };
    int result = mr_check(job, state, config, &fitted, err);
    if (result == 0)
        result = foresee(&r, &fitted, state, err);
    if (result == 0)
        fill(&r, forecast);
    mr_splits_free(&r.splits);
    mr_sources_free(&r.setup.sources);
    mr_setup_close_outputs(&r.setup);
    return result;
}
