/*
 * Gzip by zlib: RFC 1952. In a program that is linked with ISA-L, which inflates several times as
 * fast, zlib reads a member's head only: ISA-L takes a head's checksum for wrong when it comes in
 * parts.
 *
 *     head            zlib, up to the first block
 *     blocks, tail    ISA-L, which compares the checksum and the size; without it zlib
 */
#include "input/bgzf.h"

#include <stdlib.h>
#include <zlib.h>
#ifdef WCMR_ISAL
#include <isa-l/igzip_lib.h>
#pragma weak isal_inflate
#pragma weak isal_inflate_init
#endif

struct state {
    z_stream z;
#ifdef WCMR_ISAL
    bool in_body; /* behind the head */
    struct inflate_state body;
#endif
};

static void *open_gzip(void)
{
    struct state *s = malloc(sizeof *s);
    if (s == NULL)
        return NULL;
    s->z = (z_stream){ .zalloc = Z_NULL };
    if (inflateInit2(&s->z, 15 + 16) == Z_OK) /* 16: gzip's head and check sum */
        return s;
    free(s);
    return NULL;
}

#ifdef WCMR_ISAL
static void begin_body(struct state *s)
{
    s->in_body = false;
    if (isal_inflate_init == NULL)
        return;
    isal_inflate_init(&s->body);
    s->body.crc_flag = ISAL_GZIP_NO_HDR_VER;
}
#else
static void begin_body(struct state *s)
{
    (void)s;
}
#endif

static int begin(void *state)
{
    struct state *s = state;
    begin_body(s);
    return inflateReset(&s->z) == Z_OK ? 0 : -1;
}

/* Both libraries take sizes of 32 bits. */
static uint32_t at_most(size_t size)
{
    enum { MOST = 1 << 30 };
    return size < MOST ? (uint32_t)size : MOST;
}

static enum mr_step step_zlib(z_stream *z, int flush, struct mr_window *w, const char **what)
{
    uint32_t size = at_most(w->in_size), room = at_most(w->out_size);
    z->next_in = w->in;
    z->avail_in = size;
    z->next_out = w->out;
    z->avail_out = room;
    int code = inflate(z, flush);
    w->in = z->next_in;
    w->in_size -= size - z->avail_in;
    w->out = z->next_out;
    w->out_size -= room - z->avail_out;
    switch (code) {
    case Z_OK:
    case Z_BUF_ERROR: return MR_STEP_ON;
    case Z_STREAM_END: return MR_STEP_END;
    case Z_MEM_ERROR: return MR_STEP_MEMORY;
    default: break;
    }
    if (z->msg)
        *what = z->msg;
    return MR_STEP_BAD;
}

#ifdef WCMR_ISAL
/* In zlib's words. */
static const char *text_of(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK: return "invalid block";
    case ISAL_INVALID_SYMBOL: return "invalid code";
    case ISAL_INVALID_LOOKBACK: return "invalid distance too far back";
    case ISAL_INCORRECT_CHECKSUM: return "incorrect data or length check";
    default: return "corrupt data";
    }
}

static enum mr_step step_isal(struct inflate_state *s, struct mr_window *w, const char **what)
{
    uint32_t size = at_most(w->in_size), room = at_most(w->out_size);
    s->next_in = w->in;
    s->avail_in = size;
    s->next_out = w->out;
    s->avail_out = room;
    int code = isal_inflate(s);
    w->in = s->next_in;
    w->in_size -= size - s->avail_in;
    w->out = s->next_out;
    w->out_size -= room - s->avail_out;
    *what = text_of(code);
    if (code < 0)
        return MR_STEP_BAD;
    return s->block_state == ISAL_BLOCK_FINISH ? MR_STEP_END : MR_STEP_ON;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    enum { AT_FIRST_BLOCK = 128 };
    struct state *s = state;
    if (isal_inflate == NULL)
        return step_zlib(&s->z, Z_NO_FLUSH, w, what);
    if (s->in_body)
        return step_isal(&s->body, w, what);
    enum mr_step result = step_zlib(&s->z, Z_BLOCK, w, what);
    s->in_body = (s->z.data_type & AT_FIRST_BLOCK) != 0;
    return result;
}
#else
static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    return step_zlib(&((struct state *)state)->z, Z_NO_FLUSH, w, what);
}
#endif

static void close_gzip(void *state)
{
    struct state *s = state;
    inflateEnd(&s->z);
    free(s);
}

const struct mr_coding mr_gzip = {
    .name = "gzip", .kind = "a gzip file", .command = "zcat",
    .magic = "\x1F\x8B", .magic_size = 2,
    .ending = ".gz", .zeros = 1,
    .open = open_gzip, .begin = begin, .step = step, .close = close_gzip,
    .ends_empty = mr_bgzf_begins, .measure = mr_bgzf_measure,
};
