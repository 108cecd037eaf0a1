/*
 * sort: all lines in order, as LC_ALL=C sort has them.
 *
 *     without keys   a line is a key, and how often it stands there its value
 *     with keys      what is sorted by is made of the line's keys (sort_key.h), and its value is
 *                    the line
 *
 *     sort -k2,2n    "b 10", "a 9"    ->    (9) a 9 | (10) b 10    ->    a 9, b 10
 *
 * Lines of equal keys are in the order of their bytes; where keys alone decide (-s, -u), they stay
 * in that of the input. With --header, keys begin with a byte by which headers, of which the first
 * is kept, come before all lines; and lines stand behind their keys, as reduce is to have them in
 * order, whichever that is.
 */
#include "jobs.h"
#include "sort_options.h"
#include "text/bytes.h"

#include <string.h>

/* What a key begins with, where there are headers. */
enum { HEADER_FIRST, LINE, HEADER_LAST };

/* ---- without keys ----------------------------------------------------------------------- */

static int map_lines(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
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

/* ---- with keys -------------------------------------------------------------------------- */

static bool keys_decide(const struct sort *s)
{
    return s->stable || s->unique;
}

static bool line_is_value(const struct sort *s)
{
    return keys_decide(s) || !s->header;
}

/* Emits the line as the value of its keys; or behind them, with how many bytes these have as the
 * value. */
static int emit_line(const struct sort *s, const struct sort_keys *by, struct mr_context *out,
                     const unsigned char *line, size_t size)
{
    unsigned char *at = bytes_hold(mr_task(out), 1 + sort_keys_room(by, size) + size, out);
    unsigned char *behind = at;
    if (at == NULL)
        return -1;
    if (s->header)
        *behind++ = LINE;
    behind = sort_keys_put(by, s->reverse, behind, line, size);
    size_t keys = (size_t)(behind - at);
    if (line_is_value(s))
        return mr_emit_value(out, at, keys, line, size);
    memcpy(behind, line, size);
    return mr_emit_value(out, at, keys + size, &keys, sizeof keys);
}

static int emit_header(struct mr_context *out, const unsigned char *line, size_t size)
{
    const unsigned char key = mr_is_reversed(out) ? HEADER_LAST : HEADER_FIRST;
    return mr_emit_value(out, &key, 1, line, size);
}

static int map_keys(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct sort *s = state;
    struct sort_keys room;
    const struct sort_keys *by = sort_keys_of(s, chunk, &room);
    const unsigned char *line;
    size_t at = 0, size;
    if (s->header && chunk->begins_file && mr_line_next(chunk, &at, &line, &size) &&
        emit_header(out, line, size) < 0)
        return -1;
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(s, by, out, line, size) < 0)
            return -1;
    return 0;
}

/* Emits the first of some lines that are values, or all. */
static int emit_values(struct mr_value_list *values, bool first, struct mr_context *out)
{
    const unsigned char *line;
    size_t size;
    int more;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &line, &size) < 0 ||
            mr_emit_result(out, NULL, 0, line, size) < 0)
            return -1;
        if (first)
            return 0;
    }
    return more;
}

static int reduce_lines(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    const struct sort *s = state;
    const unsigned char *bytes, *value;
    size_t size, keys, n;
    int more;
    if (mr_key_whole(key, &bytes, &size) < 0)
        return -1;
    if (s->header && bytes[0] != LINE)
        return emit_values(values, true, out);
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &value, &n) < 0)
            return -1;
        memcpy(&keys, value, sizeof keys);
        if (mr_emit_result(out, NULL, 0, bytes + keys, size - keys) < 0)
            return -1;
    }
    return more;
}

static int reduce_values(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    const struct sort *s = state;
    const unsigned char *bytes;
    size_t size;
    if (s->header && mr_key_whole(key, &bytes, &size) < 0)
        return -1;
    return emit_values(values, s->unique || (s->header && bytes[0] != LINE), out);
}

static void fit(const void *state, struct mr_job *job)
{
    const struct sort *s = state;
    job->reverse = s->reverse;
    if (s->keys.count == 0 && !s->header) {
        job->reduce = s->unique ? once : NULL;
        return;
    }
    job->values = MR_BYTES;
    job->internal_values = true;
    job->key_name = ""; /* it is what is compared, and the value is the line */
    job->value_name = "line";
    job->whole_records = true;
    job->task_size = sizeof(struct bytes);
    job->map = map_keys;
    if (!keys_decide(s) && !s->header)
        job->value_order = MR_BY_VALUE_BYTES;
    if (s->unique || s->header) /* else nothing is to be done but to sort */
        job->reduce_values = line_is_value(s) ? reduce_values : reduce_lines;
    if (s->header) {
        job->begin_file = sort_begin_file;
        job->note_size = SORT_KEYS_MAX * sizeof(uint64_t);
    }
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
    .map = map_lines,
};
