/*
 * join: lines of two files that have a field in common, as join has them, of files in any order.
 *
 *     a: 1 x    b: 2 v    ->    1 x u
 *        2 y       1 u          2 y v
 *
 * The field is the key; a value is the line and a byte that tells its file. Of a key the reducer is
 * handed the first file's lines first, and prints what is to be of them (join_group.h).
 */
#include "jobs.h"
#include "join_group.h"

#include <string.h>

static int emit_line(const struct join *j, unsigned char file, const unsigned char *line,
                     size_t size, struct mr_context *out)
{
    struct field key = { line, 0 };
    size_t at = 0;
    uint64_t left = j->field[file];
    while (left > 0 && join_field_next(j, line, size, &at, &key))
        left--;
    unsigned char *value = bytes_hold(mr_task(out), size + 1, out);
    if (value == NULL)
        return -1;
    memcpy(value, line, size);
    value[size] = file;
    return mr_emit_value(out, key.bytes, left > 0 ? 0 : key.size, value, size + 1);
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
    .reduce_task_size = sizeof(struct join_group),
    .reduce_values = join_group_reduce,
};
