/* The names of a table's fields. */
#include "header.h"

#include "fields.h"
#include "out_of_memory.h"
#include "quoted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer takes the name for lost that the first header keeps. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Bytes of what separates fields, at the beginning of a line's rest; 0: none does there. */
static size_t mark_size(const struct layout *l, const unsigned char *rest, size_t size)
{
    if (!l->marks.has[*rest] || l->lines.ends.has[*rest])
        return 0;
    if (l->separator != SEVERAL)
        return 1;
    return layout_delimits(l, rest, size) ? l->delimiter.size : 0;
}

static void end_name(struct header *h, size_t *used)
{
    h->names[*used] = '\0';
    h->ends[h->count++] = (*used)++;
}

/* Cuts a line of which nothing is left out but what is between fields. */
static void cut_line(struct header *h, const struct layout *l, const unsigned char *line,
                     size_t size)
{
    const bool white = l->separator == WHITE;
    size_t used = 0, begun = 0;
    for (size_t i = 0, mark; i < size; i += mark > 0 ? mark : 1) {
        mark = mark_size(l, line + i, size - i);
        if (mark == 0) {
            h->names[used++] = (char)line[i];
        } else if (!white || used > begun) {
            end_name(h, &used);
            begun = used;
        }
    }
    if (!white || used > begun)
        end_name(h, &used);
}

/* The same for a line with quotes, which may be one of several. */
static void cut_quoted(struct header *h, const struct layout *l, const unsigned char *bytes,
                       size_t size)
{
    struct quoted q = { bytes, size, 0, l->separator, (unsigned char *)h->names };
    struct field name;
    bool more;
    do {
        more = quoted_next(&q, &name);
        size_t used = (size_t)(q.to - (unsigned char *)h->names);
        end_name(h, &used);
        q.to++;
    } while (more);
}

static size_t line_size(const struct layout *l, const unsigned char *bytes, size_t size)
{
    size_t n = 0;
    while (n < size && !l->lines.ends.has[bytes[n]])
        n++;
    return n;
}

int header_read(struct header *h, const struct layout *l, const unsigned char *bytes, size_t size,
                struct mr_error *err)
{
    size_t n = l->quoted ? size : line_size(l, bytes, size);
    *h = (struct header){ malloc(2 * n + 2), calloc(n + 1, sizeof *h->ends), 0, l->separator };
    if (h->names == NULL || h->ends == NULL)
        return out_of_memory(err, "the names of fields");
    (l->quoted ? cut_quoted : cut_line)(h, l, bytes, n);
    return 0;
}

static const char *name_at(const struct header *h, size_t i, size_t *size)
{
    size_t from = i > 0 ? h->ends[i - 1] + 1 : 0;
    *size = h->ends[i] - from;
    return h->names + from;
}

/* Whether a name had better stand in quotes: one that has a comma would be two fields (of a line
 * that is cut at blanks, it is rather one that was to be cut at commas), what is only of digits may
 * be a number or a range, and blanks at its ends, or a name of no bytes, would not be seen. */
static bool needs_quotes(const struct header *h, const char *name, size_t size)
{
    size_t i = 0;
    if (h->separator != WHITE && memchr(name, ',', size) != NULL)
        return true;
    if (size == 0 || name[0] == ' ' || name[size - 1] == ' ')
        return true;
    while (i < size && strchr("0123456789-", name[i]) != NULL && name[i] != '\0')
        i++;
    return i == size;
}

/* Puts a name in quotes, those in it doubled, where there is room for twice as much, and for two.
 * Returns how many bytes. */
static size_t put_quoted(const char *name, size_t size, char *to)
{
    size_t used = 0;
    to[used++] = '"';
    for (size_t i = 0; i < size; i++) {
        if (name[i] == '"')
            to[used++] = '"';
        to[used++] = name[i];
    }
    to[used++] = '"';
    return used;
}

/* The names for a message, as far as there is room, as they are chosen by the options. */
static void list_names(const struct header *h, const struct cut_options *options, char *to,
                       size_t size_max)
{
    size_t used = 0, size;
    for (size_t i = 0; i < h->count; i++) {
        const char *name = name_at(h, i, &size);
        const bool quoted = options->unquotes && needs_quotes(h, name, size);
        if (used + (quoted ? 2 * size : size) + 8 > size_max) {
            memcpy(to + used, "...", 4);
            return;
        }
        if (quoted)
            size = put_quoted(name, size, to + used);
        else
            memcpy(to + used, name, size);
        used += size;
        memcpy(to + used, ", ", 2);
        used += 2;
    }
    used -= used > 0 ? 2 : 0;
    to[used] = '\0';
}

