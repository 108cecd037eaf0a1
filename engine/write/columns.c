/* Columns. */
#include "write/columns.h"

#include "base/choices.h"
#include "base/error.h"
#include "write/quote.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------ */

/* Heads of columns, and bytes behind them. */
#define HEAD(text) { text "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(text) - 1, MR_TEXT, 0 }
static const struct mr_named_column usual[] = {
    HEAD("\"key\":"), HEAD("\"value\":"), HEAD("\"word\":"), HEAD("\"count\":"),
};
const struct mr_columns mr_columns_pairs = { .key = { &usual[0], 1 }, .value = { &usual[1], 1 } };
const struct mr_columns mr_columns_counts = { .key = { &usual[2], 1 }, .value = { &usual[3], 1 } };

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
    for (size_t i = 0; i < count; i++)
        lists += columns[i].type == MR_LIST;
    if (lists < 2)
        return 0;
    mr_error_set(err, "the job '%s' has a column that is a list in a list, or behind one",
                 job->name);
    return mr_error_final(err);
}

/* Adds the columns of a key or a value, or the one that it is. */
static int add_members(struct mr_columns *c, const struct mr_job *job,
                       const struct mr_column *columns, const char *name,
                       struct mr_named_columns *to, struct mr_error *err)
{
    const struct mr_column one = { name, MR_TEXT, 0 };
    size_t count = count_columns(columns);
    if (count == 0) {
        columns = &one;
        count = *name != '\0';
    }
    if (check_lists(job, columns, count, err) < 0)
        return -1;
    struct mr_named_column *at = c->members + c->key.count;
    *to = (struct mr_named_columns){ at, count };
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
        c->members[i].head = head;
        head += c->members[i].head_size;
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
    c->members = calloc(count, sizeof *c->members);
    if (c->members == NULL)
        return mr_error_memory(err, count * sizeof *c->members, "the columns");
    if (add_members(c, job, of_key, key, &c->key, err) < 0 ||
        add_members(c, job, of_value, mr_value_name(job), &c->value, err) < 0)
        return -1;
    return place_heads(c, err);
}

void mr_columns_release(struct mr_columns *c)
{
    mr_buffer_free(&c->heads);
    free(c->members);
    c->members = NULL;
}

/* ---- cutting ---------------------------------------------------------------------------- */

static int put(struct mr_cutter *c, const char *text, size_t size)
{
    return c->sink->mark(c->sink->arg, text, size, c->sink->err);
}

static int put_string(struct mr_cutter *c, const char *text)
{
    return put(c, text, strlen(text));
}

static int put_text(struct mr_cutter *c, const void *bytes, size_t size)
{
    return size > 0 ? c->sink->text(c->sink->arg, bytes, size, c->sink->err) : 0;
}

static bool list_has_members(const struct mr_cutter *c)
{
    return c->list != NULL && c->list < c->last;
}

/* A value begins: a text, or what may be a number. */
static int begin_value(struct mr_cutter *c, enum mr_column_type type)
{
    c->numeric = type == MR_NUMBER;
    c->digits = 0;
    return c->numeric ? 0 : put_string(c, "\"");
}

static int begin_member(struct mr_cutter *c, const struct mr_named_column *m, bool first)
{
    c->at = m;
    if ((!first && put_string(c, ",") < 0) || put(c, m->head, m->head_size) < 0)
        return -1;
    return m->type == MR_LIST ? put_string(c, "[") : begin_value(c, m->type);
}

static int begin_item(struct mr_cutter *c)
{
    if (!list_has_members(c))
        return begin_value(c, MR_TEXT);
    return put_string(c, "{") < 0 ? -1 : begin_member(c, c->list + 1, true);
}

/* A member, and of a list its first item, too. */
static int begin(struct mr_cutter *c, const struct mr_named_column *m, bool first)
{
    if (begin_member(c, m, first) < 0)
        return -1;
    return m->type == MR_LIST ? begin_item(c) : 0;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Whether a text is a number as JSON has them: -12, 0.5, 1e+10, but not 012, .5 or 1. */
static bool is_number(const char *at, const char *end)
{
    at += at < end && *at == '-';
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits || (*digits == '0' && at - digits > 1))
        return false;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        if (at == digits)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        at = skip_digits(at, end);
        if (at == digits)
            return false;
    }
    return at == end;
}

/* What was taken for a number is a text. */
static int turn_to_text(struct mr_cutter *c)
{
    c->numeric = false;
    return put_string(c, "\"") < 0 ? -1 : put_text(c, c->number, c->digits);
}

static bool may_be_number(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '\0' || strchr("0123456789+-.eE", bytes[i]) == NULL)
            return false;
    return true;
}

static int add_to_value(struct mr_cutter *c, const unsigned char *bytes, size_t size)
{
    if (c->numeric && size <= sizeof c->number - c->digits && may_be_number(bytes, size)) {
        memcpy(c->number + c->digits, bytes, size);
        c->digits += (unsigned)size;
        return 0;
    }
    if (c->numeric && turn_to_text(c) < 0)
        return -1;
    return put_text(c, bytes, size);
}

static int end_value(struct mr_cutter *c)
{
    if (c->numeric && is_number(c->number, c->number + c->digits))
        return put(c, c->number, c->digits);
    if (c->numeric && turn_to_text(c) < 0)
        return -1;
    return put_string(c, "\"");
}

static int end_item(struct mr_cutter *c)
{
    return list_has_members(c) ? put_string(c, "}") : 0;
}

/* What ends the value at hand. Returns whether anything does but the text's end. */
static bool find_end(const struct mr_cutter *c, unsigned char *end)
{
    bool ends_item = c->list != NULL && c->at == c->last;
    *end = ends_item ? c->list->end : c->at->end;
    return ends_item || c->at < c->last;
}

/* The value at hand ends, and another begins. */
static int next_value(struct mr_cutter *c)
{
    if (end_value(c) < 0)
        return -1;
    if (c->at < c->last && c->at != c->list)
        return begin(c, c->at + 1, false);
    return end_item(c) < 0 || put_string(c, ",") < 0 ? -1 : begin_item(c);
}

int mr_cut_begin(struct mr_cutter *c, const struct mr_named_columns *members, bool first,
                 const struct mr_column_sink *sink)
{
    *c = (struct mr_cutter){ .sink = sink, .at = members->at,
                             .last = members->at + members->count - 1 };
    for (const struct mr_named_column *m = members->at; m <= c->last; m++)
        c->list = m->type == MR_LIST ? m : c->list;
    return begin(c, members->at, first);
}

int mr_cut_add(struct mr_cutter *c, const unsigned char *bytes, size_t size)
{
    unsigned char end;
    const unsigned char *stop;
    while (find_end(c, &end) && (stop = memchr(bytes, end, size)) != NULL) {
        if (add_to_value(c, bytes, (size_t)(stop - bytes)) < 0 || next_value(c) < 0)
            return -1;
        size -= (size_t)(stop + 1 - bytes);
        bytes = stop + 1;
    }
    return add_to_value(c, bytes, size);
}

int mr_cut_end(struct mr_cutter *c)
{
    if (end_value(c) < 0)
        return -1;
    if (c->list == NULL || c->at < c->list) /* it was not come to */
        return 0;
    return end_item(c) < 0 ? -1 : put_string(c, "]");
}
