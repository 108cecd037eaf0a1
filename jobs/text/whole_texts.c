/* Whole texts. */
#include "whole_texts.h"

#include <string.h>

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct whole_texts *t = (struct whole_texts *)sink;
    batch_begin(&t->batch, bytes, out);
    return t->words(t->arg, &t->batch, at, count) < 0 ? -1 : batch_flush(&t->batch);
}

/* Where the last gap begins, at `from` or behind it: white space of ASCII, or the space, comma or
 * full stop of Chinese and Japanese (U+3000 to U+3002). 0: there is none. */
static size_t last_gap(const unsigned char *bytes, size_t from, size_t size)
{
    for (size_t at = size; at-- > from;)
        if (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' ||
            (bytes[at] == 0xE3 && size - at > 2 && bytes[at + 1] == 0x80 &&
             bytes[at + 2] >= 0x80 && bytes[at + 2] <= 0x82))
            return at;
    return 0;
}

enum { TEXT_MAX = INT32_MAX }; /* bytes of a text, in which 32 bits tell where words stand */

/* Others are as large as their records at most, which are whole. */
static bool is_too_large(const struct whole_texts *t, size_t size, const struct mr_context *out)
{
    return t->by_gaps && (size > mr_map_memory(out) || size > TEXT_MAX);
}

static int refuse(const struct whole_texts *t, struct mr_context *out)
{
    const size_t memory = mr_map_memory(out);
    if (memory >= TEXT_MAX)
        return mr_fail_for_good(out, "'%s' has a text of more than %d bytes without white space, "
                                     "too long to be cut into words", t->batch.file, TEXT_MAX);
    return mr_fail_for_good(out, "'%s' has a text of more than %zu bytes without white space, "
                                 "which is what a mapper has memory for: give more (--memory), or "
                                 "have fewer (--mappers)", t->batch.file, memory);
}

/* Takes the words before the last gap, which the text then begins with. */
static int take_before_gap(struct whole_texts *t, struct mr_context *out, size_t from)
{
    unsigned char *bytes = t->text.at;
    const size_t gap = last_gap(bytes, from, t->text.size);
    const uint32_t before[2] = { 0, (uint32_t)gap };
    if (gap == 0)
        return 0;
    t->text.size -= gap;
    int result = take(&t->sink, out, bytes, before, 1);
    memmove(bytes, bytes + gap, t->text.size);
    return result;
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct whole_texts *t = (struct whole_texts *)sink;
    const size_t before = t->text.size;
    if (is_too_large(t, before + size, out))
        return refuse(t, out);
    unsigned char *to = bytes_hold(&t->text, before + size + MR_CHUNK_PAD, out);
    if (to == NULL)
        return -1;
    memcpy(to + before, bytes, size);
    t->text.size += size;
    if (!last)
        return t->by_gaps ? take_before_gap(t, out, before) : 0;
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
                      const void *arg, bool by_gaps, struct sink *to)
{
    t->sink = (struct sink){ take, take_part, to && to->end_line ? end_line : NULL };
    t->batch.sink = to;
    t->words = words;
    t->arg = arg;
    t->by_gaps = by_gaps;
}