/* The number of the last field of a name, 0 where there is none; *found says how many have it. */
static uint64_t number_of(const struct header *h, const char *wanted, size_t *found)
{
    size_t size, wanted_size = strlen(wanted);
    uint64_t number = 0;
    *found = 0;
    for (size_t i = 0; i < h->count; i++) {
        const char *name = name_at(h, i, &size);
        if (size != wanted_size || memcmp(name, wanted, size) != 0)
            continue;
        number = i + 1;
        ++*found;
    }
    return number;
}

/* Whether the bytes at both ends of a part of a name are of those that fields may be cut at, and
 * the same, one of them perhaps the name's end. Returns it, or 0. */
static int mark_around(const char *name, size_t size, const char *part, size_t part_size)
{
    const char *behind = part + part_size;
    int before = part > name ? part[-1] : 0, after = behind < name + size ? *behind : 0;
    int mark = after ? after : before;
    if (mark == 0 || strchr(",;\t|:", mark) == NULL || (before && before != mark))
        return 0;
    return mark;
}

/* Says what a name may have been missed for: quotes around it, or that the line is to be cut at
 * another byte, unless the one that was asked for has cut it. */
static const char *hint(const struct header *h, const char *wanted,
                        const struct cut_options *options, char *to, size_t size_max)
{
    const bool cut = h->separator != WHITE && h->count > 1;
    size_t size, wanted_size = strlen(wanted);
    for (size_t i = 0; i < h->count && wanted_size > 0; i++) {
        const char *name = name_at(h, i, &size), *part = memmem(name, size, wanted, wanted_size);
        if (part && size == wanted_size + 2 && name[0] == '"' && name[size - 1] == '"')
            return options->quoted ? "; is --quoted missing?" : "";
        int mark = part && !cut ? mark_around(name, size, part, wanted_size) : 0;
        if (mark != 0 && mark != h->separator) {
            const char byte[] = { (char)mark, '\0' };
            snprintf(to, size_max, "; is %s '%s' missing?", options->separator,
                     mark == '\t' ? "\\t" : byte);
            return to;
        }
    }
    return "";
}

int header_number(const struct header *h, const char *name, const char *file,
                  const struct cut_options *options, uint64_t *number, struct mr_error *err)
{
    char names[1200], room[32];
    size_t found;
    *number = number_of(h, name, &found);
    if (found == 1)
        return 0;
    list_names(h, options, names, sizeof names);
    return mr_error_set(err, "the header of '%s' has %s field '%s'; its fields are: %s%s", file,
                        found ? "more than one" : "no", name, names,
                        found ? "; choose one by its number"
                              : hint(h, name, options, room, sizeof room));
}

int header_find(const struct header *h, const struct selection *chosen, const char *file,
                struct span *spans, size_t *count, struct mr_error *err)
{
    static const struct cut_options options = { "-d", true, true };
    *count = chosen->count;
    memcpy(spans, chosen->spans, chosen->count * sizeof *spans);
    for (size_t i = 0; i < chosen->name_count; i++) {
        uint64_t number;
        if (header_number(h, chosen->names[i], file, &options, &number, err) < 0)
            return -1;
        spans[(*count)++] = (struct span){ number, number };
    }
    *count = spans_settle(spans, *count);
    return 0;
}

bool header_same(const struct header *a, const struct header *b)
{
    if (a->count != b->count ||
        (a->count > 0 && memcmp(a->ends, b->ends, a->count * sizeof *a->ends) != 0))
        return false;
    return a->count == 0 || memcmp(a->names, b->names, a->ends[a->count - 1]) == 0;
}

void header_free(struct header *h)
{
    free(h->names);
    free(h->ends);
    *h = (struct header){ 0 };
}

struct first_header {
    char *file;
    struct header header;
};

struct first_header *header_first_new(struct mr_error *err)
{
    struct first_header *first = calloc(1, sizeof *first);
    if (first == NULL)
        out_of_memory(err, "a header");
    return first;
}

bool header_is_first(const struct first_header *first)
{
    return first->file == NULL;
}

int header_compare(struct first_header *first, struct header *h, const char *file,
                   struct mr_error *err)
{
    if (header_is_first(first)) {
        char *name = strdup(file);
        if (name == NULL)
            return out_of_memory(err, "a header");
        first->file = name;
        first->header = *h;
        *h = (struct header){ 0 };
        return 0;
    }
    if (header_same(&first->header, h))
        return 0;
    mr_error_set(err, "the header of '%s' differs from that of '%s'", file, first->file);
    return 1;
}

void header_first_free(struct first_header *first)
{
    if (first == NULL)
        return;
    header_free(&first->header);
    free(first->file);
    free(first);
}
