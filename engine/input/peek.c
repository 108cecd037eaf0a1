/* Reads of a few bytes here and there. */
#include "input/peek.h"

#include "base/error.h"
#include "base/io.h"

#include <fcntl.h>

enum { AHEAD = 4 << 20 }; /* bytes that are read ahead, about */

/* Asks the kernel to read ahead; nothing depends on whether it does. */
static void have_ready(struct mr_peek *l, uint64_t at)
{
    if (at < l->ready)
        return;
    (void)posix_fadvise(l->fd, l->source->base + (off_t)at, (off_t)2 * AHEAD, POSIX_FADV_WILLNEED);
    l->ready = at + AHEAD;
}

int mr_peek_at(struct mr_peek *l, uint64_t at, size_t size, const unsigned char **bytes,
               struct mr_error *err)
{
    if (at < l->at || at - l->at > l->size || l->size - (at - l->at) < size) {
        if (at > l->source->size)
            return 0;
        have_ready(l, at);
        ssize_t got = mr_pread_full(l->fd, l->bytes, sizeof l->bytes, l->source->base + (off_t)at);
        if (got < 0)
            return mr_error_system(err, "cannot read '%s' at byte %llu",
                                   mr_source_name(l->source), (unsigned long long)at);
        l->at = at;
        l->size = (size_t)got;
    }
    *bytes = l->bytes + (at - l->at);
    return l->size - (at - l->at) >= size;
}
