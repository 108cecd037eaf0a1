/* Separated fields. */
#include "write/separated.h"

#include "write/quote.h"

#include <string.h>

void mr_separated_init(struct mr_separated *f, const struct mr_named_columns *columns, char between,
                       const struct mr_column_sink *sink)
{
    *f = (struct mr_separated){ .sink = sink, .columns = columns, .at = columns->at,
                                .between = between };
}

/* How many of some bytes are the current field's; *ends is whether it ends behind them. */
static size_t find_end(const struct mr_separated *f, const unsigned char *bytes, size_t size,
                       bool *ends)
{
    const bool last = f->at + 1 == f->columns->at + f->columns->count;
    const unsigned char *end = mr_field_has_end(f->at->type, last) && size > 0
                                   ? memchr(bytes, f->at->end, size)
                                   : NULL;
    *ends = end != NULL;
    return end ? (size_t)(end - bytes) : size;
}

static void go_on(struct mr_separated *f)
{
    f->at += f->at->type != MR_COLUMN_FIELDS;
    f->rank++;
}

/* ---- quotes ----------------------------------------------------------------------------- */

static size_t bit_of(const struct mr_separated *f)
{
    return f->rank < MR_SEPARATED_NOTED ? f->rank : MR_SEPARATED_NOTED - 1;
}

static void want_quotes(struct mr_separated *f)
{
    f->quotes = true;
    f->quoted[bit_of(f) / 8] |= (unsigned char)(1 << bit_of(f) % 8);
}

static int put_quote(struct mr_separated *f)
{
    bool quoted = f->quotes && (f->quoted[bit_of(f) / 8] >> bit_of(f) % 8 & 1) != 0;
    return quoted ? f->sink->mark(f->sink->arg, "\"", 1, f->sink->err) : 0;
}

void mr_separated_note(struct mr_separated *f, const unsigned char *bytes, size_t size)
{
    bool ends;
    f->bytes |= size > 0;
    do {
        size_t n = find_end(f, bytes, size, &ends);
        if (mr_wants_quotes(bytes, n))
            want_quotes(f);
        if (!ends)
            return;
        go_on(f);
        bytes += n + 1;
        size -= n + 1;
    } while (true);
}

void mr_separated_noted(struct mr_separated *f, bool alone)
{
    f->at = f->columns->at;
    f->rank = 0;
    if (alone && !f->bytes)
        want_quotes(f);
}

/* ---- writing ---------------------------------------------------------------------------- */

int mr_separated_begin(struct mr_separated *f)
{
    return put_quote(f);
}

static int put_text(struct mr_separated *f, const unsigned char *bytes, size_t size)
{
    return size > 0 ? f->sink->text(f->sink->arg, bytes, size, f->sink->err) : 0;
}

/* The current field ends, and another begins. */
static int next_field(struct mr_separated *f)
{
    if (put_quote(f) < 0 || f->sink->mark(f->sink->arg, &f->between, 1, f->sink->err) < 0)
        return -1;
    go_on(f);
    return put_quote(f);
}

int mr_separated_add(struct mr_separated *f, const unsigned char *bytes, size_t size)
{
    bool ends;
    do {
        size_t n = find_end(f, bytes, size, &ends);
        if (put_text(f, bytes, n) < 0)
            return -1;
        if (!ends)
            return 0;
        if (next_field(f) < 0)
            return -1;
        bytes += n + 1;
        size -= n + 1;
    } while (true);
}

int mr_separated_end(struct mr_separated *f)
{
    return put_quote(f);
}
