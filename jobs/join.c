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
#include "jobs.h"
#include "join_pair.h"

#include <string.h>

static int no_memory(struct mr_context *context)
{
    return mr_fail(context, "cannot get memory for a line; try a smaller -S or fewer processes");
}

/* ---- map -------------------------------------------------------------------------------- */

static int emit_line(const struct join *j, unsigned char file, const unsigned char *line,
                     size_t size, struct mr_context *out)
{
    struct bytes *value = mr_task(out);
    struct field key = { line, 0 };
    size_t at = 0;
    uint64_t left = j->field[file];
    while (left > 0 && join_field_next(j, line, size, &at, &key))
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

/* A key's lines, and what is made of them. A reduce task has one, whose memory the next key has. */
struct group {
    const struct join *j;
    struct mr_context *out;
    struct bytes held[JOIN_FILES]; /* lines, each behind its size */
    struct join_pair pair;         /* the lines at hand */
};

/* Emits the lines at hand as a pair, or what is unpaired of them. */
static int emit(struct group *g, bool first, bool second)
{
    if (!join_pair_make(&g->pair, first, second))
        return no_memory(g->out);
    return mr_emit_result(g->out, NULL, 0, g->pair.text.at, g->pair.text.size);
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
    if (!join_pair_cut(&g->pair, file, held->at + *at, size))
        return no_memory(g->out);
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
        if (!join_pair_cut(&g->pair, 1, bytes, size))
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
    const struct join *j = state;
    struct group *g = mr_task(out);
    (void)key;
    g->j = g->pair.j = j;
    g->out = out;
    g->held[0].size = g->held[1].size = 0;
    g->pair.separator = j->separator == WHITE ? ' ' : (unsigned char)j->separator;
    if (mr_has_columns(out))
        g->pair.separator = '\n'; /* which no field has */
    return take_values(g, values);
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
    .reduce_task_size = sizeof(struct group),
    .reduce_values = reduce,
};
