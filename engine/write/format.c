/*
 * Formats. A line is what stands before its key, the key in the format's writing, what stands
 * between, the value, and what stands behind:
 *
 *     {"word":" | the | ","count": | 12 | }<LF>
 *
 * but in uniq, where the value comes first. A key larger than memory is written in pieces.
 */
#include "write/format.h"

#include "base/error.h"
#include "base/utf8.h"
#include "store/group.h"
#include "store/partial.h"
#include "write/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS = 20,      /* of a number, at most */
    UNIQ_DIGITS = 7,  /* of one in uniq, at least */
    MEASURED = 1 << 9 /* bytes of a key that are written in vain at a time, for their size */
};

static unsigned digits_of(uint64_t value)
{
    unsigned digits = 1;
    while ((value /= 10) > 0)
        digits++;
    return digits;
}

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
    if (value < 10) {
        *to = (unsigned char)('0' + value);
        return to + 1;
    }
    unsigned char digits[DIGITS], *from = digits + sizeof digits;
    do
        *--from = (unsigned char)('0' + value % 10);
    while ((value /= 10) > 0);
    size_t n = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, n);
    return to + n;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* What stands around a key, copied whole: one of known size costs no call. */
struct mark {
    char text[16];
    unsigned char size;
};
#define MARK(string) { string, sizeof(string) - 1 }

static unsigned char *put_mark(unsigned char *to, const struct mark *mark)
{
    memcpy(to, mark->text, sizeof mark->text);
    return to + mark->size;
}

/* How a format writes a line. */
struct form {
    mr_put *put;      /* NULL: copy */
    unsigned growth;  /* bytes that one of a key may become */
    bool value_first; /* it is what stands between then */
    bool has_names;   /* what the columns are called stands before them */
    struct mark before, between, behind, share, documents;
};

static const struct form forms[] = {
    [MR_TSV] = { NULL, 1, false, false, MARK(""), MARK("\t"), MARK("\n"), MARK("\t"), MARK("\t") },
    [MR_CSV] = { NULL, 1, false, false, MARK(""), MARK(","), MARK("\n"), MARK(","), MARK(",") },
    [MR_JSONL] = { mr_put_json, MR_JSON_GROWTH, false, true, MARK("{"), MARK("\","), MARK("}\n"),
                   MARK(",\"percent\":"), MARK(",\"documents\":") },
    [MR_COLON] = { NULL, 1, false, false, MARK(""), MARK(":"), MARK("\n"), MARK(":"), MARK(":") },
    [MR_UNIQ] = { NULL, 1, true, false, MARK(""), MARK(" "), MARK("\n"), MARK(" "), MARK(" ") },
    [MR_LINES] = { NULL, 1, false, false, MARK(""), MARK(""), MARK("\n"), MARK(""), MARK("") },
    [MR_KEYS] = { NULL, 1, false, false, MARK(""), MARK(""), MARK("\n"), MARK(""), MARK("") },
};
_Static_assert(sizeof forms / sizeof *forms == MR_FORMATS, "each format has a form");
/* JSON's, where something stands before it. */
static const struct form json_behind = { mr_put_json, MR_JSON_GROWTH, false, true, MARK(","),
                                         MARK("\","), MARK("}\n"), MARK(",\"percent\":"),
                                         MARK(",\"documents\":") };
static const struct form quoted = { mr_put_quoted, MR_QUOTED_GROWTH, false, false, MARK("\""),
                                    MARK("\","), MARK("\n"), MARK(","), MARK(",") };

/* How many bytes of a key are no part of its line. */
static size_t head_of(const struct mr_columns *columns)
{
    return columns && columns->input_name ? MR_GROUP_SIZE : 0;
}

/* Begins to read what a line has of a key. */
static void open_key(struct mr_key *key, const struct mr_record *r,
                     const struct mr_key_place *place, size_t head, struct mr_error *err)
{
    mr_key_open(key, r, *place, err);
    if (head > 0)
        mr_key_window(key, head, mr_key_left(key) - head);
}

/* Whether CSV must quote a key: 1, 0, or -1. */
static int needs_quotes(const struct mr_record *r, const struct mr_key_place *place, size_t head,
                        struct mr_error *err)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    if (!r->out_of_line)
        return mr_wants_quotes(r->key + head, r->size - head);
    open_key(&key, r, place, head, err);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0)
        if (mr_wants_quotes(bytes, size))
            return 1;
    return more;
}

