/* Lines to words by a regular expression. */
#include "match.h"

#include <stdlib.h>
#include <string.h>

/* Takes the words of the line [from, to) of the chunk. */
static int map_line(const struct expression *e, struct batch *b, size_t from, size_t to)
{
    struct found f;
    size_t at = 0;
    int more;
    while ((more = expression_next(e, b->out, b->chunk + from, to - from, &at, &f)) > 0)
        if (f.group_to > f.group_from &&
            batch_take(b, from + f.group_from, from + f.group_to) < 0)
            return -1;
    return more;
}

/* Takes the words of the lines in [from, to). */
static int map_lines(const struct expression *e, struct batch *b, size_t from, size_t to)
{
    while (from < to) {
        const unsigned char *line = b->chunk + from, *end = memchr(line, e->line_end, to - from);
        size_t line_to = end ? (size_t)(end - b->chunk) : to;
        if (map_line(e, b, from, line_to) < 0)
            return -1;
        from = line_to + 1;
    }
    return 0;
}

int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct batch *b = mr_task(out);
    batch_begin(b, chunk->data, out);
    return map_lines(e, b, 0, chunk->size) < 0 ? -1 : batch_flush(b);
}

/* ---- texts ------------------------------------------------------------------------------ */

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct matcher *m = (struct matcher *)sink;
    batch_begin(&m->batch, bytes, out);
    for (size_t i = 0; i < count; i++)
        if (map_lines(m->expression, &m->batch, at[2 * i], at[2 * i + 1]) < 0)
            return -1;
    return batch_flush(&m->batch);
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct matcher *m = (struct matcher *)sink;
    unsigned char *to = room_get(&m->room, m->held + size + MR_CHUNK_PAD, out);
    if (to == NULL)
        return -1;
    memcpy(to + m->held, bytes, size);
    m->held += size;
    if (!last)
        return 0;
    uint32_t all[2] = { 0, (uint32_t)m->held };
    m->held = 0;
    return take(sink, out, to, all, 1);
}

static int end_line(struct sink *sink, struct mr_context *out)
{
    (void)out;
    return batch_end_line(&((struct matcher *)sink)->batch);
}

void matcher_init(struct matcher *m, const struct expression *e, struct sink *to)
{
    m->sink = (struct sink){ take, take_part, to ? end_line : NULL };
    m->batch.sink = to;
    m->expression = e;
}

void matcher_release(struct matcher *m)
{
    free(m->room.at);
    m->room = (struct room){ NULL, 0 };
}
