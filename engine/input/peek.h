/*
 * Reads of a few bytes here and there in a file, front to back, as of its members' heads: what
 * stands close together is read at once, and the kernel is asked to read ahead.
 */
#ifndef MR_INPUT_PEEK_H
#define MR_INPUT_PEEK_H

#include "input/source.h"

enum { MR_PEEK_ROOM = 256 };

struct mr_peek {
    const struct mr_source *source;
    int fd;             /* it is open, to be read by position */
    uint64_t ready;     /* up to where the kernel was asked to read ahead */
    uint64_t at;        /* where in the source the bytes begin */
    size_t size;
    unsigned char bytes[MR_PEEK_ROOM];
};

/* Reads size bytes at an offset, MR_PEEK_ROOM at most, which stand until the next call. Returns 1,
 * 0 where the file has fewer, or -1. */
int mr_peek_at(struct mr_peek *p, uint64_t at, size_t size, const unsigned char **bytes,
               struct mr_error *err);

#endif
