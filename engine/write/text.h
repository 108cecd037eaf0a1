/*
 * Text on its way to the output: it gathers in a buffer, and goes to its place in large pieces.
 *
 *     mr_text_reserve -> bytes are put there -> mr_text_take -> ... -> mr_text_finish
 */
#ifndef MR_WRITE_TEXT_H
#define MR_WRITE_TEXT_H

#include "base/buffer.h"
#include "store/record.h"
#include "write/output.h"

#include <stdatomic.h>

struct mr_text {
    struct mr_buffer buffer;
    size_t gather; /* bytes before they are written */
    struct mr_output *output;
    const struct mr_columns *columns; /* what lines have of more columns, or NULL */
    mr_total shares_of; /* what the shares in a column of their own are of; 0: there is none */
    bool slack; /* records have MR_BLOCK_SLACK readable bytes behind them */
    uint64_t unwanted; /* how many of the lines that the next record makes are one too many */
    uint32_t part;              /* which file of a directory */
    uint64_t from;              /* the place of its first byte in the output */
    uint64_t bytes;             /* of text, so far written */
    _Atomic uint64_t *progress; /* raised when some is written */
};

/* As mr_text_reserve, where the text has to be written first, or its buffer has to grow. */
unsigned char *mr_text_make_room(struct mr_text *text, size_t n, struct mr_error *err);

/* Where n bytes of text go; NULL on failure. */
static inline unsigned char *mr_text_reserve(struct mr_text *text, size_t n, struct mr_error *err)
{
    const struct mr_buffer *b = &text->buffer;
    if (b->size < text->gather && n < b->capacity - b->size)
        return b->at + b->size;
    return mr_text_make_room(text, n, err);
}

/* Takes what was put there, up to end. */
static inline void mr_text_take(struct mr_text *text, const unsigned char *end)
{
    text->buffer.size = (size_t)(end - text->buffer.at);
}

/* Puts n bytes there; where they are many, they are written at once. Returns 0 or -1. */
int mr_text_add(struct mr_text *text, const void *bytes, size_t n, struct mr_error *err);

/* Writes what is left: all of the text has been given to the output. Returns 0 or -1. */
int mr_text_finish(struct mr_text *text, struct mr_error *err);

void mr_text_release(struct mr_text *text);

#endif
