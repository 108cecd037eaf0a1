/*
 * The intake of a decoder: bytes of a source, as many at once as a decoder must see together.
 *
 *     source  a b c | d e f g | h      want 3, of "c" that is left:  c d e f g
 */
#ifndef MR_INPUT_INTAKE_H
#define MR_INPUT_INTAKE_H

#include "mapreduce.h"

#include <sys/types.h>

/* Where bytes come from: fills to with up to size bytes, 0 at the end, -1 failed. */
typedef ssize_t mr_coded_source(void *arg, unsigned char *to, size_t size, struct mr_error *err);

enum { MR_INTAKE_ROOM = 1 << 16 };

struct mr_intake {
    mr_coded_source *source;
    void *arg;
    uint64_t taken;  /* bytes taken from the source */
    bool drained;    /* it has no more */
    size_t at, size; /* in the buffer: from where, up to where is yet to be decoded */
    unsigned char in[MR_INTAKE_ROOM];
};

/* Begins with what was taken from the source already, size bytes, MR_INTAKE_ROOM at most. */
void mr_intake_init(struct mr_intake *i, mr_coded_source *source, void *arg,
                    const unsigned char *taken, size_t size);

/* Has so many bytes in the buffer, fewer only when the source has no more. Returns 0 or -1. */
int mr_intake_refill(struct mr_intake *i, size_t want, struct mr_error *err);

/* How many bytes are yet to be decoded of those in the buffer. */
static inline size_t mr_intake_left(const struct mr_intake *i)
{
    return i->size - i->at;
}

/* Where they stand in the source. */
static inline uint64_t mr_intake_offset(const struct mr_intake *i)
{
    return i->taken - mr_intake_left(i);
}

#endif
