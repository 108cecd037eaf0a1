/* Frames that zstd and lz4 share, and that hold nothing: one of sixteen magics, a size of four
 * bytes, and so many bytes of somebody else's. */
#include "input/members.h"

#include "base/endian.h"

#include <stdlib.h>

enum { HEAD = 8 };

struct state {
    unsigned char head[HEAD];
    size_t have; /* bytes of it */
    uint64_t left;
};

static void *open_skippable(void)
{
    return calloc(1, sizeof(struct state));
}

static int begin(void *state)
{
    *(struct state *)state = (struct state){ .have = 0 };
    return 0;
}

static void pass(struct mr_window *w, size_t n)
{
    w->in += n;
    w->in_size -= n;
}

static enum mr_step step(void *state, struct mr_window *w, const char **what)
{
    struct state *s = state;
    (void)what;
    while (s->have < HEAD && w->in_size > 0) {
        s->head[s->have++] = *w->in;
        pass(w, 1);
        if (s->have == HEAD)
            s->left = mr_get32(s->head + 4);
    }
    if (s->have < HEAD)
        return MR_STEP_ON;
    size_t n = s->left < w->in_size ? (size_t)s->left : w->in_size;
    pass(w, n);
    s->left -= n;
    return s->left == 0 ? MR_STEP_END : MR_STEP_ON;
}

static int measure(struct mr_members *m, struct mr_error *err)
{
    const unsigned char *head;
    int found = mr_peek_at(&m->peek, m->at, HEAD, &head, err);
    if (found > 0)
        m->member = (struct mr_member){ HEAD + (uint64_t)mr_get32(head + 4), 0 };
    return found;
}

static bool is_skippable(const unsigned char *head, size_t size)
{
    return size >= 4 && head[0] >> 4 == 5 && head[1] == 0x2A && head[2] == 0x4D && head[3] == 0x18;
}

const struct mr_coding mr_skippable = {
    .name = "zstd or lz4", .kind = "a zstd or lz4 file", .command = "zstdcat",
    .magic = "", .magic_size = 0, .is = is_skippable,
    .open = open_skippable, .begin = begin, .step = step, .close = free,
    .measure = measure,
};
