/* Pairs of lines. */
#include "join_pair.h"

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
    l->found = l->behind = 0;
    if (file == 0)
        p->first = 0;
}

/* Finds a line's field by its number, from 1 on. Returns NULL where there are not so many. */
static const struct field *find(const struct join *j, struct join_line *l, uint64_t number)
{
    if (l->found > JOIN_KNOWN && number <= l->found - JOIN_KNOWN)
        l->found = l->behind = 0;
    while (l->found < number) {
        struct field f;
        if (!join_field_next(j, l->at, l->size, &l->behind, &f))
            return NULL;
        l->last[l->found++ % JOIN_KNOWN] = f;
    }
    return &l->last[(number - 1) % JOIN_KNOWN];
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

/* Puts a file's field by its number, which may be missing. */
static int put_item(struct join_pair *p, size_t file, uint64_t number)
{
    const struct field none = { NULL, 0 }, *f = find(p->j, &p->line[file], number);
    return put_field(p, f ? f : &none);
}

static int put_key(struct join_pair *p)
{
    return put_item(p, p->key_file, p->j->field[p->key_file]);
}

static int put_items(struct join_pair *p)
{
    for (size_t i = 0; i < p->j->item_count; i++) {
        const struct join_item *item = &p->j->items[i];
        if ((i > 0 && put(p, &p->separator, 1) < 0) ||
            (item->file == 0 ? put_key(p) : put_item(p, item->file - 1, item->field)) < 0)
            return -1;
    }
    return 0;
}

/* Puts all fields of a line but the key, which may have been found. */
static int put_line(struct join_pair *p, size_t file)
{
    const struct join_line *l = &p->line[file];
    const uint64_t key = p->j->field[file];
    uint64_t n = key == 1 ? l->found : 0;
    size_t at = key == 1 ? l->behind : 0;
    struct field f;
    while (join_field_next(p->j, l->at, l->size, &at, &f))
        if (++n != key && (put(p, &p->separator, 1) < 0 || put_field(p, &f) < 0))
            return -1;
    return 0;
}

/* Puts the key and all other fields. Of a first line that has come before, they are there. */
static int put_all(struct join_pair *p)
{
    p->size = p->first;
    if (p->first == 0 && (put_key(p) < 0 || put_line(p, 0) < 0))
        return -1;
    p->first = p->key_file == 0 && !p->begun ? p->size : 0;
    return put_line(p, 1);
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
