/* Tokens of pieces, emitted many at a time. */
#include "batch.h"

#include "utf8.h"

#include <string.h>

enum { SMALL = 256 }; /* bytes of a token that had better be copied to where the others are */

void batch_begin(struct batch *b, const unsigned char *chunk, struct mr_context *out)
{
    b->out = out;
    b->chunk = b->base = chunk;
}

static int emit_part(struct batch *b, size_t size, bool last)
{
    return b->sink ? b->sink->take_part(b->sink, b->out, b->bytes, size, last)
                 : mr_emit_part(b->out, b->bytes, size, last, 1);
}

static int emit_whole(struct batch *b, size_t count)
{
    return b->sink ? b->sink->take(b->sink, b->out, b->base, b->at, count)
                 : mr_emit_many(b->out, b->base, b->at, count);
}

int batch_flush(struct batch *b)
{
    size_t count = b->count;
    b->count = 0;
    if (count > 0 && emit_whole(b, count) < 0)
        return -1;
    b->base = b->chunk;
    b->used -= b->start;
    memmove(b->bytes, b->bytes + b->start, b->used);
    b->start = 0;
    return 0;
}

/* Emits what is gathered of a token that fills all the room. */
static int emit_some(struct batch *b)
{
    size_t size = b->used - utf8_unfinished(b->bytes, b->used);
    if (emit_part(b, size, false) < 0)
        return -1;
    b->in_parts = true;
    b->used -= size;
    memmove(b->bytes, b->bytes + size, b->used);
    return 0;
}

static int append(struct batch *b, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        size_t room = BATCH_BYTES - b->used, n = size < room ? size : room;
        memcpy(b->bytes + b->used, bytes, n);
        b->used += n;
        bytes += n;
        size -= n;
        if (b->used == BATCH_BYTES && batch_flush(b) < 0)
            return -1;
        if (b->used == BATCH_BYTES && emit_some(b) < 0)
            return -1;
    }
    return 0;
}

/* From now on the token is gathered. */
static int begin_gathering(struct batch *b)
{
    size_t from = b->from, to = b->to;
    b->from = b->to = 0;
    if (b->gathered)
        return 0;
    b->gathered = true;
    return append(b, b->chunk + from, to - from);
}

int batch_put(struct batch *b, const unsigned char *bytes, size_t size)
{
    return begin_gathering(b) < 0 ? -1 : append(b, bytes, size);
}

int batch_gather(struct batch *b, size_t from, size_t to)
{
    return batch_put(b, b->chunk + from, to - from);
}

/* Ends a token that is gathered, or that others before it are. */
int batch_end_gathered(struct batch *b)
{
    if (!b->gathered && b->to - b->from > SMALL)
        return batch_flush(b) < 0 ? -1 : batch_take(b, b->from, b->to); /* where it stands */
    if (begin_gathering(b) < 0)
        return -1;
    b->gathered = false;
    if (b->in_parts) {
        size_t size = b->used;
        b->in_parts = false;
        b->used = 0;
        return emit_part(b, size, true);
    }
    if (b->base != b->bytes) {
        /* Those before it stand in the chunk. */
        if (batch_flush(b) < 0)
            return -1;
        b->base = b->bytes;
    }
    size_t start = b->start;
    b->start = b->used;
    return batch_take(b, start, b->used);
}

int batch_leave(struct batch *b)
{
    if (b->from < b->to && begin_gathering(b) < 0)
        return -1;
    return batch_flush(b);
}

int batch_end_line(struct batch *b)
{
    return batch_flush(b) < 0 ? -1 : b->sink->end_line(b->sink, b->out);
}
