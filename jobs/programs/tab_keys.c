/* Keys with tabs. */
#include "tab_keys.h"

#include <stdlib.h>
#include <string.h>

/* Forgets the older half. */
static void forget(struct tab_keys *k)
{
    size_t half = (k->count + 1) / 2;
    if (half == 0)
        return;
    k->forgotten = k->at[half - 1].to;
    k->count -= half;
    memmove(k->at, k->at + half, k->count * sizeof *k->at);
}

static bool make_room(struct tab_keys *k, size_t most)
{
    size_t room = k->room ? 2 * k->room : 64;
    struct tab_key *at = room <= most ? realloc(k->at, room * sizeof *at) : NULL;
    if (at != NULL) {
        k->at = at;
        k->room = room;
    } else {
        forget(k);
    }
    return k->count < k->room;
}

void tab_keys_begin(struct tab_keys *k, uint64_t offset, bool tab, size_t size, size_t most)
{
    if (k->open)
        k->at[k->count - 1].to = offset;
    k->open = tab && (k->count < k->room || make_room(k, most));
    if (k->open)
        k->at[k->count++] = (struct tab_key){ offset, UINT64_MAX, size };
}

/* The last one that begins at a byte or before; NULL: none does. */
static const struct tab_key *find(const struct tab_keys *k, uint64_t offset)
{
    size_t from = 0, to = k->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (k->at[middle].from <= offset)
            from = middle + 1;
        else
            to = middle;
    }
    return from > 0 ? &k->at[from - 1] : NULL;
}

bool tab_keys_size(const struct tab_keys *k, uint64_t offset, const unsigned char *line,
                   size_t line_size, size_t *size)
{
    const struct tab_key *key = find(k, offset);
    if (key != NULL && offset < key->to) {
        *size = key->size;
        return true;
    }
    const unsigned char *tab = memchr(line, '\t', line_size);
    *size = tab ? (size_t)(tab - line) : line_size;
    return offset >= k->forgotten || tab == NULL ||
           memchr(tab + 1, '\t', line_size - *size - 1) == NULL;
}

void tab_keys_free(struct tab_keys *k)
{
    free(k->at);
    *k = (struct tab_keys){ 0 };
}
