/* Zstd by libzstd: RFC 8878. A frame may ask for a window of up to 2 GB. */
#include "input/decode.h"

#ifdef WCMR_ZSTD
#include "input/members.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Bytes of a frame, as far as its end is looked for: those of a larger one are too many blocks. */
enum { WALK_MAX = 256 << 20 };

/* A frame may say how much it holds. The library sees that it holds less only sometimes. */
struct state {
    ZSTD_DCtx *z;
    bool begun; /* what the frame says has been read */
    unsigned long long says, given;
};

static void close_zstd(void *state)
{
    struct state *s = state;
    ZSTD_freeDCtx(s->z);
    free(s);
}

/* The largest window that the library takes: the decoder's bound is on what is used of it. */
static void *open_zstd(void)
{
    struct state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->z = ZSTD_createDCtx();
    if (s->z == NULL) {
        free(s);
        return NULL;
    }
    ZSTD_DCtx_setParameter(s->z, ZSTD_d_windowLogMax,
                           ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound);
    return s;
}

static int begin(void *state)
{
    struct state *s = state;
    s->begun = false;
    s->given = 0;
    return ZSTD_isError(ZSTD_DCtx_reset(s->z, ZSTD_reset_session_only)) ? -1 : 0;
}

static enum mr_step result_of(const struct state *s, size_t code, const char **what)
{
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return MR_STEP_MEMORY;
    if (ZSTD_isError(code)) {
        *what = ZSTD_getErrorName(code);
        return MR_STEP_BAD;
    }
    if (code > 0)
        return MR_STEP_ON;
    *what = "less data than the frame says that it holds";
    return s->says == ZSTD_CONTENTSIZE_UNKNOWN || s->says == s->given ? MR_STEP_END : MR_STEP_BAD;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    struct state *s = state;
    if (!s->begun) {
        s->says = ZSTD_getFrameContentSize(w->in, w->in_size);
        if (s->says == ZSTD_CONTENTSIZE_ERROR) /* of a head that is wrong or cut short */
            s->says = ZSTD_CONTENTSIZE_UNKNOWN;
    }
    s->begun = true;
    ZSTD_inBuffer in = { w->in, w->in_size, 0 };
    ZSTD_outBuffer out = { w->out, w->out_size, 0 };
    size_t left = ZSTD_decompressStream(s->z, &out, &in);
    w->in += in.pos;
    w->in_size -= in.pos;
    w->out += out.pos;
    w->out_size -= out.pos;
    s->given += out.pos;
    return result_of(s, left, what);
}

static uint64_t memory(const void *state)
{
    return ZSTD_sizeof_DCtx(((const struct state *)state)->z);
}

/* The size of a frame's head, by the byte behind its magic. */
static size_t head_size(unsigned char descriptor)
{
    static const unsigned char dictionary[] = { 0, 1, 2, 4 }, content[] = { 0, 2, 4, 8 };
    unsigned sized = descriptor >> 6, single = descriptor >> 5 & 1;
    size_t size = sized == 0 ? single : content[sized];
    return 6 - single + dictionary[descriptor & 3] + size;
}

/* Walks over the blocks behind a head, which ends at *at. Returns 1, 0 where they cannot be walked
 * over or are many, or -1. */
static int walk(struct mr_peek *peek, uint64_t *at, struct mr_error *err)
{
    enum { HEAD = 3, LAST = 1, RLE = 1, RESERVED = 3 };
    const uint64_t most = *at + WALK_MAX;
    const unsigned char *bytes;
    unsigned head = 0;
    while ((head & LAST) == 0) {
        int found = *at > most ? 0 : mr_peek_at(peek, *at, HEAD, &bytes, err);
        if (found <= 0)
            return found;
        head = bytes[0] | (unsigned)bytes[1] << 8 | (unsigned)bytes[2] << 16;
        unsigned type = head >> 1 & 3;
        if (type == RESERVED)
            return 0;
        *at += HEAD + (type == RLE ? 1 : head >> 3);
    }
    return 1;
}

/* A frame's blocks say how large they are, and the frame, mostly, what it holds. Where there is a
 * table, that says both. */
static int measure(struct mr_members *m, struct mr_error *err)
{
    enum { DESCRIPTOR = 4, CHECKSUM = 4 };
    const unsigned char *head;
    int found = mr_seekable_find(&m->table, &m->peek, m->at, &m->member, err);
    if (found != 0)
        return found;
    found = mr_peek_at(&m->peek, m->at, MR_CODING_HEAD, &head, err);
    if (found <= 0)
        return found;
    unsigned char descriptor = head[DESCRIPTOR];
    unsigned long long holds = ZSTD_getFrameContentSize(head, MR_CODING_HEAD);
    if (holds == ZSTD_CONTENTSIZE_UNKNOWN || holds == ZSTD_CONTENTSIZE_ERROR)
        return 0;
    uint64_t end = m->at + head_size(descriptor);
    found = walk(&m->peek, &end, err);
    if (found <= 0)
        return found;
    m->member = (struct mr_member){ end + (descriptor & CHECKSUM ? 4 : 0) - m->at, holds };
    return 1;
}
#endif

const struct mr_coding mr_zstd = {
    .name = "zstd", .kind = "a zstd file", .command = "zstdcat",
    .magic = "\x28\xB5\x2F\xFD", .magic_size = 4,
    .ending = ".zst",
#ifdef WCMR_ZSTD
    .open = open_zstd, .begin = begin, .step = step, .memory = memory, .close = close_zstd,
    .measure = measure,
#endif
};
