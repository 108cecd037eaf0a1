/*
 * Growable bytes, in which a job puts a key, a value or a record together.
 *
 *     bytes_add "be", bytes_add ":3"    ->    be:3
 */
#ifndef BYTES_H
#define BYTES_H

#include "mapreduce.h"

#include <string.h>

struct bytes {
    unsigned char *at;
    size_t size, capacity; /* bytes that were added; allocated */
};

/* Makes room for size bytes in all, of which those there are stay. Returns where they stand; NULL,
 * and why, on failure. */
unsigned char *bytes_hold(struct bytes *b, size_t size, struct mr_context *out);

/* Makes room for so many bytes more, up to max in all. Returns false where that is too little, or
 * memory is out. */
bool bytes_reserve(struct bytes *b, size_t more, size_t max);

/* Adds bytes; the rest as above. */
static inline bool bytes_add(struct bytes *b, const void *bytes, size_t size, size_t max)
{
    if (size > b->capacity - b->size && !bytes_reserve(b, size, max))
        return false;
    if (size > 0)
        memcpy(b->at + b->size, bytes, size);
    b->size += size;
    return true;
}

#endif
