/*
 * n-grams: each so many neighbouring tokens of a line, as one.
 *
 * The tokens of a line are put one behind the other, with what joins them between. So all n-grams
 * are runs of bytes there, and none is copied on its own; by two, of "to be  or":
 *
 *     text       to be or
 *     n-grams    [0,5) to be    [3,8) be or
 *
 * When the text is full, they are emitted, and only the last n - 1 tokens of the line stay. They
 * stay from chunk to chunk, too, as a line that is larger than a mapper's buffer comes in parts.
 */
#ifndef NGRAMS_H
#define NGRAMS_H

#include "fields.h"
#include "sink.h"

enum {
    NGRAMS_MAX = 100,       /* tokens of an n-gram */
    NGRAMS_BATCH = 256,     /* n-grams emitted at once */
    NGRAMS_FIRST = 1 << 16,  /* bytes of the text, unless tokens are large: */
    NGRAMS_BYTES = 1 << 20  /* then no more than these */
};

struct ngrams {
    struct sink sink;
    size_t n;
    struct field joint;   /* what joins tokens */
    unsigned char *text;  /* with MR_CHUNK_PAD more behind it */
    size_t capacity, used; /* capacity is 0 where there is no text yet */
    size_t starts[NGRAMS_MAX]; /* where the line's last n tokens begin: the i-th at i % n */
    uint64_t tokens;           /* of the line, */
    bool open;                 /* the last of which has not ended; */
    bool too_large;            /* they do not fit, so that there can be no n-gram */
    const char *file;          /* for messages */
    size_t count;
    uint32_t at[2 * NGRAMS_BATCH]; /* n-grams that wait */
};

/* Makes a window over n tokens. */
void ngrams_init(struct ngrams *g, size_t n);

/* Goes on with a chunk of this file, whose tokens are joined by these bytes, which stay the
 * caller's. Returns 0 or -1. */
int ngrams_begin(struct ngrams *g, struct field joint, const char *file, struct mr_context *out);

/* Emits all n-grams that wait. Returns 0 or -1. */
int ngrams_flush(struct ngrams *g, struct mr_context *out);

#endif
