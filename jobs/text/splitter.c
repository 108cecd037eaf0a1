/* Texts to words by a rule. */
#include "splitter.h"

#include <string.h>

#define ELSEWHERE SIZE_MAX /* as joiner_at: in the part before */

static int end_word(struct splitter *s)
{
    bool open = s->open;
    s->open = false;
    s->joiner_size = 0;
    return open ? batch_end(&s->batch) : 0;
}

/* A joiner has a letter behind it, too. */
static int add_joiner(struct splitter *s)
{
    size_t size = s->joiner_size;
    s->joiner_size = 0;
    if (s->joiner_at == ELSEWHERE)
        return batch_put(&s->batch, s->joiner, size);
    return batch_add(&s->batch, s->joiner_at, s->joiner_at + size);
}

/* The run [from, to) of the batch's bytes. */
static int at_run(struct splitter *s, enum mr_word_run run, const unsigned char *bytes, size_t from,
                  size_t to)
{
    if (run == MR_RUN_JOINER && s->open && s->joiner_size == 0) {
        s->joiner_size = to - from;
        s->joiner_at = from;
        memcpy(s->joiner, bytes + from, to - from);
        return 0;
    }
    if (run != MR_RUN_LETTERS)
        return end_word(s);
    if (s->joiner_size > 0 && add_joiner(s) < 0)
        return -1;
    s->open = true;
    return batch_add(&s->batch, from, to);
}

static int split(struct splitter *s, const unsigned char *bytes, size_t from, size_t to)
{
    for (size_t at = from; (from = at) < to;) {
        enum mr_word_run run = mr_word_run_next(s->batch.out, s->rule, bytes, to, &at);
        if (at_run(s, run, bytes, from, at) < 0)
            return -1;
    }
    return 0;
}

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct splitter *s = (struct splitter *)sink;
    batch_begin(&s->batch, bytes, out);
    for (size_t i = 0; i < count; i++)
        if (split(s, bytes, at[2 * i], at[2 * i + 1]) < 0 || end_word(s) < 0)
            return -1;
    return batch_leave(&s->batch);
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct splitter *s = (struct splitter *)sink;
    batch_begin(&s->batch, bytes, out);
    s->joiner_at = ELSEWHERE;
    if (split(s, bytes, 0, size) < 0 || (last && end_word(s) < 0))
        return -1;
    return batch_leave(&s->batch);
}

static int end_line(struct sink *sink, struct mr_context *out)
{
    (void)out;
    return batch_end_line(&((struct splitter *)sink)->batch);
}

void splitter_init(struct splitter *s, enum mr_words rule, struct sink *to)
{
    s->sink = (struct sink){ take, take_part, to && to->end_line ? end_line : NULL };
    s->batch.sink = to;
    s->rule = rule;
}
