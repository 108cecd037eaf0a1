/* Bzip2 by libbz2. */
#include "input/decode.h"

#include <string.h>

#ifdef WCMR_BZIP2
#include <bzlib.h>
#include <stdlib.h>

/* The library's state has no reset: it is made for each stream. */
struct state {
    bz_stream z;
    bool begun;
};

static void *open_bzip2(void)
{
    return calloc(1, sizeof(struct state));
}

static void end(struct state *s)
{
    if (s->begun)
        BZ2_bzDecompressEnd(&s->z);
    s->begun = false;
}

static int begin(void *state)
{
    struct state *s = state;
    end(s);
    s->begun = BZ2_bzDecompressInit(&s->z, 0, 0) == BZ_OK;
    return s->begun ? 0 : -1;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    enum { MOST = 1 << 30 };
    bz_stream *z = &((struct state *)state)->z;
    unsigned room = w->out_size < MOST ? (unsigned)w->out_size : MOST;
    z->next_in = (char *)w->in;
    z->avail_in = (unsigned)w->in_size;
    z->next_out = (char *)w->out;
    z->avail_out = room;
    int code = BZ2_bzDecompress(z);
    w->in += w->in_size - z->avail_in;
    w->in_size = z->avail_in;
    w->out += room - z->avail_out;
    w->out_size -= room - z->avail_out;
    (void)what;
    return code == BZ_OK           ? MR_STEP_ON
           : code == BZ_STREAM_END ? MR_STEP_END
           : code == BZ_MEM_ERROR  ? MR_STEP_MEMORY
                                   : MR_STEP_BAD;
}

static void close_bzip2(void *state)
{
    end(state);
    free(state);
}
#endif

/* A digit, and the first bytes of a block or of the end. */
static bool is_bzip2(const unsigned char *head, size_t size)
{
    return size >= 10 && head[3] >= '1' && head[3] <= '9' &&
           (memcmp(head + 4, "1AY&SY", 6) == 0 || memcmp(head + 4, "\x17rE8P\x90", 6) == 0);
}

const struct mr_coding mr_bzip2 = {
    .name = "bzip2", .kind = "a bzip2 file", .command = "bzcat",
    .magic = "BZh", .magic_size = 3,
    .ending = ".bz2", .is = is_bzip2,
#ifdef WCMR_BZIP2
    .open = open_bzip2, .begin = begin, .step = step, .close = close_bzip2,
#endif
};
