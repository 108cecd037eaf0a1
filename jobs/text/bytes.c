/* Growable bytes. */
#include "bytes.h"

#include <stdlib.h>

static bool grow(struct bytes *b, size_t capacity)
{
    unsigned char *at = realloc(b->at, capacity);
    if (at == NULL)
        return false;
    b->at = at;
    b->capacity = capacity;
    return true;
}

unsigned char *bytes_hold(struct bytes *b, size_t size, struct mr_context *out)
{
    size_t twice = 2 * b->capacity;
    if (size <= b->capacity || grow(b, size > twice ? size : twice))
        return b->at;
    (void)mr_fail(out, "there is no memory for a record of %zu bytes; try a smaller --memory",
                  size);
    return NULL;
}

bool bytes_reserve(struct bytes *b, size_t more, size_t max)
{
    if (more > max - b->size)
        return false;
    size_t all = b->size + more;
    return grow(b, all > max / 2 ? max : 2 * all);
}
