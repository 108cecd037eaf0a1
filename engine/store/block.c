/* Blocks: written with a checksum, believed only when everything in them fits. */
#include "store/block.h"

#include "base/endian.h"
#include "base/error.h"
#include "base/xxh3.h"

#include <stdlib.h>
#include <string.h>

static const char block_magic[4] = { 'm', 'r', 'b', 'k' };
enum { VERSION = 8 };
#define DEFLATED UINT32_C(0x80000000)

/* Level 1: what is shuffled is read once, so time matters more than the last percent. */
enum { LEVEL = 1 };

static uint64_t checksum(const unsigned char *block, size_t stored)
{
    /* Head and payload are not adjacent bytes of the sum (the checksum stands between), so the
     * head's sum seeds the payload's. */
    return XXH3_64bits_withSeed(block + MR_BLOCK_HEAD, stored, XXH3_64bits(block, 40));
}

int mr_block_writer_init(struct mr_block_writer *w, struct mr_spool *spool,
                         struct mr_store *store, uint32_t task, bool compress,
                         struct mr_error *err)
{
    memset(w, 0, sizeof *w);
    w->spool = spool;
    w->store = store;
    w->task = task;
    if (compress && deflateInit(&w->deflater, LEVEL) != Z_OK)
        return mr_error_memory(err, 268 << 10, "compression");
    w->compress = compress;
    unsigned char head[MR_FILE_HEAD];
    memcpy(head, MR_SPOOL_MAGIC, MR_SPOOL_MAGIC_SIZE);
    mr_put32(head + 8, VERSION);
    mr_put32(head + 12, task);
    return mr_spool_append(spool, store, head, sizeof head, err);
}

/* Deflates a payload into w->packed. Returns its size, or 0 when that saves nothing. */
static size_t deflate_block(struct mr_block_writer *w, unsigned char *payload, uint32_t size)
{
    if (w->packed_capacity < MR_BLOCK_HEAD + (size_t)size) {
        unsigned char *packed = realloc(w->packed, MR_BLOCK_HEAD + (size_t)size);
        if (packed == NULL)
            return 0;
        w->packed = packed;
        w->packed_capacity = MR_BLOCK_HEAD + (size_t)size;
    }
    if (deflateReset(&w->deflater) != Z_OK)
        return 0;
    w->deflater.next_in = payload;
    w->deflater.avail_in = size;
    w->deflater.next_out = w->packed + MR_BLOCK_HEAD;
    w->deflater.avail_out = size;
    if (deflate(&w->deflater, Z_FINISH) != Z_STREAM_END)
        return 0;
    return size - w->deflater.avail_out;
}

int mr_block_write(struct mr_block_writer *w, enum mr_block_kind kind, uint32_t owner,
                   unsigned char *block, uint32_t size, struct mr_block_link *at,
                   struct mr_error *err)
{
    uint32_t stored = size, flags = 0;
    if (w->compress && size > 0) {
        size_t packed = deflate_block(w, block + MR_BLOCK_HEAD, size);
        if (packed > 0 && packed < size) {
            block = w->packed;
            stored = (uint32_t)packed;
            flags = DEFLATED;
        }
    }
    memcpy(block, block_magic, sizeof block_magic);
    mr_put32(block + 4, (uint32_t)kind | flags);
    mr_put32(block + 8, stored);
    mr_put32(block + 12, size);
    mr_put32(block + 16, w->task);
    mr_put32(block + 20, owner);
    mr_put64(block + 24, at->offset);
    mr_put32(block + 32, at->size);
    mr_put32(block + 36, 0);
    mr_put64(block + 40, checksum(block, stored));

    uint64_t offset = w->spool->size;
    if (mr_spool_append(w->spool, w->store, block, MR_BLOCK_HEAD + (size_t)stored, err) < 0)
        return -1;
    at->offset = offset;
    at->size = MR_BLOCK_HEAD + stored;
    return 0;
}

void mr_block_writer_release(struct mr_block_writer *w)
{
    if (w->compress)
        deflateEnd(&w->deflater);
    free(w->packed);
    memset(w, 0, sizeof *w);
}

void mr_block_reader_init(struct mr_block_reader *r, const struct mr_store *store,
                          size_t size_max)
{
    memset(r, 0, sizeof *r);
    r->store = store;
    r->size_max = size_max;
}

static int reserve(unsigned char **bytes, size_t *capacity, size_t want, struct mr_error *err)
{
    if (*capacity >= want)
        return 0;
    unsigned char *more = realloc(*bytes, want + MR_BLOCK_SLACK);
    if (more == NULL)
        return mr_error_memory(err, want, "a block");
    memset(more + want, 0, MR_BLOCK_SLACK);
    *bytes = more;
    *capacity = want;
    return 0;
}

static int inflate_block(struct mr_block_reader *r, const struct mr_spool *spool,
                         uint64_t offset, uint32_t stored, uint32_t size, struct mr_error *err)
{
    if (!r->inflating) {
        if (inflateInit(&r->inflater) != Z_OK)
            return mr_error_memory(err, 48 << 10, "decompression");
        r->inflating = true;
    }
    if (reserve(&r->plain, &r->plain_capacity, MR_BLOCK_HEAD + (size_t)size, err) < 0)
        return -1;
    inflateReset(&r->inflater);
    r->inflater.next_in = r->bytes + MR_BLOCK_HEAD;
    r->inflater.avail_in = stored;
    r->inflater.next_out = r->plain + MR_BLOCK_HEAD;
    r->inflater.avail_out = size;
    if (inflate(&r->inflater, Z_FINISH) != Z_STREAM_END || r->inflater.avail_out != 0)
        return mr_spool_damaged(spool, offset, "it does not inflate to its size", err);
    return 0;
}