/* The form of a record's line; NULL on failure. */
static const struct form *form_of(enum mr_format format, const struct mr_record *r,
                                  const struct mr_key_place *place, size_t head,
                                  struct mr_error *err)
{
    if (format == MR_JSONL && head > 0)
        return &json_behind;
    if (format != MR_CSV)
        return &forms[format];
    int quotes = needs_quotes(r, place, head, err);
    return quotes < 0 ? NULL : quotes ? &quoted : &forms[format];
}

static unsigned char *put_piece(const struct form *form, unsigned char *to,
                                const unsigned char *bytes, size_t n)
{
    if (form->put != NULL)
        return form->put(to, bytes, n);
    memcpy(to, bytes, n);
    return to + n;
}

static int put_key(struct mr_text *text, const struct form *form, const struct mr_record *r,
                   const struct mr_key_place *place, struct mr_error *err)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    open_key(&key, r, place, head_of(text->columns), err);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0) {
        unsigned char *to = mr_text_reserve(text, form->growth * size, err);
        if (to == NULL)
            return -1;
        mr_text_take(text, put_piece(form, to, bytes, size));
    }
    return more;
}

/* How a format writes the name of a file before all else; CSV perhaps between quotes. */
static const struct {
    mr_put *put;
    struct mark before, behind;
} names[] = {
    [MR_TSV] = { NULL, MARK(""), MARK("\t") },
    [MR_CSV] = { NULL, MARK(""), MARK(",") },
    [MR_JSONL] = { mr_put_json, MARK("{\"file\":\""), MARK("\"") },
    [MR_COLON] = { NULL, MARK(""), MARK(":") },
    [MR_UNIQ] = { NULL, MARK(""), MARK(" ") },
    [MR_LINES] = { NULL, MARK(""), MARK(":") },
    [MR_KEYS] = { NULL, MARK(""), MARK("\t") },
};
_Static_assert(sizeof names / sizeof *names == MR_FORMATS, "each format writes names");
enum { NAME_GROWTH = MR_JSON_GROWTH, NAME_AROUND = 32 };

static const char *name_of(const struct mr_columns *columns, const struct mr_record *r)
{
    const char *name = columns->input_name(columns->inputs, mr_group_source(mr_group_of(r)));
    return name ? name : "";
}

/* Writes the name to room for NAME_GROWTH times its bytes and NAME_AROUND. Returns the byte after
 * what is written. */
static unsigned char *put_name(unsigned char *to, enum mr_format format, const char *name)
{
    const unsigned char *bytes = (const unsigned char *)name;
    size_t size = strlen(name);
    bool quotes = format == MR_CSV && mr_wants_quotes(bytes, size);
    mr_put *put = quotes ? mr_put_quoted : names[format].put;
    to = put_mark(to, &names[format].before);
    if (quotes)
        *to++ = '"';
    if (put != NULL) {
        to = put(to, bytes, size);
    } else {
        memcpy(to, bytes, size);
        to += size;
    }
    if (quotes)
        *to++ = '"';
    return put_mark(to, &names[format].behind);
}

static int add_name(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                    struct mr_error *err)
{
    const char *name = name_of(text->columns, r);
    unsigned char *to = mr_text_reserve(text, NAME_GROWTH * strlen(name) + NAME_AROUND, err);
    if (to == NULL)
        return -1;
    mr_text_take(text, put_name(to, format, name));
    return 0;
}

/* Writes the value's share of all, if that is wanted: in percent, with two decimals, rounded as C
 * and Python round the floating point number. That differs from the fraction only where it lies in
 * the middle between two. */
static unsigned char *put_share(const struct form *form, unsigned char *to, uint64_t value,
                                mr_total all)
{
    if (all == 0)
        return to;
    const mr_total scaled = (mr_total)value * 10000;
    mr_total share = scaled / all, rest = scaled % all;
    if (2 * rest == all) {
        char text[64];
        snprintf(text, sizeof text, "%.2f", 100.0 * (double)value / (double)all);
        share += text[strlen(text) - 1] != (char)('0' + (int)(share % 10));
    } else {
        share += 2 * rest > all;
    }
    to = put_number(put_mark(to, &form->share), (uint64_t)(share / 100));
    *to++ = '.';
    *to++ = (unsigned char)('0' + (int)(share / 10 % 10));
    *to++ = (unsigned char)('0' + (int)(share % 10));
    return to;
}

uint64_t mr_format_number(const struct mr_columns *columns, const struct mr_record *r)
{
    return columns && columns->places ? mr_united_of(r).number : r->value;
}

/* What a line says about its key. */
struct figures {
    const struct mr_columns *names;
    uint64_t value;
    mr_total all; /* what the value's share is of; 0: there is none */
    bool has_documents;
    uint64_t documents; /* 0: nobody knows */
};

