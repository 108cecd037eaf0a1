/*
 * grep: the lines that match a Perl regular expression, in the order of the input, as grep -aP has
 * them; or the matches alone (-o); or how many such lines each file has (-c).
 *
 *     lines, matches    no reducer: what map emits is the result
 *     counts            key: the rank of the file    value: lines    reduced to  name:lines
 */
#include "grep_found.h"
#include "jobs.h"
#include "text/bytes.h"
#include "text/numbers.h"

/* Emits each match in a line that is not empty. */
static int emit_matches(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                        const unsigned char *line, size_t size)
{
    struct found f;
    size_t at = 0;
    int more;
    while ((more = expression_next(&g->search.expression, out, line, size, &at, &f)) > 0)
        if (f.to > f.from && grep_found_emit(g, chunk, out, line + f.from, f.to - f.from) < 0)
            return -1;
    return more;
}

/* Emits what is wanted of the chunk's lines. *lines becomes how many match. */
static int search_chunk(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                        uint64_t *lines)
{
    const unsigned char *line;
    size_t at = 0, size;
    int more;
    while ((more = line_search_next(&g->search, chunk, out, &at, &line, &size)) > 0) {
        ++*lines;
        if (g->count || (g->only_matching && g->invert))
            continue;
        if ((g->only_matching ? emit_matches(g, chunk, out, line, size)
                              : grep_found_emit(g, chunk, out, line, size)) < 0)
            return -1;
    }
    return more;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct grep *g = state;
    unsigned char key[RANK_BYTES];
    uint64_t lines = 0;
    if (search_chunk(g, chunk, out, &lines) < 0)
        return -1;
    rank_put(key, chunk->source);
    return g->count ? mr_emit(out, key, sizeof key, lines) : 0;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct grep *g = state;
    job->key_name = ""; /* the columns have it */
    job->value_columns = grep_found_columns(g);
    if (g->count) {
        job->values = MR_NUMBERS;
        return;
    }
    job->no_reduce = true;
    job->internal_values = false;
    job->reduce_values = NULL;
}

const struct mr_job job_grep = {
    .name = "grep",
    .summary = "the lines that match a pattern, as grep -aP has them",
    .usage = "PATTERN [FILE]...",
    .values = MR_BYTES,
    .internal_values = true, /* of counts */
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .key_name = "file",
    .value_name = "line",
    .options = grep_options,
    .state_size = sizeof(struct grep),
    .operand = grep_operand,
    .ready = grep_ready,
    .release = grep_release,
    .fit = fit,
    .identify = grep_identify,
    .whole_records = true,
    .task_size = sizeof(struct bytes),
    .map = map,
    .reduce_values = grep_found_reduce,
};
