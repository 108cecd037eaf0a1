/*
 * Blocks of xz files, by liblzma. A file's table is its streams' indexes, of which the library
 * makes one: it has seen then that they, the streams' heads and feet and what pads them are whole,
 * and that the blocks' sizes fill all that is between these.
 */
#include "input/coded_blocks.h"

#ifdef WCMR_LZMA
#include <lzma.h>

#if LZMA_VERSION >= 50040002
#include "base/error.h"
#include "base/io.h"

#include <stdlib.h>
#include <string.h>

enum {
    MEMORY_MAX = 1 << 20, /* of a table: one of 60,000 blocks takes it */
    READ_MAX = 16 << 20,  /* bytes read to find it: what pads streams may be large */
    ROOM = 1 << 13,
    TAIL_MAX = 64 /* of a stream of one block, what is behind that */
};

struct blocks {
    const struct mr_source *source;
    int fd;
    lzma_index *index;
    lzma_index_iter at;      /* the block that is given, or was gone on to */
    uint64_t from;           /* where the first one begins that is given */
    bool ended;              /* all are given */
    bool in_block;           /* its bytes, or its head before them, are being given */
    uint64_t next, left;     /* of these, where the next one stands, and how many there are yet */
    size_t extra_at, extra_size;
    unsigned char extra[LZMA_STREAM_HEADER_SIZE + TAIL_MAX]; /* a head or a tail, which go before */
    unsigned char room[ROOM];
};

static int no_memory(struct mr_error *err)
{
    return mr_error_memory(err, MEMORY_MAX, "the table of an xz file");
}

static void close_blocks(void *state)
{
    struct blocks *b = state;
    lzma_index_end(b->index, NULL);
    free(b);
}

/* ---- the table -------------------------------------------------------------------------- */

/* Returns the bytes that are read, or -1. */
static ssize_t read_some(struct blocks *b, lzma_stream *z, uint64_t at, struct mr_error *err)
{
    ssize_t got = mr_pread_full(b->fd, b->room, ROOM, b->source->base + (off_t)at);
    if (got < 0)
        return mr_error_system(err, "cannot read '%s' at byte %llu", mr_source_name(b->source),
                               (unsigned long long)at);
    z->next_in = b->room;
    z->avail_in = (size_t)got;
    return got;
}

/* Returns 1, 0 where there is none that is whole and small enough, or -1. */
static int read_index(struct blocks *b, lzma_stream *z, struct mr_error *err)
{
    uint64_t at = 0, all = 0;
    lzma_ret code = lzma_file_info_decoder(z, &b->index, MEMORY_MAX, b->source->size);
    while (code == LZMA_OK && all < READ_MAX) {
        ssize_t got = z->avail_in == 0 ? read_some(b, z, at, err) : 0;
        if (got < 0)
            return -1;
        at += (uint64_t)got;
        all += (uint64_t)got;
        code = lzma_code(z, LZMA_RUN);
        if (code == LZMA_SEEK_NEEDED) {
            at = z->seek_pos;
            z->avail_in = 0;
            code = LZMA_OK;
        }
    }
    return code == LZMA_MEM_ERROR ? no_memory(err) : code == LZMA_STREAM_END;
}

static int open_blocks(void **state, const struct mr_source *source, int fd, struct mr_error *err)
{
    lzma_stream z = LZMA_STREAM_INIT;
    struct blocks *b = calloc(1, sizeof *b);
    if (b == NULL)
        return no_memory(err);
    b->source = source;
    b->fd = fd;
    int found = read_index(b, &z, err);
    lzma_end(&z);
    if (found <= 0) {
        close_blocks(b);
        return found;
    }
    lzma_index_iter_init(&b->at, b->index);
    *state = b;
    return 1;
}

static bool find_next(lzma_index_iter *at)
{
    return !lzma_index_iter_next(at, LZMA_INDEX_ITER_BLOCK);
}

/* The first one begins where the file does, and the last one ends there. */
static bool next(void *state, struct mr_member *member)
{
    struct blocks *b = state;
    if (!find_next(&b->at))
        return false;
    lzma_index_iter after = b->at;
    uint64_t from = b->at.block.number_in_file == 1 ? 0 : b->at.block.compressed_file_offset;
    uint64_t to = find_next(&after) ? after.block.compressed_file_offset : b->source->size;
    *member = (struct mr_member){ to - from, b->at.block.uncompressed_size };
    return true;
}

