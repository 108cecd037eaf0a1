/*
 * A batch: tokens that are made of pieces of a chunk, and are emitted, or go to a sink, many at a
 * time.
 *
 * A token whose pieces stand one behind the other is emitted from where it stands. Of others, and
 * of those that go on in the next chunk, the bytes are gathered; what is too large for that is
 * emitted in parts. From "a,b,c\nd,e,f\n"
 *
 *     pieces    a | ,b     stand together: "a,b" in the chunk
 *               d | ,f     do not: "d,f" is gathered
 */
#ifndef BATCH_H
#define BATCH_H

#include "sink.h"

enum { BATCH_TOKENS = 256, BATCH_BYTES = 1 << 16 };

struct batch {
    struct mr_context *out;
    struct sink *sink;          /* where tokens go; NULL: they are emitted */
    const char *file;           /* that they are of, for errors; NULL where none tells it */
    const unsigned char *chunk; /* what pieces stand in */
    const unsigned char *base;  /* what the tokens stand in: the chunk, or bytes */
    size_t count;               /* of the tokens that are whole */
    uint32_t at[2 * BATCH_TOKENS]; /* the i-th is [at[2i], at[2i + 1]) of base */
    size_t from, to; /* the current token, in the chunk; */
    bool gathered;   /* or it is [start, used) of bytes, */
    bool in_parts;   /* and what was before that is emitted */
    size_t start, used;
    unsigned char bytes[BATCH_BYTES + MR_CHUNK_PAD];
};

/* Goes on with a chunk, which the next pieces are of. MR_CHUNK_PAD more bytes stand behind it. */
void batch_begin(struct batch *b, const unsigned char *chunk, struct mr_context *out);

/* To be called before the chunk's memory is used again: emits the tokens that are whole, and copies
 * what there is of the current one. Returns 0 or -1, as the following do. */
int batch_leave(struct batch *b);

/* Adds bytes that do not stand in the chunk to the token. */
int batch_put(struct batch *b, const unsigned char *bytes, size_t size);

/* What batch_add and batch_end do where the token's bytes are gathered. */
int batch_gather(struct batch *b, size_t from, size_t to);
int batch_end_gathered(struct batch *b);

/* Emits all tokens that are whole. */
int batch_flush(struct batch *b);

/* Tells the sink, which there is, that the line has ended which all tokens are of. */
int batch_end_line(struct batch *b);

/* Ends a token that stands in the base. */
static inline int batch_take(struct batch *b, size_t from, size_t to)
{
    b->at[2 * b->count] = (uint32_t)from;
    b->at[2 * b->count + 1] = (uint32_t)to;
    b->from = b->to = 0;
    return ++b->count == BATCH_TOKENS ? batch_flush(b) : 0;
}

/* Adds [from, to) of the chunk to the token. */
static inline int batch_add(struct batch *b, size_t from, size_t to)
{
    if (from == to)
        return 0;
    if (b->gathered || (b->to != from && b->from < b->to))
        return batch_gather(b, from, to);
    if (b->from == b->to)
        b->from = from;
    b->to = to;
    return 0;
}

/* Ends the token. */
static inline int batch_end(struct batch *b)
{
    if (b->gathered || b->base != b->chunk)
        return batch_end_gathered(b);
    return batch_take(b, b->from, b->to);
}

#endif
