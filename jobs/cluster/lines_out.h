/* Lines out: what a role writes, gathered, and then written to standard output. */
#ifndef LINES_OUT_H
#define LINES_OUT_H

#include "mapreduce.h"

enum { COUNT_BYTES = 22 }; /* of a tab, a count and the end of a line */

struct lines_out {
    unsigned char *at;
    size_t size, capacity;
};

/* Where size bytes go; NULL, and why, on failure. */
unsigned char *lines_out_reserve(struct lines_out *out, size_t size, struct mr_error *err);

/* Takes what was put there, up to end. */
static inline void lines_out_take(struct lines_out *out, const unsigned char *end)
{
    out->size = (size_t)(end - out->at);
}

/* Puts what stands behind the word of a record. Returns the byte after it. */
unsigned char *count_put(unsigned char *to, uint64_t count);

/* Writes what is left, where all went well so far (result), and frees the buffer. Returns result,
 * or -1. */
int lines_out_end(struct lines_out *out, int result, struct mr_error *err);

#endif