/* ---- streams of one block --------------------------------------------------------------- */

/* Makes what is behind a block in a stream of its own. Returns its size; 0: memory is out. */
static size_t make_tail(const lzma_index_iter *at, unsigned char *to)
{
    lzma_index *one = lzma_index_init(NULL);
    lzma_stream_flags flags = *at->stream.flags;
    size_t size = 0;
    bool made = one != NULL &&
                lzma_index_append(one, NULL, at->block.unpadded_size,
                                  at->block.uncompressed_size) == LZMA_OK &&
                lzma_index_buffer_encode(one, to, &size, TAIL_MAX) == LZMA_OK &&
                (flags.backward_size = lzma_index_size(one)) > 0 &&
                lzma_stream_footer_encode(&flags, to + size) == LZMA_OK;
    lzma_index_end(one, NULL);
    return made ? size + LZMA_STREAM_HEADER_SIZE : 0;
}

static bool begin_block(struct blocks *b)
{
    b->in_block = true;
    b->next = b->at.block.compressed_file_offset;
    b->left = b->at.block.total_size;
    b->extra_at = 0;
    b->extra_size = LZMA_STREAM_HEADER_SIZE;
    return lzma_stream_header_encode(b->at.stream.flags, b->extra) == LZMA_OK;
}

/* Behind a block stands its tail, behind that the next block. Returns 0 or -1. */
static int go_on(struct blocks *b, struct mr_error *err)
{
    bool made = true;
    if (b->in_block) {
        b->in_block = false;
        b->extra_at = 0;
        b->extra_size = make_tail(&b->at, b->extra);
        made = b->extra_size > 0;
    } else if (find_next(&b->at)) {
        made = begin_block(b);
    } else {
        b->ended = true;
        b->next = b->source->size;
    }
    return made ? 0 : no_memory(err);
}

static bool begin(void *state, uint64_t from)
{
    struct blocks *b = state;
    bool found = find_next(&b->at);
    while (found && b->at.block.compressed_file_offset < from)
        found = find_next(&b->at);
    if (!found || (from > 0 && b->at.block.compressed_file_offset > from))
        return false;
    b->from = b->at.block.compressed_file_offset;
    return begin_block(b);
}

static ssize_t give(void *state, unsigned char *to, size_t size, struct mr_error *err)
{
    struct blocks *b = state;
    if (b->extra_at == b->extra_size && b->left == 0 && !b->ended && go_on(b, err) < 0)
        return -1;
    size_t extra = b->extra_size - b->extra_at;
    if (extra > 0) {
        size = size < extra ? size : extra;
        memcpy(to, b->extra + b->extra_at, size);
        b->extra_at += size;
        return (ssize_t)size;
    }
    size = size < b->left ? size : (size_t)b->left;
    ssize_t got = mr_pread_full(b->fd, to, size, b->source->base + (off_t)b->next);
    if (got < 0)
        return mr_error_system(err, "cannot read '%s' at byte %llu", mr_source_name(b->source),
                               (unsigned long long)b->next);
    b->next += (uint64_t)got;
    b->left -= (uint64_t)got;
    return got;
}

static uint64_t taken(const void *state)
{
    return ((const struct blocks *)state)->next;
}

/* A byte of a head stands where its block begins, and one of a tail where that ends. */
static uint64_t place(const void *state, uint64_t given)
{
    const struct blocks *b = state;
    unsigned char tail[LZMA_STREAM_HEADER_SIZE + TAIL_MAX];
    lzma_index_iter at;
    lzma_index_iter_init(&at, b->index);
    while (find_next(&at)) {
        const uint64_t from = at.block.compressed_file_offset, size = at.block.total_size;
        if (from < b->from)
            continue;
        uint64_t all = LZMA_STREAM_HEADER_SIZE + size + make_tail(&at, tail);
        if (given < all) {
            given -= given < LZMA_STREAM_HEADER_SIZE ? given : LZMA_STREAM_HEADER_SIZE;
            return from + (given < size ? given : size);
        }
        given -= all;
    }
    return b->source->size;
}

const struct mr_coded_blocks mr_xz_blocks = {
    .open = open_blocks, .next = next, .begin = begin, .give = give, .taken = taken,
    .place = place, .close = close_blocks,
};
#endif
#endif