static struct figures figures_of(const struct mr_columns *columns, const struct mr_record *r,
                                 mr_total all)
{
    const bool named = columns && columns->key.count > 0;
    struct figures f = { named ? columns : &mr_columns_counts, mr_format_number(columns, r), all,
                         false, 0 };
    if (columns && columns->documents) {
        f.has_documents = true;
        f.documents = mr_united_of(r).sources;
    }
    return f;
}

/* JSON leaves out what nobody knows; elsewhere its column is empty. */
static unsigned char *put_documents(const struct form *form, unsigned char *to,
                                    const struct figures *f)
{
    if (!f->has_documents || (form->put == mr_put_json && f->documents == 0))
        return to;
    to = put_mark(to, &form->documents);
    return f->documents > 0 ? put_number(to, f->documents) : to;
}

static unsigned char *put_figures(const struct form *form, unsigned char *to,
                                  const struct figures *f)
{
    to = put_documents(form, put_number(to, f->value), f);
    return put_share(form, to, f->value, f->all);
}

static unsigned char *put_head(unsigned char *to, const struct mr_named_column *column)
{
    memcpy(to, column->head, MR_HEAD_SLACK); /* mostly all of it */
    if (column->head_size > MR_HEAD_SLACK)
        memcpy(to, column->head, column->head_size);
    return to + column->head_size;
}

/* What stands before a line's key, and behind it. */
static unsigned char *put_before(const struct form *form, unsigned char *to,
                                 const struct figures *f)
{
    if (form->value_first) {
        for (unsigned i = digits_of(f->value); i < UNIQ_DIGITS; i++)
            *to++ = ' ';
        return put_mark(put_figures(form, to, f), &form->between);
    }
    to = put_mark(to, &form->before);
    if (form->has_names) {
        to = put_head(to, f->names->key.at);
        *to++ = '"';
    }
    return to;
}

static unsigned char *put_behind(const struct form *form, unsigned char *to,
                                 const struct figures *f)
{
    if (form->value_first || form->between.size == 0) /* no value, in keys */
        return put_mark(to, &form->behind);
    to = put_mark(to, &form->between);
    if (form->has_names)
        to = put_head(to, f->names->value.at);
    return put_mark(put_figures(form, to, f), &form->behind);
}

/* The key as a line, as often as the value says. */
static int put_lines(struct mr_text *text, const struct form *form, const struct mr_record *r,
                     const struct mr_key_place *place, struct mr_error *err)
{
    const uint64_t number = mr_format_number(text->columns, r) - text->unwanted;
    for (uint64_t i = 0; i < number; i++) {
        if (put_key(text, form, r, place, err) < 0)
            return -1;
        unsigned char *to = mr_text_reserve(text, sizeof form->behind.text, err);
        if (to == NULL)
            return -1;
        mr_text_take(text, put_mark(to, &form->behind));
    }
    return 0;
}

/* Whether a record's line is no more than its key, a byte, its value and a byte, as most are; then
 * it is written with few steps, as there may be millions. */
static inline bool is_plain(enum mr_format format, const struct mr_columns *columns,
                            const struct mr_record *r)
{
    if (r->out_of_line ||
        (columns && (columns->input_name || columns->documents || columns->places)))
        return false;
    return format == MR_TSV || format == MR_COLON ||
           (format == MR_CSV && !mr_wants_quotes(r->key, r->size));
}

static inline unsigned char *put_plain(enum mr_format format, unsigned char *to,
                                       const struct mr_record *r, bool slack)
{
    if (slack)
        mr_copy_wide(to, r->key, r->size);
    else
        mr_copy_key(to, r->key, r->size);
    to += r->size;
    *to++ = (unsigned char)forms[format].between.text[0];
    to = put_number(to, r->value);
    *to++ = '\n';
    return to;
}

/* Bytes written of a line that are not its key's, at most: of names, only the first ones. */
enum { AROUND = 256 };

static size_t room_around(const struct figures *f)
{
    return AROUND + f->names->key.at->head_size + f->names->value.at->head_size;
}

