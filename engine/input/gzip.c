/* Gzip by zlib: RFC 1952. */
#include "input/decode.h"

#include <stdlib.h>
#include <zlib.h>

static void *open_gzip(void)
{
    z_stream *z = calloc(1, sizeof *z);
    if (z == NULL)
        return NULL;
    if (inflateInit2(z, 15 + 16) == Z_OK) /* 16: gzip's head and check sum */
        return z;
    free(z);
    return NULL;
}

static int begin(void *state)
{
    return inflateReset(state) == Z_OK ? 0 : -1;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    enum { MOST = 1 << 30 };
    z_stream *z = state;
    uInt room = w->out_size < MOST ? (uInt)w->out_size : MOST;
    z->next_in = w->in;
    z->avail_in = (uInt)w->in_size;
    z->next_out = w->out;
    z->avail_out = room;
    int code = inflate(z, Z_NO_FLUSH);
    w->in = z->next_in;
    w->in_size = z->avail_in;
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

static void close_gzip(void *state)
{
    inflateEnd(state);
    free(state);
}

const struct mr_coding mr_gzip = {
    .name = "gzip", .kind = "a gzip file", .command = "zcat",
    .magic = "\x1F\x8B", .magic_size = 2, .zeros = 1,
    .open = open_gzip, .begin = begin, .step = step, .close = close_gzip,
};
