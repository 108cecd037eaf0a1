/* Xz, and the bare LZMA files that came before it, by liblzma. */
#include "input/coded_blocks.h"

#include "base/endian.h"

#ifdef WCMR_LZMA
#include <lzma.h>

#include <stdlib.h>

static void *open_lzma(void)
{
    return calloc(1, sizeof(lzma_stream));
}

/* No bound of the library's: the decoder's is on what is used of it. */
static int begin_xz(void *state)
{
    return lzma_stream_decoder(state, UINT64_MAX, LZMA_TELL_UNSUPPORTED_CHECK) == LZMA_OK ? 0 : -1;
}

static int begin_lzma(void *state)
{
    return lzma_alone_decoder(state, UINT64_MAX) == LZMA_OK ? 0 : -1;
}

static enum mr_step result_of(lzma_ret code, const char **what)
{
    switch (code) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: return MR_STEP_ON;
    case LZMA_STREAM_END: return MR_STEP_END;
    case LZMA_MEM_ERROR: return MR_STEP_MEMORY;
    case LZMA_OPTIONS_ERROR: *what = "options that are not known"; return MR_STEP_BAD;
    case LZMA_UNSUPPORTED_CHECK: *what = "a check of a kind that is not known"; return MR_STEP_BAD;
    default: return MR_STEP_BAD;
    }
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    lzma_stream *z = state;
    z->next_in = w->in;
    z->avail_in = w->in_size;
    z->next_out = w->out;
    z->avail_out = w->out_size;
    lzma_ret code = lzma_code(z, LZMA_RUN);
    w->in += w->in_size - z->avail_in;
    w->in_size = z->avail_in;
    w->out = z->next_out;
    w->out_size = z->avail_out;
    return result_of(code, what);
}

static uint64_t memory(const void *state)
{
    return lzma_memusage(state);
}

static void close_lzma(void *state)
{
    lzma_end(state);
    free(state);
}
#endif

/* The head of a bare LZMA file has few bytes that are always the same: what its fields may hold
 * decides. 5D, the dictionary's size (2^n or 2^n + 2^(n-1)), the size of the content (all ones:
 * not known; else below 256 GiB, as xz has it), and the first coded byte, which is 0. */
static bool is_lzma(const unsigned char *head, size_t size)
{
    if (size < 14 || head[13] != 0)
        return false;
    uint32_t dictionary = mr_get32(head + 1), top = dictionary;
    while ((top & (top - 1)) != 0)
        top &= top - 1;
    uint64_t content = mr_get64(head + 5);
    return dictionary >= 4096 && (dictionary == top || dictionary == top + top / 2) &&
           (content == UINT64_MAX || content < UINT64_C(1) << 38);
}

const struct mr_coding mr_xz = {
    .name = "xz", .kind = "an xz file", .command = "xzcat",
    .magic = "\xFD" "7zXZ\0", .magic_size = 6,
    .ending = ".xz", .zeros = 4,
#ifdef WCMR_LZMA
    .open = open_lzma, .begin = begin_xz, .step = step, .memory = memory, .close = close_lzma,
#if LZMA_VERSION >= 50040002 /* the library finds the table */
    .blocks = &mr_xz_blocks,
#endif
#endif
};

const struct mr_coding mr_lzma = {
    .name = "lzma", .kind = "an lzma file", .command = "xzcat",
    .magic = "\x5D", .magic_size = 1,
    .ending = ".lzma", .is = is_lzma,
#ifdef WCMR_LZMA
    .open = open_lzma, .begin = begin_lzma, .step = step, .memory = memory, .close = close_lzma,
#endif
};