static int stands_elsewhere(const struct mr_spool *spool, uint64_t at, struct mr_error *err)
{
    return mr_spool_damaged(spool, at, "another block stands there", err);
}

/* The block before the one at this place, whose head has been read. Returns 0 or -1. */
static int get_before(const struct mr_block_reader *r, const struct mr_spool *spool, uint64_t at,
                      struct mr_block_link *before, struct mr_error *err)
{
    *before = (struct mr_block_link){ mr_get64(r->bytes + 24), mr_get32(r->bytes + 32) };
    if (before->offset >= at) /* a chain could be a circle */
        return mr_spool_damaged(spool, at, "its link does not lead back", err);
    if (before->offset == 0 && before->size > 0)
        return mr_spool_damaged(spool, at, "it has the size of a block before it, and no place",
                                err);
    return 0;
}

/* Reads the first so many bytes of a block. */
static int read_beginning(struct mr_block_reader *r, const struct mr_spool *spool, uint64_t at,
                          size_t size, struct mr_error *err)
{
    if (at < MR_FILE_HEAD || at > spool->size || size > spool->size - at)
        return mr_spool_damaged(spool, at, "the link to it leads out of the file", err);
    if (reserve(&r->bytes, &r->capacity, size, err) < 0 ||
        mr_spool_read(spool, r->store, r->bytes, size, at, err) < 0)
        return -1;
    return memcmp(r->bytes, block_magic, sizeof block_magic) == 0
               ? 0
               : mr_spool_damaged(spool, at, "no block begins there", err);
}

int mr_block_read_before(struct mr_block_reader *r, const struct mr_spool *spool,
                         struct mr_block_link link, struct mr_block_link *before,
                         struct mr_error *err)
{
    if (read_beginning(r, spool, link.offset, MR_BLOCK_HEAD, err) < 0)
        return -1;
    mr_progress_read(r->progress, MR_BLOCK_HEAD);
    return get_before(r, spool, link.offset, before, err);
}

int mr_block_read_any(struct mr_block_reader *r, const struct mr_spool *spool, uint32_t task,
                      struct mr_block_link link, struct mr_block *block, struct mr_error *err)
{
    const uint64_t at = link.offset;
    size_t first = link.size ? link.size : MR_BLOCK_HEAD;
    if (first < MR_BLOCK_HEAD || first > MR_BLOCK_HEAD + r->size_max)
        return mr_spool_damaged(spool, at, "the link to it has an impossible size", err);
    if (read_beginning(r, spool, at, first, err) < 0)
        return -1;
    uint32_t flags = mr_get32(r->bytes + 4), stored = mr_get32(r->bytes + 8);
    uint32_t size = mr_get32(r->bytes + 12);
    bool deflated = flags & DEFLATED;
    if (stored > r->size_max || size > r->size_max || (!deflated && stored != size) ||
        stored > spool->size - at - MR_BLOCK_HEAD ||
        (link.size != 0 && stored != link.size - MR_BLOCK_HEAD))
        return mr_spool_damaged(spool, at, "the block's sizes do not fit", err);
    if (link.size == 0) {
        if (reserve(&r->bytes, &r->capacity, MR_BLOCK_HEAD + (size_t)stored, err) < 0 ||
            mr_spool_read(spool, r->store, r->bytes + MR_BLOCK_HEAD, stored, at + MR_BLOCK_HEAD,
                          err) < 0)
            return -1;
    }
    mr_progress_read(r->progress, MR_BLOCK_HEAD + (size_t)stored);
    if (mr_get64(r->bytes + 40) != checksum(r->bytes, stored))
        return mr_spool_damaged(spool, at, "the checksum does not match", err);
    if (mr_get32(r->bytes + 16) != task)
        return stands_elsewhere(spool, at, err);
    block->kind = (enum mr_block_kind)(flags & ~DEFLATED);
    block->owner = mr_get32(r->bytes + 20);
    block->payload = r->bytes + MR_BLOCK_HEAD;
    if (deflated) {
        if (inflate_block(r, spool, at, stored, size, err) < 0)
            return -1;
        block->payload = r->plain + MR_BLOCK_HEAD;
    }
    block->size = size;
    block->stored = MR_BLOCK_HEAD + stored;
    return get_before(r, spool, at, &block->before, err);
}

int mr_block_read(struct mr_block_reader *r, const struct mr_spool *spool, uint32_t task,
                  enum mr_block_kind kind, uint32_t owner, struct mr_block_link link,
                  struct mr_block *block, struct mr_error *err)
{
    if (mr_block_read_any(r, spool, task, link, block, err) < 0)
        return -1;
    return block->kind == kind && block->owner == owner ? 0
                                                        : stands_elsewhere(spool, link.offset, err);
}

int mr_block_check_file(const struct mr_spool *spool, const struct mr_store *store,
                        uint32_t task, struct mr_error *err)
{
    unsigned char head[MR_FILE_HEAD];
    if (spool->size < sizeof head)
        return mr_spool_damaged(spool, spool->size, "the file is too short", err);
    if (mr_spool_read(spool, store, head, sizeof head, 0, err) < 0)
        return -1;
    if (memcmp(head, MR_SPOOL_MAGIC, MR_SPOOL_MAGIC_SIZE) != 0)
        return mr_spool_damaged(spool, 0, "it is no file of this program's", err);
    if (mr_get32(head + 8) != VERSION)
        return mr_spool_damaged(spool, 8, "it has another version", err);
    if (mr_get32(head + 12) != task)
        return mr_spool_damaged(spool, 12, "it is another task's", err);
    return 0;
}

void mr_block_reader_release(struct mr_block_reader *r)
{
    if (r->inflating)
        inflateEnd(&r->inflater);
    free(r->bytes);
    free(r->plain);
    memset(r, 0, sizeof *r);
}
