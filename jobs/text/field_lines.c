/* Lines of fields. */
#include "field_lines.h"

/* All are the same but where they stand: that says which it is. */
static const struct mr_records commas = { { { ['\n'] = 1 } } };
static const struct mr_records tabs = { { { ['\n'] = 1 } } };

const struct mr_records *field_lines_records(const struct field_lines *f, const char *path)
{
    int separator = f->separated ? f->separator : separator_of_file(path);
    if (f->separated || separator == WHITE)
        return &mr_lines;
    return separator == ',' ? &commas : &tabs;
}

int field_lines_separator(const struct field_lines *f, const struct mr_chunk *chunk)
{
    if (f->separated)
        return f->separator;
    return chunk->records == &commas ? ',' : chunk->records == &tabs ? '\t' : WHITE;
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
    size_t at = 0, size = 0;
    (void)field_lines_next(&all, first, &at, &line, &size);
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
    if (f->separator >= 0 && f->separator != '\n')
        return 0;
    return mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t", argument);
}
