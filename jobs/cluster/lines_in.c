/* Lines of standard input. */
#include "lines_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAST = 1 << 16 }; /* bytes to read at a time */

/* Has room for LEAST bytes more behind what is not given yet. */
static int make_room(struct lines_in *in, struct mr_error *err)
{
    if (in->from > 0)
        memmove(in->bytes, in->bytes + in->from, in->to - in->from);
    in->to -= in->from;
    in->from = 0;
    if (in->capacity - in->to >= LEAST)
        return 0;
    size_t capacity = 2 * (in->capacity + LEAST);
    unsigned char *bytes = realloc(in->bytes, capacity);
    if (bytes == NULL) {
        mr_error_set(err, "there is no memory for a line of %zu bytes", capacity / 2);
        err->code = ENOMEM;
        return -1;
    }
    in->bytes = bytes;
    in->capacity = capacity;
    return 0;
}

static int read_more(struct lines_in *in, struct mr_error *err)
{
    ssize_t got;
    if (make_room(in, err) < 0)
        return -1;
    do
        got = read(STDIN_FILENO, in->bytes + in->to, in->capacity - in->to);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        int code = errno;
        mr_error_set(err, "cannot read 'standard input': %s", strerror(code));
        err->code = code;
        return -1;
    }
    in->ended = got == 0;
    in->to += (size_t)got;
    return 0;
}

int lines_in_next(struct lines_in *in, const unsigned char **line, size_t *size,
                  struct mr_error *err)
{
    const unsigned char *lf = NULL;
    size_t looked = 0;
    for (;;) {
        if (in->to > in->from + looked)
            lf = memchr(in->bytes + in->from + looked, '\n', in->to - in->from - looked);
        looked = in->to - in->from;
        if (lf != NULL || in->ended)
            break;
        if (read_more(in, err) < 0)
            return -1;
    }
    if (looked == 0)
        return 0;
    *line = in->bytes + in->from;
    *size = lf ? (size_t)(lf - *line) : looked;
    in->from += *size + (lf != NULL);
    return 1;
}
