/* Reads of a few bytes here and there. */
#include "input/peek.h"

#include "base/error.h"
#include "base/io.h"

#include <fcntl.h>

enum { AHEAD = 4 << 20 }; /* bytes that are read ahead, about */

/* Asks the kernel to read ahead; nothing depends on whether it does. */
static void have_ready(struct mr_peek *p, uint64_t at)
{
    if (at < p->ready)
        return;
    (void)posix_fadvise(p->fd, p->source->base + (off_t)at, (off_t)2 * AHEAD, POSIX_FADV_WILLNEED);
    p->ready = at + AHEAD;
}

int mr_peek_at(struct mr_peek *p, uint64_t at, size_t size, const unsigned char **bytes,
               struct mr_error *err)
{
    if (at < p->at || at - p->at > p->size || p->size - (at - p->at) < size) {
        if (at > p->source->size)
            return 0;
        have_ready(p, at);
        ssize_t got = mr_pread_full(p->fd, p->bytes, sizeof p->bytes, p->source->base + (off_t)at);
        if (got < 0)
            return mr_error_system(err, "cannot read '%s' at byte %llu",
                                   mr_source_name(p->source), (unsigned long long)at);
        p->at = at;
        p->size = (size_t)got;
    }
    *bytes = p->bytes + (at - p->at);
    return p->size - (at - p->at) >= size;
}
