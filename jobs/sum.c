/*
 * sum: lines grouped by fields, and of each group how many there are, and the sum, the least, the
 * greatest and the mean of a field that is a number.
 *
 *     a 1.5                   a   2   4   1.5   2.5   2
 *     b 7      -k 1 -v 2
 *     a 2.5                   b   1   7   7     7     7
 *
 * Without -k, all lines are one group. A value is an aggregate (text/aggregate.h): those of a key
 * become one in the mapper already.
 */
#include "jobs.h"
#include "sum_lines.h"
#include "text/aggregate.h"

static int combine(const void *state, struct mr_key *key, struct mr_value_list *values,
                   struct mr_context *out)
{
    unsigned char value[AGGREGATE_BYTES];
    struct aggregate all;
    (void)state;
    (void)key;
    if (aggregate_values(values, &all) < 0)
        return -1;
    return mr_emit_result(out, NULL, 0, value, (size_t)(aggregate_put(value, &all) - value));
}

static char *put_tab(char *to)
{
    *to = '\t';
    return to + 1;
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const struct sum *s = state;
    char text[5 * DECIMAL_TEXT];
    struct aggregate all;
    (void)key;
    if (mr_result_begin(out, NULL, 0) < 0 || aggregate_values(values, &all) < 0)
        return -1;
    struct decimal count = { { all.count }, 0 };
    struct decimal mean = decimal_divide(&all.sum, all.count, s->places);
    char *end = put_tab(decimal_write(text, &count));
    end = put_tab(decimal_write(end, &all.sum));
    end = put_tab(decimal_write(end, &all.least));
    end = put_tab(decimal_write(end, &all.greatest));
    end = decimal_write(end, &mean);
    return mr_result_add(out, text, (size_t)(end - text)) < 0 ? -1 : mr_result_end(out);
}

static const struct mr_column keys[] = { { "key", MR_COLUMN_FIELDS, '\n' }, { 0 } };
static const struct mr_column figures[] = {
    { "count", MR_COLUMN_NUMBER, '\t' }, { "sum", MR_COLUMN_NUMBER, '\t' },
    { "min", MR_COLUMN_NUMBER, '\t' },   { "max", MR_COLUMN_NUMBER, '\t' },
    { "mean", MR_COLUMN_NUMBER, 0 },     { 0 },
};

static void fit(const void *state, struct mr_job *job)
{
    const struct sum *s = state;
    if (s->keys == 0)
        job->key_name = ""; /* no column: there is but one group */
    else if (s->keys > 1)
        job->key_columns = keys;
    if (s->lines.quoted)
        job->quotes = sum_quotes;
    if (s->named) {
        job->begin_file = sum_begin_file;
        job->note_size = sizeof(struct sum_fields);
    }
}

const struct mr_job job_sum = {
    .name = "sum",
    .summary = "count, sum, least, greatest and mean of a number, grouped by fields",
    .values = MR_BYTES,
    .internal_values = true,
    .order = MR_BY_KEY,
    .value_name = "figures",
    .value_columns = figures,
    .options = sum_options,
    .state_size = sizeof(struct sum),
    .ready = sum_ready,
    .release = sum_release,
    .fit = fit,
    .identify = sum_identify,
    .records = sum_records,
    .whole_records = true,
    .task_size = sizeof(struct sum_task),
    .map = sum_map,
    .end = sum_end,
    .combine_values = combine,
    .reduce_values = reduce,
};
