/* Columns. */
#include "write/columns.h"

#include "base/choices.h"
#include "base/error.h"
#include "write/quote.h"

#include <stdlib.h>
#include <string.h>

/* Heads of columns, and bytes behind them. */
#define HEAD(text) { text "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(text) - 1, MR_COLUMN_TEXT, 0 }
static const struct mr_named_column usual[] = {
    HEAD("\"key\":"), HEAD("\"value\":"), HEAD("\"word\":"), HEAD("\"count\":"),
};
#define ONE(i) { &usual[i], 1, MR_ONE_FIELD }
const struct mr_columns mr_columns_pairs = { .key = ONE(0), .value = ONE(1) };
const struct mr_columns mr_columns_value = { .value = ONE(1) };
const struct mr_columns mr_columns_counts = { .key = ONE(2), .value = ONE(3) };

static size_t count_columns(const struct mr_column *columns)
{
    size_t count = 0;
    while (columns != NULL && columns[count].name != NULL)
        count++;
    return count;
}

/* Adds a column's head, and notes in the member where among the heads it stands, as these may still
 * move. */
static int add_member(struct mr_columns *c, struct mr_named_column *m,
                      const struct mr_column *column, struct mr_error *err)
{
    size_t size = strlen(column->name), before = c->heads.size;
    unsigned char *to = mr_buffer_reserve(&c->heads, MR_JSON_GROWTH * size + 3);
    if (to == NULL)
        return mr_error_memory(err, size, "the name of a column");
    *to++ = '"';
    to = mr_put_json(to, (const unsigned char *)column->name, size);
    *to++ = '"';
    *to++ = ':';
    c->heads.size = (size_t)(to - c->heads.at);
    *m = (struct mr_named_column){ NULL, c->heads.size - before, column->type, column->end };
    return 0;
}

static int check_lists(const struct mr_job *job, const struct mr_column *columns, size_t count,
                       struct mr_error *err)
{
    size_t lists = 0;
    bool behind_fields = false;
    for (size_t i = 0; i < count; i++) {
        lists += mr_column_is_list(columns[i].type);
        behind_fields |= i > 0 && columns[i - 1].type == MR_COLUMN_FIELDS;
    }
    if (lists < 2 && !behind_fields)
        return 0;
    mr_error_set(err, "the job '%s' has a column %s", job->name,
                 behind_fields ? "behind a list of fields"
                               : "that is a list in a list, or behind one");
    return mr_error_final(err);
}

/* What ends each field of some columns, as mr_named_columns has it. */
static int common_end(const struct mr_column *columns, size_t count)
{
    int end = MR_ONE_FIELD;
    for (size_t i = 0; i < count && mr_field_has_end(columns[i].type, i + 1 == count); i++) {
        if (end != MR_ONE_FIELD && end != columns[i].end)
            return MR_ENDS_DIFFER;
        end = columns[i].end;
    }
    return end;
}

/* Adds the columns of a key or a value, or the one that it is. */
static int add_members(struct mr_columns *c, const struct mr_job *job,
                       const struct mr_column *columns, const char *name,
                       struct mr_named_columns *to, struct mr_error *err)
{
    const struct mr_column one = { name, MR_COLUMN_TEXT, 0 };
    size_t count = count_columns(columns);
    if (count == 0) {
        columns = &one;
        count = *name != '\0';
    }
    if (check_lists(job, columns, count, err) < 0)
        return -1;
    struct mr_named_column *at = c->named + c->key.count;
    *to = (struct mr_named_columns){ at, count, common_end(columns, count) };
    for (size_t i = 0; i < count; i++)
        if (add_member(c, &at[i], &columns[i], err) < 0)
            return -1;
    return 0;
}

/* Where the heads stand is known when all are there. */
static int place_heads(struct mr_columns *c, struct mr_error *err)
{
    if (mr_buffer_reserve(&c->heads, MR_HEAD_SLACK) == NULL)
        return mr_error_memory(err, MR_HEAD_SLACK, "the columns");
    memset(c->heads.at + c->heads.size, 0, MR_HEAD_SLACK);
    const char *head = (const char *)c->heads.at;
    for (size_t i = 0; i < c->key.count + c->value.count; i++) {
        c->named[i].head = head;
        head += c->named[i].head_size;
    }
    return 0;
}

int mr_columns_name(struct mr_columns *c, const struct mr_job *job, bool pairs,
                    struct mr_error *err)
{
    const char *key = pairs && job->key_name ? job->key_name : mr_key_name(job);
    const struct mr_column *of_key = pairs ? job->key_columns : NULL;
    const struct mr_column *of_value = pairs ? job->value_columns : NULL;
    size_t count = count_columns(of_key) + count_columns(of_value) + 2;
    c->named = calloc(count, sizeof *c->named);
    if (c->named == NULL)
        return mr_error_memory(err, count * sizeof *c->named, "the columns");
    if (add_members(c, job, of_key, key, &c->key, err) < 0 ||
        add_members(c, job, of_value, mr_value_name(job), &c->value, err) < 0)
        return -1;
    return place_heads(c, err);
}

void mr_columns_release(struct mr_columns *c)
{
    mr_buffer_free(&c->heads);
    free(c->named);
    c->named = NULL;
}
