/* Pairs of lines. */
#include "join_pair.h"

#include <stdlib.h>
#include <string.h>

/* ---- fields of lines -------------------------------------------------------------------- */

bool join_field_next(const struct join *j, const unsigned char *line, size_t size, size_t *at,
                     struct field *field)
{
    size_t before = *at;
    return size > 0 && (field_next(line, size, j->separator, at, field) ||
                        (j->separator == WHITE && before > 0 && before < size));
}

void join_pair_set(struct join_pair *p, size_t file, const unsigned char *line, size_t size)
{
    struct join_line *l = &p->line[file];
    l->at = line;
    l->size = size;
    l->found = false;
    if (file == 0)
        p->first = 0;
}

/* Finds a line's fields that -o asks for, all in one go. Returns 0 or -1. */
static int find_fields(struct join_pair *p, size_t file)
{
    const struct join *j = p->j;
    struct join_line *l = &p->line[file];
    struct field f = { NULL, 0 };
    uint64_t n = 0;
    size_t at = 0;
    if (l->fields == NULL)
        l->fields = calloc(j->item_count, sizeof *l->fields);
    if (l->fields == NULL)
        return mr_fail(p->out, "there is no memory for the fields of -o");
    for (size_t i = 0; i < j->wanted_count[file]; i++) {
        const struct join_wanted *wanted = &j->wanted[file][i];
        while (n < wanted->field && join_field_next(j, l->at, l->size, &at, &f))
            n++;
        l->fields[wanted->item] = n == wanted->field ? f : (struct field){ NULL, 0 };
    }
    l->found = true;
    return 0;
}

/* ---- what is printed -------------------------------------------------------------------- */

static int flush(struct join_pair *p)
{
    if (!p->begun && mr_result_begin(p->out, NULL, 0) < 0)
        return -1;
    size_t size = p->size;
    p->begun = true;
    p->size = p->first = 0;
    return mr_result_add(p->out, p->text, size);
}

static int put(struct join_pair *p, const unsigned char *bytes, size_t size)
{
    if (size > sizeof p->text - p->size && flush(p) < 0)
        return -1;
    if (size > sizeof p->text)
        return mr_result_add(p->out, bytes, size);
    if (size > 0)
        memcpy(p->text + p->size, bytes, size);
    p->size += size;
    return 0;
}

static int put_field(struct join_pair *p, const struct field *f)
{
    const char *empty = p->j->empty;
    if (f->size == 0 && empty)
        return put(p, (const unsigned char *)empty, strlen(empty));
    return put(p, f->bytes, f->size);
}

static int put_items(struct join_pair *p)
{
    for (size_t file = 0; file < JOIN_FILES; file++)
        if (!p->line[file].found && find_fields(p, file) < 0)
            return -1;
    for (size_t i = 0; i < p->j->item_count; i++) {
        const size_t file = p->j->items[i].file == 0 ? p->key_file : p->j->items[i].file - 1;
        if ((i > 0 && put(p, &p->separator, 1) < 0) ||
            put_field(p, &p->line[file].fields[i]) < 0)
            return -1;
    }
    return 0;
}

/* Puts the key, of which *behind becomes the end where it is the line's first field. */
static int put_key(struct join_pair *p, size_t *behind)
{
    const struct join_line *l = &p->line[p->key_file];
    const uint64_t key = p->j->field[p->key_file];
    struct field f = { NULL, 0 };
    uint64_t n = 0;
    size_t at = 0;
    while (n < key && join_field_next(p->j, l->at, l->size, &at, &f))
        n++;
    if (n < key)
        f = (struct field){ NULL, 0 };
    *behind = key == 1 ? at : 0;
    return put_field(p, &f);
}

/* Puts all fields of a line but the key; at is 0, or behind the first. */
static int put_line(struct join_pair *p, size_t file, size_t at)
{
    const struct join_line *l = &p->line[file];
    uint64_t n = at > 0;
    struct field f;
    while (join_field_next(p->j, l->at, l->size, &at, &f))
        if (++n != p->j->field[file] && (put(p, &p->separator, 1) < 0 || put_field(p, &f) < 0))
            return -1;
    return 0;
}

/* Puts the key and all other fields. Of a first line that has come before, they are there. */
static int put_all(struct join_pair *p)
{
    size_t behind = 0;
    p->size = p->first;
    if (p->first == 0 && (put_key(p, &behind) < 0 ||
                          put_line(p, 0, p->key_file == 0 ? behind : 0) < 0))
        return -1;
    p->first = p->key_file == 0 && !p->begun ? p->size : 0;
    return put_line(p, 1, p->key_file == 1 ? behind : 0);
}

int join_pair_emit(struct join_pair *p, bool first, bool second)
{
    if (!first)
        join_pair_set(p, 0, NULL, 0); /* an empty line has no fields */
    if (!second)
        join_pair_set(p, 1, NULL, 0);
    p->key_file = first ? 0 : 1;
    p->begun = false;
    p->size = 0;
    if ((p->j->items ? put_items(p) : put_all(p)) < 0)
        return -1;
    if (!p->begun)
        return mr_emit_result(p->out, NULL, 0, p->text, p->size);
    return flush(p) < 0 ? -1 : mr_result_end(p->out);
}
