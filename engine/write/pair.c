/*
 * Pairs. A line is what stands before the key, the key, what stands between, the value, and what
 * stands behind. Key and value are walked over piece by piece: to be written, to be measured, or to
 * see whether they are to be quoted.
 */
#include "write/pair.h"

#include "base/error.h"
#include "base/utf8.h"
#include "write/columns.h"
#include "write/quote.h"

#include <string.h>

enum { MEASURED = 1 << 9 }; /* bytes that are written in vain at a time, for their size */

/* ---- keys and values -------------------------------------------------------------------- */

enum half { KEY, VALUE };

/* What is done with a piece. Returns 0, or -1, or 1 to see no more. */
typedef int visit(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err);

/* What a value is stored as: a head, perhaps a key, and the value. */
struct parts {
    uint64_t head, key, value; /* bytes */
    bool has_key;
};

static int find_parts(const struct mr_record *r, const struct mr_key_place *place,
                      struct parts *parts, struct mr_error *err)
{
    struct mr_value stored = mr_record_value(r);
    struct mr_key whole;
    const unsigned char *bytes;
    size_t size;
    uint64_t own = 0;
    *parts = (struct parts){ .head = 0 };
    mr_value_open(&whole, &stored, *place, err);
    uint64_t all = whole.left;
    if (mr_key_next(&whole, &bytes, &size) < 0)
        return -1;
    const unsigned char *head = all > 0 ? mr_varint_get(bytes, bytes + size, &own) : NULL;
    if (head == NULL || (own > 0 && own - 1 > all - (size_t)(head - bytes)))
        return mr_error_set(err, "internal error: a record of the result has no head");
    parts->has_key = own > 0;
    parts->head = (uint64_t)(head - bytes);
    parts->key = own > 0 ? own - 1 : 0;
    parts->value = all - parts->head - parts->key;
    return 0;
}

/* Begins to read a record's key or its value, where its parts are known. */
static void open_half(struct mr_key *from, const struct mr_record *r, const struct parts *parts,
                      const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    struct mr_value stored = mr_record_value(r);
    if (half == KEY && !parts->has_key) {
        mr_key_open(from, r, *place, err);
        return;
    }
    mr_value_open(from, &stored, *place, err);
    if (half == KEY)
        mr_key_window(from, parts->head, parts->key);
    else
        mr_key_window(from, parts->head + parts->key, parts->value);
}

/* The same, where they are not. Returns 0 or -1. */
static int find(const struct mr_record *r, const struct mr_key_place *place, enum half half,
                struct mr_key *from, struct mr_error *err)
{
    struct parts parts;
    if (find_parts(r, place, &parts, err) < 0)
        return -1;
    open_half(from, r, &parts, place, half, err);
    return 0;
}

/* Walks over a record's key or its value. Returns what the last visit did. */
static int walk(const struct mr_record *r, const struct mr_key_place *place, enum half half,
                visit *see, void *arg, struct mr_error *err)
{
    struct mr_key from;
    const unsigned char *bytes;
    size_t n;
    int more;
    if (find(r, place, half, &from, err) < 0)
        return -1;
    while ((more = mr_key_next(&from, &bytes, &n)) > 0) {
        int seen = see(arg, bytes, n, err);
        if (seen != 0)
            return seen;
    }
    return more;
}

int mr_pair_open(const struct mr_record *r, const struct mr_key_place *key_place,
                 const struct mr_key_place *value_place, struct mr_key *key, struct mr_key *value,
                 struct mr_error *err)
{
    struct parts parts;
    if (find_parts(r, value_place, &parts, err) < 0)
        return -1;
    open_half(key, r, &parts, key_place, KEY, err);
    open_half(value, r, &parts, value_place, VALUE, err);
    return 0;
}

/* ---- lines ------------------------------------------------------------------------------ */

struct mark {
    const char *text;
    size_t size;
};

#define MARK(text) { text, sizeof(text) - 1 }

/* How a format writes a pair; `quotes` only stand where CSV wants them. */
struct form {
    struct mark before, between, behind;
    bool has_key, quotes;
    bool has_names; /* of columns: what stands between is theirs */
};

