/* Objects. */
#include "write/object.h"

#include <string.h>

static int put(struct mr_object *o, const char *text, size_t size)
{
    return o->sink->mark(o->sink->arg, text, size, o->sink->err);
}

static int put_string(struct mr_object *o, const char *text)
{
    return put(o, text, strlen(text));
}

static int put_text(struct mr_object *o, const void *bytes, size_t size)
{
    return size > 0 ? o->sink->text(o->sink->arg, bytes, size, o->sink->err) : 0;
}

static bool list_has_members(const struct mr_object *o)
{
    return o->list != NULL && o->list < o->last;
}

/* A value begins: a text, or what may be a number. */
static int begin_value(struct mr_object *o, enum mr_column_type type)
{
    o->numeric = type == MR_COLUMN_NUMBER;
    o->digits = 0;
    return o->numeric ? 0 : put_string(o, "\"");
}

static int begin_member(struct mr_object *o, const struct mr_named_column *m, bool first)
{
    o->at = m;
    if ((!first && put_string(o, ",") < 0) || put(o, m->head, m->head_size) < 0)
        return -1;
    return mr_column_is_list(m->type) ? put_string(o, "[") : begin_value(o, m->type);
}

static int begin_item(struct mr_object *o)
{
    if (!list_has_members(o))
        return begin_value(o, MR_COLUMN_TEXT);
    return put_string(o, "{") < 0 ? -1 : begin_member(o, o->list + 1, true);
}

/* A member, and of a list its first item, too. */
static int begin(struct mr_object *o, const struct mr_named_column *m, bool first)
{
    if (begin_member(o, m, first) < 0)
        return -1;
    return mr_column_is_list(m->type) ? begin_item(o) : 0;
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
static int turn_to_text(struct mr_object *o)
{
    o->numeric = false;
    return put_string(o, "\"") < 0 ? -1 : put_text(o, o->number, o->digits);
}

static bool may_be_number(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '\0' || strchr("0123456789+-.eE", bytes[i]) == NULL)
            return false;
    return true;
}

static int add_to_value(struct mr_object *o, const unsigned char *bytes, size_t size)
{
    if (o->numeric && size <= sizeof o->number - o->digits && may_be_number(bytes, size)) {
        memcpy(o->number + o->digits, bytes, size);
        o->digits += (unsigned)size;
        return 0;
    }
    if (o->numeric && turn_to_text(o) < 0)
        return -1;
    return put_text(o, bytes, size);
}

static int end_value(struct mr_object *o)
{
    if (o->numeric && is_number(o->number, o->number + o->digits))
        return put(o, o->number, o->digits);
    if (o->numeric && turn_to_text(o) < 0)
        return -1;
    return put_string(o, "\"");
}

static int end_item(struct mr_object *o)
{
    return list_has_members(o) ? put_string(o, "}") : 0;
}

/* What ends the current value. Returns whether anything does but the text's end. */
static bool find_end(const struct mr_object *o, unsigned char *end)
{
    bool ends_item = o->list != NULL && o->at == o->last;
    *end = ends_item ? o->list->end : o->at->end;
    return ends_item || o->at < o->last;
}

/* The current value ends, and another begins. */
static int next_value(struct mr_object *o)
{
    if (end_value(o) < 0)
        return -1;
    if (o->at < o->last && o->at != o->list)
        return begin(o, o->at + 1, false);
    return end_item(o) < 0 || put_string(o, ",") < 0 ? -1 : begin_item(o);
}

int mr_object_begin(struct mr_object *o, const struct mr_named_columns *columns, bool first,
                    const struct mr_column_sink *sink)
{
    *o = (struct mr_object){ .sink = sink, .at = columns->at,
                             .last = columns->at + columns->count - 1 };
    for (const struct mr_named_column *m = columns->at; m <= o->last; m++)
        o->list = mr_column_is_list(m->type) ? m : o->list;
    return begin(o, columns->at, first);
}

int mr_object_add(struct mr_object *o, const unsigned char *bytes, size_t size)
{
    unsigned char end;
    const unsigned char *stop;
    while (find_end(o, &end) && (stop = memchr(bytes, end, size)) != NULL) {
        if (add_to_value(o, bytes, (size_t)(stop - bytes)) < 0 || next_value(o) < 0)
            return -1;
        size -= (size_t)(stop + 1 - bytes);
        bytes = stop + 1;
    }
    return add_to_value(o, bytes, size);
}

int mr_object_end(struct mr_object *o)
{
    if (end_value(o) < 0)
        return -1;
    if (o->list == NULL || o->at < o->list) /* it was not come to */
        return 0;
    return end_item(o) < 0 ? -1 : put_string(o, "]");
}
