/* Text: gathered, written in blocks, copied to the output. */
#include "write/text.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>

enum { BLOCK = 64 << 10 }; /* bytes of text in a block at most */

/* Writes what is gathered; each block's head overwrites text that was written before it. */
static int flush(struct mr_text *text, struct mr_error *err)
{
    size_t size = text->buffer.size;
    if (size <= MR_BLOCK_HEAD)
        return 0;
    size -= MR_BLOCK_HEAD;
    if (text->block_count == 0 && mr_block_writer_init(&text->blocks, text->spool, text->store,
                                                       text->number, false, err) < 0)
        return -1;
    for (size_t at = 0; at < size; at += BLOCK) {
        struct mr_block_link place = { 0, 0 };
        size_t part = size - at < BLOCK ? size - at : BLOCK;
        if (mr_block_write(&text->blocks, MR_BLOCK_TEXT, text->block_count++,
                           text->buffer.at + at, (uint32_t)part, &place, err) < 0)
            return -1;
    }
    text->bytes += size;
    text->buffer.size = MR_BLOCK_HEAD;
    atomic_fetch_add_explicit(text->progress, 1, memory_order_relaxed);
    return 0;
}

unsigned char *mr_text_reserve(struct mr_text *text, size_t n, struct mr_error *err)
{
    struct mr_buffer *b = &text->buffer;
    if (b->size >= text->gather && flush(text, err) < 0)
        return NULL;
    if (n < b->room - b->size && b->size > 0) /* as nearly always: spare the call */
        return b->at + b->size;
    if (mr_buffer_reserve(b, n + MR_BLOCK_HEAD) == NULL) {
        mr_error_memory(err, n, "the output's text");
        return NULL;
    }
    if (b->size == 0)
        b->size = MR_BLOCK_HEAD;
    return b->at + b->size;
}

int mr_text_finish(struct mr_text *text, struct mr_error *err)
{
    return flush(text, err) < 0 ? -1 : mr_spool_finish(text->spool, text->store, err);
}

void mr_text_release(struct mr_text *text)
{
    mr_buffer_free(&text->buffer);
    mr_block_writer_release(&text->blocks);
}

static int copy_blocks(struct mr_text_copy *c, struct mr_block_reader *reader,
                       const struct mr_spool *spool, uint32_t number, struct mr_error *err)
{
    struct mr_block_link at = { MR_FILE_HEAD, 0 };
    struct mr_block block;
    for (uint32_t count = 0; at.offset < spool->size; count++, at.offset += block.stored) {
        if (mr_block_read(reader, spool, number, MR_BLOCK_TEXT, count, at, &block, err) < 0)
            return -1;
        if (mr_write_full(c->out, block.payload, block.size) < 0) {
            c->writing = true;
            return -1;
        }
        c->copied += block.size;
        atomic_fetch_add_explicit(c->progress, 1, memory_order_relaxed);
    }
    return 0;
}

int mr_text_copy(struct mr_text_copy *c, const struct mr_spool *spool,
                 const struct mr_store *store, uint32_t number, struct mr_error *err)
{
    struct mr_block_reader reader;
    c->copied = 0;
    c->writing = false;
    if (spool->size == 0)
        return 0;
    if (mr_block_check_file(spool, store, number, err) < 0)
        return -1;
    mr_block_reader_init(&reader, store, BLOCK);
    int result = copy_blocks(c, &reader, spool, number, err);
    int code = errno;
    mr_block_reader_release(&reader);
    errno = code;
    return result;
}