static const struct form forms[] = {
    [MR_TSV] = { MARK(""), MARK("\t"), MARK("\n"), true, false, false },
    [MR_CSV] = { MARK(""), MARK(","), MARK("\n"), true, true, false },
    [MR_JSONL] = { MARK("{"), MARK(""), MARK("}\n"), true, false, true },
    [MR_COLON] = { MARK(""), MARK(":"), MARK("\n"), true, false, false },
    [MR_LINES] = { MARK(""), MARK(""), MARK("\n"), false, false, false },
};

/* Where a line goes: to a text, or only into its size. */
struct line {
    struct mr_text *text;
    const struct mr_columns *columns;
    uint64_t size;
    mr_put *put; /* NULL: copy */
    unsigned growth;
};

static int add_mark(struct line *line, struct mark mark, struct mr_error *err)
{
    line->size += mark.size;
    if (line->text == NULL || mark.size == 0)
        return 0;
    unsigned char *to = mr_text_reserve(line->text, mark.size, err);
    if (to == NULL)
        return -1;
    memcpy(to, mark.text, mark.size);
    mr_text_take(line->text, to + mark.size);
    return 0;
}

/* How many bytes a piece becomes: what it would be is written, and counted. */
static uint64_t measure(const struct line *line, const unsigned char *bytes, size_t size)
{
    unsigned char vain[MR_JSON_GROWTH * MEASURED];
    uint64_t sum = 0;
    while (size > 0) {
        size_t n = size > MEASURED ? MEASURED - mr_utf8_unfinished(bytes, MEASURED) : size;
        sum += (size_t)(line->put(vain, bytes, n) - vain);
        bytes += n;
        size -= n;
    }
    return sum;
}

static int add_piece(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    struct line *line = arg;
    if (line->text == NULL) {
        line->size += measure(line, bytes, size);
        return 0;
    }
    unsigned char *to = mr_text_reserve(line->text, line->growth * size, err);
    if (to == NULL)
        return -1;
    if (line->put != NULL) {
        mr_text_take(line->text, line->put(to, bytes, size));
        return 0;
    }
    memcpy(to, bytes, size);
    mr_text_take(line->text, to + size);
    return 0;
}

static int find_special(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    (void)arg;
    (void)err;
    return mr_wants_quotes(bytes, size);
}

/* Adds a record's key or value. Where only its size is asked for, and that is as it is, it need not
 * be read. */
static int add_bytes(struct line *line, const struct mr_record *r,
                     const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    struct mr_key from;
    if (line->text != NULL || line->put != NULL)
        return walk(r, place, half, add_piece, line, err);
    if (find(r, place, half, &from, err) < 0)
        return -1;
    line->size += mr_key_left(&from);
    return 0;
}

/* The same, in quotes where CSV wants them. */
static int add_half(struct line *line, const struct form *form, const struct mr_record *r,
                    const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    int quoted = form->quotes ? walk(r, place, half, find_special, NULL, err) : 0;
    if (quoted < 0)
        return -1;
    line->put = quoted ? mr_put_quoted : NULL;
    line->growth = quoted ? MR_QUOTED_GROWTH : 1;
    struct mark mark = { "\"", quoted ? 1 : 0 };
    if (add_mark(line, mark, err) < 0 || add_bytes(line, r, place, half, err) < 0)
        return -1;
    return add_mark(line, mark, err);
}

static int add_halves(struct line *line, const struct form *form, const struct mr_record *r,
                      const struct mr_key_place *place, struct mr_error *err)
{
    return (form->has_key && add_half(line, form, r, place, KEY, err) < 0) ||
                   add_mark(line, form->between, err) < 0
               ? -1
               : add_half(line, form, r, place, VALUE, err);
}

/* ---- columns with names ----------------------------------------------------------------- */

static int add_member_mark(void *arg, const char *text, size_t size, struct mr_error *err)
{
    return add_mark(arg, (struct mark){ text, size }, err);
}

static int cut_piece(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    (void)err;
    return mr_cut_add(arg, bytes, size);
}

