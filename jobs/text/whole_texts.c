/* Whole texts. */
#include "whole_texts.h"

#include <stdlib.h>
#include <string.h>

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct whole_texts *t = (struct whole_texts *)sink;
    batch_begin(&t->batch, bytes, out);
    return t->words(t->arg, &t->batch, at, count) < 0 ? -1 : batch_flush(&t->batch);
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct whole_texts *t = (struct whole_texts *)sink;
    unsigned char *to = bytes_hold(&t->text, t->text.size + size + MR_CHUNK_PAD, out);
    if (to == NULL)
        return -1;
    memcpy(to + t->text.size, bytes, size);
    t->text.size += size;
    if (!last)
        return 0;
    uint32_t all[2] = { 0, (uint32_t)t->text.size };
    t->text.size = 0;
    return take(sink, out, to, all, 1);
}

static int end_line(struct sink *sink, struct mr_context *out)
{
    (void)out;
    return batch_end_line(&((struct whole_texts *)sink)->batch);
}

void whole_texts_init(struct whole_texts *t,
                      int (*words)(const void *arg, struct batch *b, const uint32_t *at,
                                   size_t count),
                      const void *arg, struct sink *to)
{
    t->sink = (struct sink){ take, take_part, to && to->end_line ? end_line : NULL };
    t->batch.sink = to;
    t->words = words;
    t->arg = arg;
}
