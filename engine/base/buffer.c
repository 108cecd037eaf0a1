/* Growable bytes: the capacity doubles, so appending costs a constant time a byte; but for the last
 * time, where there is a bound. */
#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mr_buffer_reserve(struct mr_buffer *b, size_t more)
{
    if (more > SIZE_MAX / 2 - b->size)
        return NULL;
    return mr_buffer_reserve_within(b, more, SIZE_MAX);
}

void *mr_buffer_reserve_within(struct mr_buffer *b, size_t more, size_t max)
{
    if (b->size + more > b->capacity || b->at == NULL) {
        size_t capacity = b->capacity ? b->capacity : 256;
        while (capacity < b->size + more)
            capacity = capacity > max / 2 ? max : 2 * capacity;
        unsigned char *at = realloc(b->at, capacity);
        if (at == NULL)
            return NULL;
        b->at = at;
        b->capacity = capacity;
    }
    return b->at + b->size;
}

void *mr_buffer_hold(struct mr_buffer *b, size_t n)
{
    b->size = 0;
    if (b->at != NULL && n <= b->capacity)
        return b->at;
    mr_buffer_free(b); /* nothing is to be copied, so old and new memory are never held at once */
    b->at = malloc(n + (n == 0));
    b->capacity = b->at ? n : 0;
    return b->at;
}

int mr_buffer_add(struct mr_buffer *b, const void *bytes, size_t n)
{
    void *to = mr_buffer_reserve(b, n);
    if (to == NULL)
        return -1;
    if (n > 0)
        memcpy(to, bytes, n);
    b->size += n;
    return 0;
}

void mr_buffer_free(struct mr_buffer *b)
{
    free(b->at);
    *b = (struct mr_buffer)MR_BUFFER_INIT;
}
