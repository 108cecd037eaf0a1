/*
 * sort: all lines in order, as LC_ALL=C sort has them.
 *
 *     without keys   a line is a key, and how often it stands there its value
 *     with keys      what is sorted by is made of the line's keys (sort_key.h), and the line
 *
 *     sort -k2,2n    "b 10", "a 9"    ->    (9)a 9 | (10)b 10    ->    a 9, b 10
 *
 * Where keys alone decide (-s, -u), the line is the value, and lines of equal keys stay in the
 * order of the input.
 */
#include "text/fields.h"
#include "jobs.h"
#include "text/bytes.h"
#include "text/sort_key.h"

#include <string.h>

struct sort {
    struct sort_keys keys;
    bool separated, numeric, reverse, unique, stable;
};

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

/* Emits the line behind its keys, with how many bytes these have as the value; or, where keys alone
 * decide, the line as the value. */
static int emit_line(const struct sort *s, struct mr_context *out, const unsigned char *line,
                     size_t size)
{
    unsigned char *at = bytes_hold(mr_task(out), sort_keys_room(&s->keys, size) + size, out);
    if (at == NULL)
        return -1;
    unsigned char *behind = sort_keys_put(&s->keys, s->reverse, at, line, size);
    size_t keys = (size_t)(behind - at);
    if (keys_decide(s))
        return mr_emit_value(out, at, keys, line, size);
    memcpy(behind, line, size);
    return mr_emit_value(out, at, keys + size, &keys, sizeof keys);
}

static int map_keys(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(state, out, line, size) < 0)
            return -1;
    return 0;
}

static int reduce_lines(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    const unsigned char *bytes, *value;
    size_t size, keys, n;
    int more;
    (void)state;
    if (mr_key_whole(key, &bytes, &size) < 0)
        return -1;
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
    const unsigned char *line;
    size_t size;
    int more;
    (void)key;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &line, &size) < 0 ||
            mr_emit_result(out, NULL, 0, line, size) < 0)
            return -1;
        if (s->unique)
            return 0;
    }
    return more;
}

/* ---- options ---------------------------------------------------------------------------- */

static int set_key(void *state, const char *argument, struct mr_error *err)
{
    struct sort *s = state;
    if (s->keys.count == SORT_KEYS_MAX)
        return mr_error_set(err, "too many keys (-k): at most %d", SORT_KEYS_MAX);
    if (sort_key_read(&s->keys.at[s->keys.count++], argument))
        return 0;
    return mr_error_set(err, "'%s' is no key for -k: FIELD[.CHAR][bnr][,FIELD[.CHAR][bnr]]",
                        argument);
}

static int set_separator(void *state, const char *argument, struct mr_error *err)
{
    struct sort *s = state;
    s->separated = true;
    s->keys.separator = byte_of(argument);
    return s->keys.separator >= 0
               ? 0
               : mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t",
                              argument);
}

JOB_FLAG(sort, numeric)
JOB_FLAG(sort, reverse)
JOB_FLAG(sort, unique)
JOB_FLAG(sort, stable)

static const struct mr_option options[] = {
    { 'k', "key", "POS[,POS]", "sort by the bytes from POS to POS: FIELD[.CHAR][bnr]", set_key },
    { 'n', "numeric-sort", NULL, "compare numbers", set_numeric },
    { 'r', NULL, NULL, "the order from its end", set_reverse },
    { 's', "stable", NULL, "lines of equal keys stay in the order of the input", set_stable },
    { 't', "field-separator", "X", "fields end at the byte X, not before blanks", set_separator },
    { 'u', "unique", NULL, "of lines of equal keys only the first", set_unique },
    { 0 },
};

/* Keys without letters of their own have the ones that stand alone. */
static int ready(void *state, struct mr_error *err)
{
    struct sort *s = state;
    (void)err;
    if (!s->separated)
        s->keys.separator = SORT_NO_SEPARATOR;
    if (s->keys.count == 0 && s->numeric)
        s->keys.at[s->keys.count++] = (struct sort_key){ .first_field = 1, .first_char = 1 };
    for (size_t i = 0; i < s->keys.count; i++) {
        struct sort_key *k = &s->keys.at[i];
        k->numeric |= !k->flagged && s->numeric;
        k->reverse |= !k->flagged && s->reverse;
    }
    return 0;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct sort *s = state;
    job->reverse = s->reverse;
    if (s->keys.count == 0) {
        job->reduce = s->unique ? once : NULL;
        return;
    }
    job->values = MR_BYTES;
    job->internal_values = true;
    job->key_name = ""; /* it is what is compared, and the value is the line */
    job->value_name = "line";
    job->whole_records = true;
    job->task_size = sizeof(struct bytes);
    job->end = bytes_end;
    job->map = map_keys;
    job->reduce_values = keys_decide(s) ? reduce_values : reduce_lines;
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct sort *s = state;
    mr_identify_option(to, "what is sorted by (-k, -n)", &s->keys.count, sizeof s->keys.count);
    for (size_t i = 0; i < s->keys.count; i++) {
        const struct sort_key *k = &s->keys.at[i];
        uint64_t figures[] = { k->first_field, k->first_char, k->last_field, k->last_char,
                               k->skip_first, k->skip_last, k->numeric, k->reverse };
        mr_identify_option(to, "what is sorted by (-k, -n)", figures, sizeof figures);
    }
    mr_identify_option(to, "-t", &s->keys.separator, sizeof s->keys.separator);
    mr_identify_option(to, "-r", &s->reverse, sizeof s->reverse);
    mr_identify_option(to, "-u", &s->unique, sizeof s->unique);
    mr_identify_option(to, "-s", &s->stable, sizeof s->stable);
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
    .options = options,
    .state_size = sizeof(struct sort),
    .ready = ready,
    .fit = fit,
    .identify = identify,
    .map = map_lines,
};
