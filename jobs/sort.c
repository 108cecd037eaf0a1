/*
 * sort: all lines in order, as LC_ALL=C sort has them.
 *
 *     without keys   a line is a key, and how often it stands there its value
 *     with keys      what they make of a line is the key, and the line its value (sort_keyed.c)
 */
#include "jobs.h"
#include "sort_keyed.h"

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_fields(out, chunk);
}

static int once(const void *state, struct mr_key *line, uint64_t *count,
                struct mr_context *context)
{
    (void)state;
    (void)context;
    (void)line;
    *count = 1;
    return 1;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct sort *s = state;
    job->reverse = s->reverse;
    if (s->keys.count > 0)
        sort_keyed_fit(s, job);
    else
        job->reduce = s->unique ? once : NULL;
}

const struct mr_job job_sort = {
    .name = "sort",
    .summary = "all lines in order, as sort has them",
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .ordered_parts = true,
    .key_name = "line",
    .value_name = "count",
    .sum_name = "lines",
    .options = sort_options,
    .state_size = sizeof(struct sort),
    .ready = sort_ready,
    .release = sort_release,
    .fit = fit,
    .identify = sort_identify,
    .map = map,
};
