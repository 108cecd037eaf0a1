/* Gathering the parts of large records. */
#include "map/gather.h"

#include "base/error.h"

#include <string.h>

enum { LEAST = 256 }; /* bytes, with the pad, that any plan has room for */

/* A chunk is smaller than 4 GiB. */
static const size_t most = (size_t)1 << 31;

size_t mr_gather_max(size_t memory)
{
    size_t room = memory < LEAST ? LEAST : memory < most ? memory : most;
    return room - MR_CHUNK_PAD;
}

static int too_large(const struct mr_gatherer *g, const struct mr_chunk *chunk,
                     struct mr_error *err)
{
    mr_error_set(err, "'%s' has a record, at byte %llu, of more than %zu bytes, which is what a "
                      "mapper has memory for: give more (--memory), or have fewer (--mappers)",
                 chunk->file, (unsigned long long)g->offset, g->max);
    return mr_error_final(err);
}

static int add(struct mr_gatherer *g, const struct mr_chunk *chunk, struct mr_error *err)
{
    if (chunk->size > g->max - g->bytes.size)
        return too_large(g, chunk, err);
    if (mr_buffer_reserve_within(&g->bytes, chunk->size + MR_CHUNK_PAD, g->max + MR_CHUNK_PAD) ==
            NULL ||
        mr_buffer_add(&g->bytes, chunk->data, chunk->size) < 0)
        return mr_error_memory(err, g->bytes.size + chunk->size, "a record");
    return 0;
}

int mr_gather(struct mr_gatherer *g, struct mr_chunk *chunk, struct mr_error *err)
{
    if (chunk->part == MR_WHOLE)
        return 1;
    if (chunk->part == MR_FIRST) {
        g->bytes.size = 0;
        g->offset = chunk->offset;
        g->begins_file = chunk->begins_file;
    }
    if (add(g, chunk, err) < 0)
        return -1;
    if (chunk->part != MR_LAST)
        return 0;
    memset(g->bytes.at + g->bytes.size, 0, MR_CHUNK_PAD);
    chunk->data = g->bytes.at;
    chunk->size = g->bytes.size;
    chunk->offset = g->offset;
    chunk->begins_file = g->begins_file;
    chunk->part = MR_WHOLE;
    return 1;
}

void mr_gatherer_free(struct mr_gatherer *g)
{
    mr_buffer_free(&g->bytes);
}
