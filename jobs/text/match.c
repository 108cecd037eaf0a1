/* Lines to words by a regular expression. */
#include "match.h"

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

/* The same of all lines in [from, to). */
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

int match_words(const void *expression, struct batch *b, const uint32_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (map_lines(expression, b, at[2 * i], at[2 * i + 1]) < 0)
            return -1;
    return 0;
}

int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct batch *b = mr_task(out);
    batch_begin(b, chunk->data, out);
    return map_lines(e, b, 0, chunk->size) < 0 ? -1 : batch_flush(b);
}
