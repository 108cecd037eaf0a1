/*
 * grep: the lines that match a Perl regular expression, in the order of the input, as grep -aP has
 * them; or the matches alone (-o); or how many such lines each file has (-c).
 *
 *     lines, matches    no reducer: what map emits is the result
 *     counts            key: the rank of the file    value: lines    reduced to  name:lines
 */
#include "grep_options.h"
#include "jobs.h"
#include "text/bytes.h"
#include "text/numbers.h"

#include <string.h>

/* ---- what is written -------------------------------------------------------------------- */

/* Whether names stand before what is found: as columns always, so that all lines have the same. */
static bool names_files(const struct grep *g, const struct mr_context *out, bool several)
{
    return !g->without_name && (g->with_name || several || mr_has_columns(out));
}

/* What stands behind a name: as the end of a column, what it cannot have. */
static char name_end(const struct mr_context *out)
{
    return mr_has_columns(out) ? '\0' : ':';
}

static const char *shown_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "(standard input)" : file;
}

static const struct mr_column file_lines[] = {
    { "file", MR_COLUMN_TEXT, '\0' }, { "line", MR_COLUMN_TEXT, 0 }, { 0 },
};
static const struct mr_column file_counts[] = {
    { "file", MR_COLUMN_TEXT, '\0' }, { "count", MR_COLUMN_NUMBER, 0 }, { 0 },
};

static void fit(const void *state, struct mr_job *job)
{
    const struct grep *g = state;
    job->key_name = ""; /* the columns have it */
    job->value_columns = (g->count ? file_counts : file_lines) + g->without_name;
    if (g->count) {
        job->values = MR_NUMBERS;
        return;
    }
    job->no_reduce = true;
    job->internal_values = false;
    job->reduce_values = NULL;
}

/* ---- counts by file --------------------------------------------------------------------- */

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const unsigned char *rank, *digits;
    size_t size;
    if (mr_key_whole(key, &rank, &size) < 0 || mr_result_begin(out, "", 0) < 0)
        return -1;
    if (names_files(state, out, mr_input_name(out, 1) != NULL)) {
        const char *name = shown_name(mr_input_name(out, rank_get(rank))), end = name_end(out);
        if (mr_result_add(out, name, strlen(name)) < 0 || mr_result_add(out, &end, 1) < 0)
            return -1;
    }
    if (mr_values_next(values) < 0 || mr_values_whole(values, &digits, &size) < 0 ||
        mr_result_add(out, digits, size) < 0)
        return -1;
    return mr_result_end(out);
}

/* ---- searching -------------------------------------------------------------------------- */

/* Emits a line, with its file's name before it where names are wanted. */
static int emit_line(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                     const unsigned char *line, size_t size)
{
    if (!names_files(g, out, chunk->sources > 1))
        return mr_emit_value(out, NULL, 0, line, size);
    const char *name = shown_name(chunk->file);
    size_t before = strlen(name) + 1;
    unsigned char *at = bytes_hold(mr_task(out), before + size, out);
    if (at == NULL)
        return -1;
    memcpy(at, name, before - 1);
    at[before - 1] = (unsigned char)name_end(out);
    memcpy(at + before, line, size);
    return mr_emit_value(out, NULL, 0, at, before + size);
}

/* Emits each match in a line that is not empty. */
static int emit_matches(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                        const unsigned char *line, size_t size)
{
    struct found f;
    size_t at = 0;
    int more;
    while ((more = expression_next(&g->search.expression, out, line, size, &at, &f)) > 0)
        if (f.to > f.from && emit_line(g, chunk, out, line + f.from, f.to - f.from) < 0)
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
                              : emit_line(g, chunk, out, line, size)) < 0)
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
    .reduce_values = reduce,
};