/* Adds a record's key or value, cut into its columns. */
static int add_members(const struct mr_column_sink *sink, const struct mr_named_columns *members,
                       bool first, const struct mr_record *r, const struct mr_key_place *place,
                       enum half half)
{
    struct mr_cutter cutter;
    if (members->count == 0)
        return 0;
    return mr_cut_begin(&cutter, members, first, sink) < 0 ||
                   walk(r, place, half, cut_piece, &cutter, sink->err) < 0
               ? -1
               : mr_cut_end(&cutter);
}

static int add_columns(struct line *line, const struct mr_record *r,
                       const struct mr_key_place *place, struct mr_error *err)
{
    const struct mr_columns *columns = line->columns ? line->columns : &mr_columns_pairs;
    const struct mr_column_sink sink = { add_member_mark, add_piece, line, err };
    line->put = mr_put_json;
    line->growth = MR_JSON_GROWTH;
    return add_members(&sink, &columns->key, true, r, place, KEY) < 0
               ? -1
               : add_members(&sink, &columns->value, columns->key.count == 0, r, place, VALUE);
}

static int add_line(struct line *line, const struct form *form, const struct mr_record *r,
                    const struct mr_key_place *place, struct mr_error *err)
{
    if (add_mark(line, form->before, err) < 0 ||
        (form->has_names ? add_columns(line, r, place, err)
                         : add_halves(line, form, r, place, err)) < 0)
        return -1;
    return add_mark(line, form->behind, err);
}

/* ---- lines of what is in memory --------------------------------------------------------- */

/* A record's key and value. */
struct pair {
    const unsigned char *key, *value;
    size_t key_size, value_size;
};

/* Most records stand in their blocks as a whole, and most formats write them as they are: then no
 * piece need be walked over. Returns whether it is so. */
static bool find_pair(const struct form *form, const struct mr_record *r, struct pair *pair)
{
    struct mr_value stored = mr_record_value(r);
    uint64_t own;
    if (form->has_names || form->quotes || stored.out_of_line)
        return false;
    const unsigned char *end = stored.bytes + stored.size;
    const unsigned char *head = mr_varint_get(stored.bytes, end, &own);
    if (head == NULL || (own == 0 ? r->out_of_line : own - 1 > (size_t)(end - head)))
        return false;
    *pair = (struct pair){ .key = r->key, .key_size = r->size, .value = head };
    if (own > 0) {
        pair->key = head;
        pair->key_size = (size_t)own - 1;
        pair->value = head + pair->key_size;
    }
    pair->key_size = form->has_key ? pair->key_size : 0;
    pair->value_size = (size_t)(end - pair->value);
    return true;
}

static size_t pair_size(const struct form *form, const struct pair *pair)
{
    return form->before.size + pair->key_size + form->between.size + pair->value_size +
           form->behind.size;
}

static unsigned char *put_bytes(unsigned char *to, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(to, bytes, size);
    return to + size;
}

static int write_pair(struct mr_text *text, const struct form *form, const struct pair *pair,
                      struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(text, pair_size(form, pair), err);
    if (to == NULL)
        return -1;
    to = put_bytes(to, form->before.text, form->before.size);
    to = put_bytes(to, pair->key, pair->key_size);
    to = put_bytes(to, form->between.text, form->between.size);
    to = put_bytes(to, pair->value, pair->value_size);
    mr_text_take(text, put_bytes(to, form->behind.text, form->behind.size));
    return 0;
}

int mr_pair_write(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                  const struct mr_key_place *place, struct mr_error *err)
{
    struct line line = { .text = text, .columns = text->columns };
    struct pair pair;
    if (find_pair(&forms[format], r, &pair))
        return write_pair(text, &forms[format], &pair, err);
    return add_line(&line, &forms[format], r, place, err);
}

int mr_pair_size(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *size, struct mr_error *err)
{
    const struct form *form = &forms[scale->kind];
    struct line line = { .columns = scale->columns };
    struct pair pair;
    if (find_pair(form, r, &pair)) {
        *size = pair_size(form, &pair);
        return 0;
    }
    int result = add_line(&line, form, r, place, err);
    *size = line.size;
    return result;
}
