/* Lines of fields. */
#include "field_lines.h"

#include <string.h>

/* All are the same but where they stand: that says which it is. */
static const struct mr_records white = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records tabs = { { { ['\n'] = 1, ['\r'] = 1 } } };

int field_lines_ready(struct field_lines *f, struct mr_error *err)
{
    if (!f->quoted)
        return 0;
    if (f->separated && f->separator == '"')
        return mr_error_set(err, "with --quoted, -t is not to be a quote");
    f->table.quoted = true;
    f->table.separated = f->separated;
    f->table.separator = f->separator;
    return table_ready(&f->table, err);
}

void field_lines_release(struct field_lines *f)
{
    table_free(&f->table);
}

const struct mr_records *field_lines_records(const struct field_lines *f, const char *path)
{
    if (f->quoted)
        return table_records(&f->table, path);
    int separator = f->separated ? f->separator : separator_of_file(path);
    if (f->separated || separator == WHITE)
        return &white;
    return separator == ',' ? &commas : &tabs;
}

const struct mr_quotes *field_lines_quotes(const struct field_lines *f, const char *path)
{
    return f->quoted ? table_quotes(&f->table, path) : NULL;
}

/* What separates the fields of a chunk. */
static int separator_of(const struct field_lines *f, const struct mr_chunk *chunk)
{
    if (f->quoted)
        return table_separator(&f->table, chunk);
    if (f->separated)
        return f->separator;
    return chunk->records == &commas ? ',' : chunk->records == &tabs ? '\t' : WHITE;
}

/* One more than where the byte next stands, from at on; than the chunk's end, where it does not. */
static size_t behind_next(const struct mr_chunk *chunk, int byte, size_t at)
{
    const unsigned char *end = memchr(chunk->data + at, byte, chunk->size - at);
    return (end ? (size_t)(end - chunk->data) : chunk->size) + 1;
}

static bool next_line(const struct mr_chunk *chunk, struct line_place *p,
                      const unsigned char **line, size_t *size)
{
    if (p->at >= chunk->size)
        return false;
    if (p->behind_lf <= p->at)
        p->behind_lf = behind_next(chunk, '\n', p->at);
    if (p->behind_cr <= p->at)
        p->behind_cr = behind_next(chunk, '\r', p->at);
    const bool cr = p->behind_cr < p->behind_lf;
    const size_t behind = cr ? p->behind_cr : p->behind_lf;
    *line = chunk->data + p->at;
    *size = behind - 1 - p->at;
    p->at = behind + (cr && p->behind_lf == behind + 1); /* CR LF */
    return true;
}

int field_rows_begin(struct field_rows *r, const struct field_lines *f,
                     const struct mr_chunk *chunk, struct bytes *values, struct mr_context *out)
{
    *r = (struct field_rows){ .chunk = chunk, .separator = separator_of(f, chunk),
                              .quoted = f->quoted };
    if (r->quoted) {
        r->values = bytes_hold(values, chunk->size + MR_CHUNK_PAD, out);
        if (r->values == NULL)
            return -1;
        r->q = (struct quoted){ chunk->data, chunk->size, 0, r->separator, r->values };
    }
    if (f->header && chunk->begins_file)
        (void)field_rows_next(r);
    return 0;
}

static bool is_line_end(unsigned char byte)
{
    return byte == '\n' || byte == '\r';
}

static bool next_quoted(struct field_rows *r)
{
    struct field rest;
    while (r->more)
        r->more = quoted_next(&r->q, &rest);
    if (r->q.at >= r->q.size)
        return false;
    r->line = r->q.bytes + r->q.at;
    r->q.to = r->values;
    r->more = !is_line_end(*r->line) || quoted_next(&r->q, &rest);
    return true;
}

bool field_rows_next(struct field_rows *r)
{
    r->at = 0;
    return r->quoted ? next_quoted(r) : next_line(r->chunk, &r->place, &r->line, &r->size);
}

/* Values are written once more to where they stand. */
void field_rows_again(struct field_rows *r)
{
    r->at = 0;
    r->q.at = (size_t)(r->line - r->chunk->data);
    r->q.to = r->values;
    r->more = r->quoted;
}

int field_lines_read_header(const struct field_lines *f, const struct mr_chunk *first,
                            struct header *header, struct mr_error *err)
{
    if (f->quoted)
        return table_read_header(&f->table, first, header, err);
    const int separator = separator_of(f, first);
    struct layout l = { .lines = *first->records, .separator = separator };
    if (separator == WHITE)
        l.marks.has[' '] = l.marks.has['\t'] = 1;
    else
        l.marks.has[separator] = 1;
    const unsigned char *line = first->data;
    struct line_place place = { 0 };
    size_t size = 0;
    (void)next_line(first, &place, &line, &size);
    return header_read(header, &l, line, size, err);
}

int field_lines_take(const struct field_lines *f, const char **list, const char *option,
                     char *name, uint64_t *number, struct mr_error *err)
{
    const bool quoted = f->header && **list == '"';
    const char *end = selection_item(*list, f->header, option, name, err);
    if (end == NULL)
        return -1;
    *list = *end == ',' ? end + 1 : NULL;
    if (!quoted && field_number(name, number))
        return 0;
    *number = 0;
    return quoted || (f->header && *name != '\0')
               ? 0
               : mr_error_set(err, "'%s' is no number of a field for %s, 1 or more; with --header "
                                   "a name is one, too", name, option);
}

int field_lines_take_one(const struct field_lines *f, const char *text, const char *option,
                         char *name, uint64_t *number, struct mr_error *err)
{
    const char *rest = text;
    if (field_lines_take(f, &rest, option, name, number, err) < 0)
        return -1;
    return rest == NULL ? 0
                        : mr_error_set(err, "%s takes one field, and '%s' has a comma, which a "
                                            "name has in double quotes only", option, text);
}

void field_lines_identify(const struct field_lines *f, struct mr_identity *to)
{
    int separator = f->separated ? f->separator : WHITE;
    mr_identify_option(to, "-t", &separator, sizeof separator);
    mr_identify_option(to, "--header", &f->header, sizeof f->header);
    mr_identify_option(to, "--quoted", &f->quoted, sizeof f->quoted);
}

int field_lines_separate(struct field_lines *f, const char *argument, struct mr_error *err)
{
    f->separated = true;
    f->separator = byte_of(argument);
    if (f->separator >= 0 && f->separator != '\n' && f->separator != '\r')
        return 0;
    return mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t", argument);
}
