/*
 * join: lines of two files that have a field in common, as join has them, of files in any order.
 *
 *     a: 1 x    b: 2 v    ->    1 x u
 *        2 y       1 u          2 y v
 *
 * The field is the key; a value is the line and a byte that tells its file. Of a key the reducer is
 * handed the first file's lines first. It holds them, and if they are more than one the second's,
 * too, to print each with each; what it may hold is a share of -S.
 */
#include "join.h"
#include "jobs.h"
#include "text/bytes.h"
#include "text/fields.h"

#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer takes memory for lost that the group keeps until its key is done. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static int no_memory(struct mr_context *context)
{
    return mr_fail(context, "cannot get memory for a line; try a smaller -S or fewer processes");
}

/* ---- fields ----------------------------------------------------------------------------- */

/* Gives a line's next field, as field_next does; but an empty line has none, and blanks at the end
 * have an empty one behind them. */
static bool next_field(const struct join *j, const unsigned char *line, size_t size, size_t *at,
                       struct field *field)
{
    size_t before = *at;
    return size > 0 && (field_next(line, size, j->separator, at, field) ||
                        (j->separator == WHITE && before > 0 && before < size));
}

/* Cuts a line into fields, each a struct field. */
static bool cut(const struct join *j, const unsigned char *line, size_t size, struct bytes *fields)
{
    struct field f;
    size_t at = 0;
    fields->size = 0;
    while (next_field(j, line, size, &at, &f))
        if (!bytes_add(fields, &f, sizeof f, SIZE_MAX))
            return false;
    return true;
}

static uint64_t field_count(const struct bytes *line)
{
    return line ? line->size / sizeof(struct field) : 0;
}

/* ---- map -------------------------------------------------------------------------------- */

static int emit_line(const struct join *j, unsigned char file, const unsigned char *line,
                     size_t size, struct mr_context *out)
{
    struct bytes *value = mr_task(out);
    struct field key = { line, 0 };
    size_t at = 0;
    uint64_t left = j->field[file];
    while (left > 0 && next_field(j, line, size, &at, &key))
        left--;
    value->size = 0;
    if (!bytes_add(value, line, size, SIZE_MAX) || !bytes_add(value, &file, 1, SIZE_MAX))
        return no_memory(out);
    return mr_emit_value(out, key.bytes, left > 0 ? 0 : key.size, value->at, value->size);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(state, (unsigned char)chunk->source, line, size, out) < 0)
            return -1;
    return 0;
}

/* ---- reduce ----------------------------------------------------------------------------- */

/* A key's lines, and what is made of them. */
struct group {
    const struct join *j;
    struct mr_context *out;
    struct bytes held[JOIN_FILES]; /* lines, each behind its size */
    struct bytes line[JOIN_FILES]; /* the fields of the two at hand */
    struct bytes text;        /* the record at hand */
    unsigned char separator;  /* that it has between fields */
};

static bool put_field(struct group *g, const struct bytes *line, uint64_t number)
{
    const struct join *j = g->j;
    struct field f = { NULL, 0 };
    if (number <= field_count(line) && line->at != NULL)
        memcpy(&f, line->at + (number - 1) * sizeof f, sizeof f);
    if (f.size == 0 && j->empty)
        f = (struct field){ (const unsigned char *)j->empty, strlen(j->empty) };
    return bytes_add(&g->text, f.bytes, f.size, SIZE_MAX);
}

static bool put_separator(struct group *g)
{
    return bytes_add(&g->text, &g->separator, 1, SIZE_MAX);
}

static bool put_key(struct group *g, const struct bytes *const *lines)
{
    size_t file = lines[0] ? 0 : 1;
    return put_field(g, lines[file], g->j->field[file]);
}

static bool put_items(struct group *g, const struct bytes *const *lines)
{
    for (size_t i = 0; i < g->j->item_count; i++) {
        const struct join_item *item = &g->j->items[i];
        if ((i > 0 && !put_separator(g)) ||
            !(item->file == 0 ? put_key(g, lines)
                              : put_field(g, lines[item->file - 1], item->field)))
            return false;
    }
    return true;
}

static bool put_all(struct group *g, const struct bytes *const *lines)
{
    if (!put_key(g, lines))
        return false;
    for (size_t file = 0; file < JOIN_FILES; file++)
        for (uint64_t n = 1; n <= field_count(lines[file]); n++)
            if (n != g->j->field[file] && (!put_separator(g) || !put_field(g, lines[file], n)))
                return false;
    return true;
}

