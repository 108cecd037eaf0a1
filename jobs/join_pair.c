/* Pairs of lines. */
#include "join_pair.h"

#include <string.h>

bool join_field_next(const struct join *j, const unsigned char *line, size_t size, size_t *at,
                     struct field *field)
{
    size_t before = *at;
    return size > 0 && (field_next(line, size, j->separator, at, field) ||
                        (j->separator == WHITE && before > 0 && before < size));
}

bool join_pair_cut(struct join_pair *p, size_t file, const unsigned char *line, size_t size)
{
    struct bytes *fields = &p->line[file];
    struct field f;
    size_t at = 0;
    fields->size = 0;
    while (join_field_next(p->j, line, size, &at, &f))
        if (!bytes_add(fields, &f, sizeof f, SIZE_MAX))
            return false;
    return true;
}

static uint64_t field_count(const struct bytes *line)
{
    return line ? line->size / sizeof(struct field) : 0;
}

static bool put_field(struct join_pair *p, const struct bytes *line, uint64_t number)
{
    const struct join *j = p->j;
    struct field f = { NULL, 0 };
    if (line != NULL && line->at != NULL && number <= field_count(line))
        memcpy(&f, line->at + (number - 1) * sizeof f, sizeof f);
    if (f.size == 0 && j->empty)
        f = (struct field){ (const unsigned char *)j->empty, strlen(j->empty) };
    return bytes_add(&p->text, f.bytes, f.size, SIZE_MAX);
}

static bool put_separator(struct join_pair *p)
{
    return bytes_add(&p->text, &p->separator, 1, SIZE_MAX);
}

static bool put_key(struct join_pair *p, const struct bytes *const *lines)
{
    size_t file = lines[0] ? 0 : 1;
    return put_field(p, lines[file], p->j->field[file]);
}

static bool put_items(struct join_pair *p, const struct bytes *const *lines)
{
    for (size_t i = 0; i < p->j->item_count; i++) {
        const struct join_item *item = &p->j->items[i];
        if ((i > 0 && !put_separator(p)) ||
            !(item->file == 0 ? put_key(p, lines)
                              : put_field(p, lines[item->file - 1], item->field)))
            return false;
    }
    return true;
}

static bool put_all(struct join_pair *p, const struct bytes *const *lines)
{
    if (!put_key(p, lines))
        return false;
    for (size_t file = 0; file < JOIN_FILES; file++)
        for (uint64_t n = 1; n <= field_count(lines[file]); n++)
            if (n != p->j->field[file] && (!put_separator(p) || !put_field(p, lines[file], n)))
                return false;
    return true;
}

bool join_pair_make(struct join_pair *p, bool first, bool second)
{
    const struct bytes *lines[] = { first ? &p->line[0] : NULL, second ? &p->line[1] : NULL };
    p->text.size = 0;
    return p->j->items ? put_items(p, lines) : put_all(p, lines);
}
