/* Growable bytes, for what is small or of unknown size: names, formatted lines, indexes. */
#ifndef MR_BASE_BUFFER_H
#define MR_BASE_BUFFER_H

#include <stddef.h>

struct mr_buffer {
    unsigned char *at;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
};

#define MR_BUFFER_INIT { NULL, 0, 0 }

/* Makes room for more bytes after the used ones. Returns where they go, or NULL. */
void *mr_buffer_reserve(struct mr_buffer *b, size_t more);

/* The same, in no more than max bytes in all, which are enough. */
void *mr_buffer_reserve_within(struct mr_buffer *b, size_t more, size_t max);

/* Empties the buffer, and has it hold just n bytes, if it cannot hold them yet. Returns where they
 * go, or NULL: then it holds none. */
void *mr_buffer_hold(struct mr_buffer *b, size_t n);

/* Appends n bytes. Returns 0, or -1 when memory is out (b is unchanged). */
int mr_buffer_add(struct mr_buffer *b, const void *bytes, size_t n);

/* Frees the bytes; b is empty and usable again. */
void mr_buffer_free(struct mr_buffer *b);

#endif
