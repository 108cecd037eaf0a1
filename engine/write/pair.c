/*
 * Pairs. A line has the columns of the key, and then those of the value; either may have none. Key
 * and value are walked over piece by piece: to be written, to be measured, or to see which fields
 * are to be quoted.
 */
#include "write/pair.h"

#include "base/error.h"
#include "base/utf8.h"
#include "write/separated.h"
#include "write/object.h"
#include "write/quote.h"

#include <string.h>

enum { MEASURED = 1 << 9 }; /* bytes that are written in vain at a time, for their size */

/* ---- keys and values -------------------------------------------------------------------- */

enum half { KEY, VALUE };

/* What is done with a piece. Returns 0 or -1. */
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

/* Walks over a record's key or its value. Returns 0 or -1. */
static int walk(const struct mr_record *r, const struct mr_key_place *place, enum half half,
                visit *see, void *arg, struct mr_error *err)
{
    struct mr_key from;
    const unsigned char *bytes;
    size_t n;
    int more;
    if (find(r, place, half, &from, err) < 0)
        return -1;
    while ((more = mr_key_next(&from, &bytes, &n)) > 0)
        if (see(arg, bytes, n, err) < 0)
            return -1;
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

/* How a format writes a pair. */
struct form {
    char between;     /* fields */
    bool quotes;      /* these stand in them where they must */
    bool has_names;   /* columns are members of an object */
    bool value_alone;
};

static const struct form forms[] = {
    [MR_TSV] = { .between = '\t' },
    [MR_CSV] = { .between = ',', .quotes = true },
    [MR_JSONL] = { .has_names = true },
    [MR_COLON] = { .between = ':' },
    [MR_LINES] = { .value_alone = true },
};

/* Where a line goes: to a text, or only into its size. */
struct line {
    struct mr_text *text;
    const struct form *form;
    const struct mr_columns *columns;
    uint64_t size;
    mr_put *put; /* NULL: copy */
    unsigned growth;
};

static struct line line_of(const struct form *form, const struct mr_columns *columns)
{
    if (columns == NULL)
        columns = &mr_columns_pairs;
    return (struct line){ .form = form, .growth = 1,
                          .columns = form->value_alone ? &mr_columns_value : columns };
}

static const struct mr_named_columns *columns_of(const struct line *line, enum half half)
{
    return half == KEY ? &line->columns->key : &line->columns->value;
}

/* Whether the line has both a key and a value. */
static bool has_both(const struct line *line)
{
    return line->columns->key.count > 0 && line->columns->value.count > 0;
}

static int add_mark(void *arg, const char *text, size_t size, struct mr_error *err)
{
    struct line *line = arg;
    line->size += size;
    if (line->text == NULL)
        return 0;
    unsigned char *to = mr_text_reserve(line->text, size, err);
    if (to == NULL)
        return -1;
    memcpy(to, text, size);
    mr_text_take(line->text, to + size);
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
        line->size += line->put != NULL ? measure(line, bytes, size) : size;
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

/* ---- fields ----------------------------------------------------------------------------- */

static int note_piece(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    (void)err;
    mr_separated_note(arg, bytes, size);
    return 0;
}

static int put_piece(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    (void)err;
    return mr_separated_add(arg, bytes, size);
}

/* Adds a record's key or value as it is. Where only its size is asked for, it need not be read. */
static int add_bytes(struct line *line, const struct mr_record *r,
                     const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    struct mr_key from;
    if (line->text != NULL)
        return walk(r, place, half, add_piece, line, err);
    if (find(r, place, half, &from, err) < 0)
        return -1;
    line->size += mr_key_left(&from);
    return 0;
}

/* Adds it cut into fields. */
static int add_fields(struct line *line, const struct mr_record *r,
                      const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    const struct mr_column_sink sink = { add_mark, add_piece, line, err };
    struct mr_separated fields;
    mr_separated_init(&fields, columns_of(line, half), line->form->between, &sink);
    if (line->form->quotes) {
        if (walk(r, place, half, note_piece, &fields, err) < 0)
            return -1;
        mr_separated_noted(&fields, !has_both(line));
    }
    line->put = fields.quotes ? mr_put_quoted : NULL;
    line->growth = fields.quotes ? MR_QUOTED_GROWTH : 1;
    return mr_separated_begin(&fields) < 0 || walk(r, place, half, put_piece, &fields, err) < 0
               ? -1
               : mr_separated_end(&fields);
}

static bool stands(const struct line *line, enum half half)
{
    return !line->form->quotes && mr_separated_stand(columns_of(line, half), line->form->between);
}

static int add_half(struct line *line, const struct mr_record *r,
                    const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    if (columns_of(line, half)->count == 0)
        return 0;
    return stands(line, half) ? add_bytes(line, r, place, half, err)
                              : add_fields(line, r, place, half, err);
}

static int add_halves(struct line *line, const struct mr_record *r,
                      const struct mr_key_place *place, struct mr_error *err)
{
    if (add_half(line, r, place, KEY, err) < 0 ||
        (has_both(line) && add_mark(line, &line->form->between, 1, err) < 0) ||
        add_half(line, r, place, VALUE, err) < 0)
        return -1;
    return add_mark(line, "\n", 1, err);
}

/* ---- objects ---------------------------------------------------------------------------- */

static int cut_piece(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err)
{
    (void)err;
    return mr_object_add(arg, bytes, size);
}

/* Adds a record's key or value, cut into the members of an object. */
static int add_members(struct line *line, const struct mr_record *r,
                       const struct mr_key_place *place, enum half half, struct mr_error *err)
{
    const struct mr_column_sink sink = { add_mark, add_piece, line, err };
    struct mr_object object;
    bool first = half == KEY || line->columns->key.count == 0;
    if (columns_of(line, half)->count == 0)
        return 0;
    return mr_object_begin(&object, columns_of(line, half), first, &sink) < 0 ||
                   walk(r, place, half, cut_piece, &object, err) < 0
               ? -1
               : mr_object_end(&object);
}

static int add_object(struct line *line, const struct mr_record *r,
                      const struct mr_key_place *place, struct mr_error *err)
{
    line->put = mr_put_json;
    line->growth = MR_JSON_GROWTH;
    if (add_mark(line, "{", 1, err) < 0 || add_members(line, r, place, KEY, err) < 0 ||
        add_members(line, r, place, VALUE, err) < 0)
        return -1;
    return add_mark(line, "}\n", 2, err);
}

static int add_line(struct line *line, const struct mr_record *r,
                    const struct mr_key_place *place, struct mr_error *err)
{
    return line->form->has_names ? add_object(line, r, place, err)
                                 : add_halves(line, r, place, err);
}

/* ---- lines of what is in memory --------------------------------------------------------- */

/* A record's key and value. */
struct pair {
    const unsigned char *key, *value;
    size_t key_size, value_size;
};

/* Most records stand in their blocks as a whole, and most formats write them as they are: then no
 * piece need be walked over. Returns whether it is so. */
static bool find_pair(const struct line *line, const struct mr_record *r, struct pair *pair)
{
    struct mr_value stored = mr_record_value(r);
    uint64_t own;
    if (line->form->has_names || stored.out_of_line || line->columns->value.count == 0 ||
        !stands(line, KEY) || !stands(line, VALUE))
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
    pair->value_size = (size_t)(end - pair->value);
    return true;
}

static size_t pair_size(const struct line *line, const struct pair *pair)
{
    return (has_both(line) ? pair->key_size + 1 : 0) + pair->value_size + 1;
}

static unsigned char *put_bytes(unsigned char *to, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(to, bytes, size);
    return to + size;
}

static int write_pair(const struct line *line, const struct pair *pair, struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(line->text, pair_size(line, pair), err);
    if (to == NULL)
        return -1;
    if (has_both(line)) {
        to = put_bytes(to, pair->key, pair->key_size);
        *to++ = (unsigned char)line->form->between;
    }
    to = put_bytes(to, pair->value, pair->value_size);
    *to++ = '\n';
    mr_text_take(line->text, to);
    return 0;
}

int mr_pair_write(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                  const struct mr_key_place *place, struct mr_error *err)
{
    struct line line = line_of(&forms[format], text->columns);
    struct pair pair;
    line.text = text;
    return find_pair(&line, r, &pair) ? write_pair(&line, &pair, err)
                                      : add_line(&line, r, place, err);
}

int mr_pair_size(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *size, struct mr_error *err)
{
    struct line line = line_of(&forms[scale->kind], scale->columns);
    struct pair pair;
    if (find_pair(&line, r, &pair)) {
        *size = pair_size(&line, &pair);
        return 0;
    }
    int result = add_line(&line, r, place, err);
    *size = line.size;
    return result;
}
