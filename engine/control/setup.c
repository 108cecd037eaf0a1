/* The setup: see setup.h. */
#include "control/setup.h"

#include "base/error.h"
#include "control/conflict.h"
#include "control/resume.h"

/* Whether the run can be gone on with by another, if it is to be kept for one. */
static int check_kept(const struct mr_setup *s, const struct mr_job *job, const void *state,
                      const struct mr_config *config, struct mr_error *err)
{
    if (config->work_dir == NULL)
        return 0;
    if (state && job->identify == NULL) {
        mr_error_set(err, "cannot keep a work directory for job '%s': it has a state, and no "
                          "function that identifies it (identify)", job->name);
        return mr_error_final(err);
    }
    if (s->sources.streams) {
        mr_error_set(err, "cannot keep a work directory for standard input or another stream: "
                          "what has been read of it cannot be read again");
        return mr_error_final(err);
    }
    return 0;
}

static int find_files(struct mr_setup *s, const struct mr_job *job, const void *state,
                      const struct mr_config *config, struct mr_error *err)
{
    if (mr_sources_find(&s->sources, job, state, config, err) < 0 ||
        mr_output_find(&s->output, config, err) < 0 ||
        mr_conflict_check(&s->sources, &s->output, config, err) < 0 ||
        mr_skip_file_find(&s->skipped, config, &s->sources, &s->output, err) < 0 ||
        mr_conflict_check_side_files(&s->sources, &s->output, config, err) < 0)
        return -1;
    return check_kept(s, job, state, config, err);
}

int mr_setup_find(struct mr_setup *s, const struct mr_job *job, const void *state,
                  const struct mr_config *config, struct mr_error *err)
{
    struct mr_layout kept;
    if (find_files(s, job, state, config, err) < 0)
        return -1;
    bool resumes = config->work_dir && config->resume && mr_resume_layout(config->work_dir, &kept);
    struct mr_given given = { .bytes = s->sources.bytes, .streams = s->sources.streams,
                              .kept = resumes ? &kept : NULL };
    mr_machine_detect(&given.machine);
    if (mr_plan_make(&s->plan, job, config, &given, err) < 0)
        return -1;
    s->plan.to_file = s->output.kind == MR_OUTPUT_FILE;
    return 0;
}

void mr_setup_close_outputs(struct mr_setup *s)
{
    mr_output_close(&s->output);
    mr_output_close(&s->skipped.output);
}