/* Emits the lines at hand as a pair, or what is unpaired of them. */
static int emit(struct group *g, bool first, bool second)
{
    const struct bytes *lines[] = { first ? &g->line[0] : NULL, second ? &g->line[1] : NULL };
    g->text.size = 0;
    if (!(g->j->items ? put_items(g, lines) : put_all(g, lines)))
        return no_memory(g->out);
    return mr_emit_result(g->out, NULL, 0, g->text.at, g->text.size);
}

static int hold(struct group *g, size_t file, const unsigned char *line, size_t size)
{
    size_t max = mr_reduce_memory(g->out) / JOIN_FILES;
    struct bytes *held = &g->held[file];
    if (bytes_add(held, &size, sizeof size, max) && bytes_add(held, line, size, max))
        return 0;
    return mr_fail_for_good(g->out, "file %zu has more lines with the same key than %zu bytes "
                                    "hold, which is what a reducer has memory for: give more "
                                    "(-S), or have fewer reducers (-r)", file + 1, max);
}

/* Has the next line that is held of a file at hand: 1, 0, or -1. */
static int next_held(struct group *g, size_t file, size_t *at)
{
    const struct bytes *held = &g->held[file];
    size_t size;
    if (*at == held->size)
        return 0;
    memcpy(&size, held->at + *at, sizeof size);
    *at += sizeof size;
    if (!cut(g->j, held->at + *at, size, &g->line[file]))
        return no_memory(g->out);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the group has it, until its key is done */
    *at += size;
    return 1;
}

/* Emits what is held: each of the first file's lines with each of the second's, or alone. */
static int emit_held(struct group *g, bool alone)
{
    size_t first = 0, second;
    int more, others = 0;
    while ((more = next_held(g, 0, &first)) > 0) {
        for (second = 0; !alone && (others = next_held(g, 1, &second)) > 0;)
            if (emit(g, true, true) < 0)
                return -1;
        if (others < 0 || (alone && emit(g, true, false) < 0))
            return -1;
    }
    return more;
}

/* Takes the lines in their order: what the first file has one or none for is done at once. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): one look at each line, in order */
static int take_values(struct group *g, struct mr_value_list *values)
{
    const unsigned char *bytes;
    size_t size, count[JOIN_FILES] = { 0, 0 }, at = 0;
    int more;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        size_t file = bytes[--size] == 0 ? 0 : 1;
        count[file]++;
        if (file == 1 && (count[0] > 0 ? g->j->only_unpaired : !g->j->unpaired[1]))
            return 0;
        if (file == 0 && g->j->only_unpaired && !g->j->unpaired[0])
            continue;
        if (file == 0 || count[0] > 1) {
            if (hold(g, file, bytes, size) < 0)
                return -1;
            continue;
        }
        if (count[1] == 1 && next_held(g, 0, &at) < 0)
            return -1;
        if (!cut(g->j, bytes, size, &g->line[1]))
            return no_memory(g->out);
        if (emit(g, count[0] > 0, true) < 0)
            return -1;
    }
    if (more < 0 || (count[1] == 0 ? !g->j->unpaired[0] : count[0] < 2))
        return more;
    return emit_held(g, count[1] == 0);
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    struct group g = { .j = state, .out = out };
    (void)key;
    g.separator = g.j->separator == WHITE ? ' ' : (unsigned char)g.j->separator;
    if (mr_has_columns(out))
        g.separator = '\n'; /* which no field has */
    int result = take_values(&g, values);
    free(g.held[0].at);
    free(g.held[1].at);
    free(g.line[0].at);
    free(g.line[1].at);
    free(g.text.at);
    return result;
}

static const struct mr_column columns[] = { { "fields", MR_COLUMN_FIELDS, '\n' }, { 0 } };

const struct mr_job job_join = {
    .name = "join",
    .summary = "lines of two files that have a field in common, as join has them",
    .usage = "FILE1 FILE2",
    .values = MR_BYTES,
    .internal_values = true,
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .files = JOIN_FILES,
    .key_name = "", /* the fields have it */
    .value_name = "line",
    .value_columns = columns,
    .options = join_options,
    .state_size = sizeof(struct join),
    .ready = join_ready,
    .release = join_release,
    .identify = join_identify,
    .whole_records = true,
    .task_size = sizeof(struct bytes),
    .map = map,
    .end = bytes_end,
    .reduce_values = reduce,
};
