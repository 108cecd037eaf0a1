/* Lz4 frames by liblz4. */
#include "input/decode.h"

#ifdef WCMR_LZ4
#include <lz4frame.h>
#include <string.h>

static void *open_lz4(void)
{
    LZ4F_dctx *z = NULL;
    return LZ4F_isError(LZ4F_createDecompressionContext(&z, LZ4F_VERSION)) ? NULL : z;
}

static int begin(void *state)
{
    LZ4F_resetDecompressionContext(state);
    return 0;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    size_t in = w->in_size, out = w->out_size;
    size_t left = LZ4F_decompress(state, w->out, &out, w->in, &in, NULL);
    if (LZ4F_isError(left)) {
        *what = LZ4F_getErrorName(left);
        return strcmp(*what, "ERROR_allocation_failed") == 0 ? MR_STEP_MEMORY : MR_STEP_BAD;
    }
    w->in += in;
    w->in_size -= in;
    w->out += out;
    w->out_size -= out;
    return left == 0 ? MR_STEP_END : MR_STEP_ON;
}

static void close_lz4(void *state)
{
    LZ4F_freeDecompressionContext(state);
}
#endif

const struct mr_coding mr_lz4 = {
    .name = "lz4", .kind = "an lz4 file", .command = "lz4 -dc",
    .magic = "\x04\x22\x4D\x18", .magic_size = 4,
    .ending = ".lz4",
#ifdef WCMR_LZ4
    .open = open_lz4, .begin = begin, .step = step, .close = close_lz4,
#endif
};
