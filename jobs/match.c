/* Lines to words by a regular expression. */
#include "match.h"

#include "batch.h"

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

int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct batch *b = mr_task(out);
    batch_begin(b, chunk, out);
    for (size_t at = 0; at < chunk->size;) {
        const unsigned char *line = chunk->data + at;
        const unsigned char *end = memchr(line, e->line_end, chunk->size - at);
        size_t to = end ? (size_t)(end - chunk->data) : chunk->size;
        if (map_line(e, b, at, to) < 0)
            return -1;
        at = to + 1;
    }
    return batch_flush(b);
}
