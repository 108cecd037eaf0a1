/*
 * Text on its way to the output: what a merge task has formatted, until it is its turn.
 *
 * It gathers in a buffer and goes to a spool in blocks (partition/block.h), numbered by their
 * owner field, so that what reaches the output is what was written or an error:
 *
 *     file head | block 0: "the<TAB>12<LF>of<TAB>7<LF>..." | block 1 ...
 */
#ifndef MR_WRITE_TEXT_H
#define MR_WRITE_TEXT_H

#include "base/buffer.h"
#include "partition/block.h"

#include <stdatomic.h>

struct mr_text {
    struct mr_buffer buffer; /* room for a block's head, and then text */
    size_t gather;           /* bytes before they are written */
    uint64_t bytes;          /* of text, so far written */
    struct mr_spool *spool;
    struct mr_store *store;
    uint32_t number;         /* the text's, for the blocks to tell */
    struct mr_block_writer blocks;
    uint32_t block_count;
    _Atomic uint64_t *progress; /* raised when some is written */
};

/* Where n bytes of text go; NULL on failure. */
unsigned char *mr_text_reserve(struct mr_text *text, size_t n, struct mr_error *err);

/* Takes what was put there, up to end. */
static inline void mr_text_take(struct mr_text *text, const unsigned char *end)
{
    text->buffer.size = (size_t)(end - text->buffer.at);
}

/* Writes what is left and ends the spool. Returns 0 or -1. */
int mr_text_finish(struct mr_text *text, struct mr_error *err);

void mr_text_release(struct mr_text *text);

/* A text's way to a file. */
struct mr_text_copy {
    int out;
    _Atomic uint64_t *progress; /* raised as it goes on */
    uint64_t copied;            /* bytes that have gone to out */
    bool writing;               /* it was out that failed, and errno tells why */
};

/* Copies text number `number` to c->out. Returns 0, or -1 with err naming the spool unless
 * c->writing is set. */
int mr_text_copy(struct mr_text_copy *c, const struct mr_spool *spool,
                 const struct mr_store *store, uint32_t number, struct mr_error *err);

#endif
