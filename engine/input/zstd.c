/* Zstd by libzstd: RFC 8878. A frame may ask for a window of up to 2 GB. */
#include "input/decode.h"

#ifdef WCMR_ZSTD
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

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
#endif

const struct mr_coding mr_zstd = {
    .name = "zstd", .kind = "a zstd file", .command = "zstdcat",
    .magic = "\x28\xB5\x2F\xFD", .magic_size = 4,
#ifdef WCMR_ZSTD
    .open = open_zstd, .begin = begin, .step = step, .memory = memory, .close = close_zstd,
#endif
};
