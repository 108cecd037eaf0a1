/* Lines of a chunk. */
#include "mapreduce.h"

#include <string.h>

const struct mr_records mr_lines = { { { ['\n'] = 1 } } };

bool mr_line_next(const struct mr_chunk *chunk, size_t *at, const unsigned char **line,
                  size_t *size)
{
    size_t left = chunk->size - *at;
    if (left == 0)
        return false;
    *line = chunk->data + *at;
    const unsigned char *end = memchr(*line, '\n', left);
    *size = end ? (size_t)(end - *line) : left;
    *at += *size + (end != NULL);
    return true;
}
