/* An output that is a stream. */
#include "write/stream.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "write/whole.h"

int mr_stream_init(struct mr_stream *s, int fd, const char *name, struct mr_error *err)
{
    *s = (struct mr_stream){ fd, name, mr_memory_get_shared(sizeof *s->progress) };
    return s->progress ? 0 : mr_error_memory(err, sizeof *s->progress, "the output");
}

bool mr_stream_is_sending(const struct mr_stream *s)
{
    return atomic_load(&s->progress->begun) != atomic_load(&s->progress->sent);
}

int mr_stream_write(struct mr_stream *s, uint64_t at, const char *bytes, size_t n,
                    struct mr_error *err)
{
    uint64_t sent = atomic_load(&s->progress->sent);
    size_t had = sent <= at ? 0 : sent - at < n ? (size_t)(sent - at) : n;
    sent += n - had;
    atomic_store(&s->progress->begun, sent);
    if (mr_write_full(s->fd, bytes + had, n - had) < 0)
        return mr_cannot_write(s->name, err);
    atomic_store(&s->progress->sent, sent);
    return 0;
}

void mr_stream_free(struct mr_stream *s)
{
    mr_memory_release(s->progress, sizeof *s->progress);
    s->progress = NULL;
}
