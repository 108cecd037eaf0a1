/* Lines to words by a regular expression. */
#include "match.h"

#include <string.h>

static int flush(struct match *m, const struct mr_chunk *chunk, struct mr_context *out)
{
    size_t count = m->count;
    m->count = 0;
    return mr_emit_many(out, chunk->data, m->at, count);
}

static int put(struct match *m, const struct mr_chunk *chunk, struct mr_context *out, size_t from,
               size_t to)
{
    m->at[2 * m->count] = (uint32_t)from;
    m->at[2 * m->count + 1] = (uint32_t)to;
    return ++m->count == MATCHES ? flush(m, chunk, out) : 0;
}

/* Puts the words of the line [from, to) of the chunk. */
static int map_line(const struct expression *e, const struct mr_chunk *chunk,
                    struct mr_context *out, size_t from, size_t to)
{
    struct match *m = mr_task(out);
    struct found f;
    size_t at = 0;
    int more;
    while ((more = expression_next(e, out, chunk->data + from, to - from, &at, &f)) > 0)
        if (f.group_to > f.group_from &&
            put(m, chunk, out, from + f.group_from, from + f.group_to) < 0)
            return -1;
    return more;
}

int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out)
{
    for (size_t at = 0; at < chunk->size;) {
        const unsigned char *line = chunk->data + at;
        const unsigned char *end = memchr(line, e->line_end, chunk->size - at);
        size_t to = end ? (size_t)(end - chunk->data) : chunk->size;
        if (map_line(e, chunk, out, at, to) < 0)
            return -1;
        at = to + 1;
    }
    return flush(mr_task(out), chunk, out);
}