/* Appends any line. Returns 0 or -1. */
static __attribute__((noinline)) int format_any(struct mr_text *text, enum mr_format format,
                                                const struct mr_record *r,
                                                const struct mr_key_place *place,
                                                struct mr_error *err)
{
    const size_t head = head_of(text->columns);
    const struct form *form = form_of(format, r, place, head, err);
    unsigned char *to;
    if (form == NULL || (head > 0 && add_name(text, format, r, err) < 0))
        return -1;
    if (format == MR_LINES)
        return put_lines(text, form, r, place, err);
    const struct figures figures = figures_of(text->columns, r, text->shares_of);
    if (!r->out_of_line) { /* all of the line at once */
        to = mr_text_reserve(text, form->growth * (size_t)r->size + room_around(&figures), err);
        if (to == NULL)
            return -1;
        to = put_piece(form, put_before(form, to, &figures), r->key + head, r->size - head);
        mr_text_take(text, put_behind(form, to, &figures));
        return 0;
    }
    to = mr_text_reserve(text, room_around(&figures), err);
    if (to == NULL)
        return -1;
    mr_text_take(text, put_before(form, to, &figures));
    if (put_key(text, form, r, place, err) < 0)
        return -1;
    to = mr_text_reserve(text, room_around(&figures), err);
    if (to == NULL)
        return -1;
    mr_text_take(text, put_behind(form, to, &figures));
    return 0;
}

int mr_format_record(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                     const struct mr_key_place *place, struct mr_error *err)
{
    if (text->shares_of > 0 || !is_plain(format, text->columns, r))
        return format_any(text, format, r, place, err);
    unsigned char *to = mr_text_reserve(text, (size_t)r->size + AROUND, err);
    if (to == NULL)
        return -1;
    mr_text_take(text, put_plain(format, to, r, text->slack));
    return 0;
}

/* ---- sizes of lines --------------------------------------------------------------------- */

/* How many bytes a piece of a key becomes: what it would be is written, and counted. */
static uint64_t measure(const struct form *form, const unsigned char *bytes, size_t n)
{
    if (form->put == NULL)
        return n;
    unsigned char vain[6 * MEASURED];
    uint64_t size = 0;
    while (n > 0) {
        size_t part = n;
        if (n > MEASURED)
            part = MEASURED - mr_utf8_unfinished(bytes, MEASURED);
        size += (size_t)(form->put(vain, bytes, part) - vain);
        bytes += part;
        n -= part;
    }
    return size;
}

static uint64_t around(const struct form *form, const struct figures *f)
{
    unsigned char vain[2 * AROUND];
    struct figures other = *f;
    other.names = &mr_columns_counts; /* short ones */
    uint64_t size = (uint64_t)(put_before(form, vain, &other) - vain) +
                    (uint64_t)(put_behind(form, vain, &other) - vain);
    if (form->has_names)
        size += room_around(f) - room_around(&other);
    return size;
}

/* How many bytes a file's name takes of a line. */
static int name_size(const struct mr_columns *columns, enum mr_format format,
                     const struct mr_record *r, uint64_t *size, struct mr_error *err)
{
    const char *name = name_of(columns, r);
    unsigned char few[NAME_GROWTH * 64 + NAME_AROUND], *to = few;
    size_t room = NAME_GROWTH * strlen(name) + NAME_AROUND;
    if (room > sizeof few && (to = malloc(room)) == NULL)
        return mr_error_memory(err, room, "the name of a file");
    *size = (uint64_t)(put_name(to, format, name) - to);
    if (to != few)
        free(to);
    return 0;
}

/* Sets *size to the bytes of any line. Returns 0 or -1. */
static __attribute__((noinline)) int size_of_any(const struct mr_scale *scale,
                                                 const struct mr_record *r,
                                                 const struct mr_key_place *place, uint64_t *size,
                                                 struct mr_error *err)
{
    const enum mr_format format = (enum mr_format)scale->kind;
    const size_t head = head_of(scale->columns);
    const struct form *form = form_of(format, r, place, head, err);
    uint64_t name = 0;
    if (form == NULL || (head > 0 && name_size(scale->columns, format, r, &name, err) < 0))
        return -1;
    if (format == MR_LINES) {
        uint64_t key = r->out_of_line ? mr_locator_get(r->key).size : r->size;
        *size = (key + form->behind.size) * mr_format_number(scale->columns, r);
        return 0;
    }
    const struct figures figures = figures_of(scale->columns, r, 0);
    *size = name + around(form, &figures);
    if (!r->out_of_line) {
        *size += measure(form, r->key + head, r->size - head);
        return 0;
    }
    struct mr_key key;
    const unsigned char *bytes;
    size_t piece;
    int more;
    open_key(&key, r, place, head, err);
    while ((more = mr_key_next(&key, &bytes, &piece)) > 0)
        *size += measure(form, bytes, piece);
    return more;
}

int mr_format_size(const struct mr_scale *scale, const struct mr_record *r,
                   const struct mr_key_place *place, uint64_t *size, struct mr_error *err)
{
    if (!is_plain((enum mr_format)scale->kind, scale->columns, r))
        return size_of_any(scale, r, place, size, err);
    *size = (uint64_t)r->size + 1 + digits_of(r->value) + 1;
    return 0;
}
