/* Mistakes of a program that calls mr_run. */
#include "control/check.h"

#include "base/config.h"
#include "base/error.h"

static int check_job(const struct mr_job *job, const void *state, struct mr_error *err)
{
    const char *name = job->name ? job->name : "";
    if (job->name == NULL || job->map == NULL)
        return mr_error_set(err, "the job '%s' has no %s", name, job->name ? "map" : "name");
    if (job->state_size > 0 && state == NULL)
        return mr_error_set(err, "the job '%s' has a state (state_size), and mr_run was given none",
                            name);
    if (job->values != MR_NUMBERS && job->values != MR_BYTES)
        return mr_error_set(err, "the job '%s' has %d as its values, which is no enum mr_values",
                            name, (int)job->values);
    if (job->values == MR_NUMBERS && job->combine_values)
        return mr_error_set(err, "the job '%s' has a function of values that are bytes "
                                 "(combine_values), and its values are MR_NUMBERS", name);
    if (job->values == MR_BYTES && (job->reduce || job->combine))
        return mr_error_set(err, "the job '%s' has a function of values that are numbers (reduce, "
                                 "combine), and its values are MR_BYTES", name);
    const char *against_pairs = job->values == MR_NUMBERS    ? "its values are MR_NUMBERS"
                                : !job->in_sequence          ? "is not in_sequence"
                                : job->reduce_values == NULL ? "no reduce_values"
                                                             : NULL;
    if (job->reduce_pairs && against_pairs)
        return mr_error_set(err, "the job '%s' has reduce_pairs, and %s", name, against_pairs);
    return 0;
}

static int check_inputs(const struct mr_config *c, struct mr_error *err)
{
    /* A list of names may be empty. */
    if (c->input_count == 0 && c->input_list == NULL)
        return mr_error_set(err, "there is no input: --inputs has the names, --input-count how "
                                 "many; \"-\" is standard input");
    for (size_t i = 0; i < c->input_count; i++)
        if (c->inputs == NULL || c->inputs[i] == NULL)
            return mr_error_set(err, "--input-count is %zu, and name %zu in --inputs is NULL",
                                c->input_count, i);
    return 0;
}

static int check_config(const struct mr_config *c, struct mr_error *err)
{
    if (c->output && c->output_dir)
        return mr_error_set(err, "--output and --output-dir cannot go together");
    if (mr_config_check(c, err) < 0)
        return -1;
    if ((unsigned)c->order >= MR_ORDERS)
        return mr_error_set(err, "--sort is %d, which is no enum mr_order", (int)c->order);
    if ((unsigned)c->format >= MR_FORMATS)
        return mr_error_set(err, "--format is %d, which is no enum mr_format", (int)c->format);
    if (c->chaos_percent > 100)
        return mr_error_set(err, "--chaos is %u percent, of 100 at most", c->chaos_percent);
    return 0;
}

int mr_check(const struct mr_job *job, const void *state, const struct mr_config *config,
             struct mr_job *fitted, struct mr_error *err)
{
    if (check_job(job, state, err) < 0 || check_inputs(config, err) < 0 ||
        check_config(config, err) < 0)
        return mr_error_final(err);
    *fitted = *job;
    if (job->fit)
        job->fit(state, fitted);
    return mr_config_suits(config, fitted, err) < 0 ? mr_error_final(err) : 0;
}
