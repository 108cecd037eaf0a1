/*
 * links: lines of two fields, from and to, turned round: who points at each target.
 *
 *     a b     c b     a c      ->      b     a c
 *                                      c     a
 *
 * The sources of a target stand in the order of the input. Fields are separated as in other jobs
 * (text/field_lines.h); what follows the second is left out, and so are lines of one.
 */
#include "jobs.h"
#include "text/field_lines.h"

struct links {
    struct field_lines lines; /* of which only -t is asked for */
};

JOB_SEPARATOR(links)

static const struct mr_option options[] = {
    { 't', "separator", "X", "fields end at the byte X (white space; .csv: commas)",
      set_separator },
    { 0 },
};

static void identify(const void *state, struct mr_identity *to)
{
    field_lines_identify(&((const struct links *)state)->lines, to);
}

static const struct mr_records *records(const void *state, const char *path)
{
    return field_lines_records(&((const struct links *)state)->lines, path);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct links *l = state;
    struct field_rows rows;
    if (field_rows_begin(&rows, &l->lines, chunk, NULL, out) < 0)
        return -1;
    while (field_rows_next(&rows)) {
        struct field from, to;
        if (field_rows_field(&rows, &from) && field_rows_field(&rows, &to) &&
            mr_emit_value(out, to.bytes, to.size, from.bytes, from.size) < 0)
            return -1;
    }
    return 0;
}

/* All values of a key in one line, with blanks, or what separated the fields, between them; or, as
 * a list, what no line has. */
static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const struct links *l = state;
    const unsigned char shown = l->lines.separated ? (unsigned char)l->lines.separator : ' ';
    const unsigned char between = mr_has_lists(out) ? '\n' : shown;
    const unsigned char *bytes;
    size_t size;
    int more, sources = 0;
    (void)key;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        if (sources++ > 0 && mr_result_add(out, &between, 1) < 0)
            return -1;
        while ((more = mr_values_read(values, &bytes, &size)) > 0)
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        if (more < 0)
            return -1;
    }
    return more < 0 ? -1 : mr_result_end(out);
}

static const struct mr_column columns[] = { { "sources", MR_COLUMN_LIST, '\n' }, { 0 } };

const struct mr_job job_links = {
    .name = "links",
    .summary = "pairs 'from to' turned round: each target, and who points at it",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .key_name = "target",
    .value_name = "sources",
    .value_columns = columns,
    .options = options,
    .state_size = sizeof(struct links),
    .identify = identify,
    .records = records,
    .whole_records = true,
    .map = map,
    .reduce_values = reduce,
};
