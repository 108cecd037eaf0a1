/* Lines in: what stands on standard input, line by line, each whole, whatever its size. */
#ifndef LINES_IN_H
#define LINES_IN_H

#include "mapreduce.h"

struct lines_in {
    unsigned char *bytes; /* read, */
    size_t from, to;      /* of which these are not given yet */
    size_t capacity;
    bool ended;
};

/* Gives the next line, without its LF; it stands until the next call. in starts as zeros; free its
 * bytes in the end. Returns 1, 0 after the last line, or -1. */
int lines_in_next(struct lines_in *in, const unsigned char **line, size_t *size,
                  struct mr_error *err);

#endif
