/* Lines of fields. */
#include "field_lines.h"

#include <string.h>

/* All are the same but where they stand: that says which it is. */
static const struct mr_records white = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records tabs = { { { ['\n'] = 1, ['\r'] = 1 } } };

const struct mr_records *field_lines_records(const struct field_lines *f, const char *path)
{
    int separator = f->separated ? f->separator : separator_of_file(path);
    if (f->separated || separator == WHITE)
        return &white;
    return separator == ',' ? &commas : &tabs;
}

int field_lines_separator(const struct field_lines *f, const struct mr_chunk *chunk)
{
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

bool field_lines_next(const struct field_lines *f, const struct mr_chunk *chunk,
                      struct line_place *place, const unsigned char **line, size_t *size)
{
    if (f->header && chunk->begins_file && place->at == 0)
        next_line(chunk, place, line, size);
    return next_line(chunk, place, line, size);
}

int field_lines_read_header(const struct field_lines *f, const struct mr_chunk *first,
                            struct header *header, struct mr_error *err)
{
    const struct field_lines all = { .header = false };
    const int separator = field_lines_separator(f, first);
    struct layout l = { .lines = *first->records, .separator = separator };
    if (separator == WHITE)
        l.marks.has[' '] = l.marks.has['\t'] = 1;
    else
        l.marks.has[separator] = 1;
    const unsigned char *line = first->data;
    struct line_place place = { 0 };
    size_t size = 0;
    (void)field_lines_next(&all, first, &place, &line, &size);
    return header_read(header, &l, line, size, err);
}

int field_lines_find(const struct field_lines *f, const char *text, const char *option,
                     uint64_t *number, struct mr_error *err)
{
    if (field_number(text, number))
        return 0;
    *number = 0;
    return f->header && *text != '\0'
               ? 0
               : mr_error_set(err, "'%s' is no number of a field for %s, 1 or more; with --header "
                                   "a name is one, too", text, option);
}

void field_lines_identify(const struct field_lines *f, struct mr_identity *to)
{
    int separator = f->separated ? f->separator : WHITE;
    mr_identify_option(to, "-t", &separator, sizeof separator);
    mr_identify_option(to, "--header", &f->header, sizeof f->header);
}

int field_lines_separate(struct field_lines *f, const char *argument, struct mr_error *err)
{
    f->separated = true;
    f->separator = byte_of(argument);
    if (f->separator >= 0 && f->separator != '\n' && f->separator != '\r')
        return 0;
    return mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t", argument);
}
