/* From a descriptor to another. */
#include "feeder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

int feeder_write(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

enum { UNREAD = 1 }; /* nobody reads on, which a program need not */

static int hand_on(const struct framing *f, int to, struct mr_error *err)
{
    if (feeder_write(to, f->made, f->made_size) == 0)
        return 0;
    return errno == EPIPE ? UNREAD
                          : mr_error_set(err, "a program cannot be fed: %s", strerror(errno));
}

static int run_with(struct framing *f, int from, int to, char *piece, struct mr_error *err)
{
    ssize_t size;
    while ((size = read(from, piece, PIECE)) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return mr_error_set(err, "cannot read from wc-mr: %s", strerror(errno));
        int result = framing_turn(f, piece, (size_t)size, err);
        if (result < 0 || (result = hand_on(f, to, err)) != 0)
            return result;
    }
    return framing_end(f, err) < 0 ? -1 : hand_on(f, to, err);
}

int feeder_run(struct framing *f, int from, int to, struct mr_error *err)
{
    char *piece = malloc(PIECE);
    int result = piece ? run_with(f, from, to, piece, err)
                       : mr_error_set(err, "there is no memory to feed a program");
    free(piece);
    framing_free(f);
    return result < 0 ? -1 : 0;
}
