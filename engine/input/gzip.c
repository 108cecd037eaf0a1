/* Gzip input by zlib. */
#include "input/gzip.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ROOM = 1 << 16 };

enum state { BETWEEN, INSIDE, PADDING, ENDED };

struct mr_gzip {
    z_stream z;
    mr_gzip_source *source;
    void *arg;
    const char *name;
    uint64_t taken; /* deflated bytes taken from the source */
    enum state state;
    bool first;     /* no member has been seen yet */
    unsigned char in[ROOM];
};

bool mr_gzip_is(const unsigned char *bytes, size_t size)
{
    return size >= MR_GZIP_MAGIC && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

struct mr_gzip *mr_gzip_open(mr_gzip_source *source, void *arg, const char *name,
                             const unsigned char *taken, size_t size)
{
    struct mr_gzip *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) { /* 16: gzip's head and check sum */
        free(g);
        return NULL;
    }
    g->source = source;
    g->arg = arg;
    g->name = name;
    g->first = true;
    memcpy(g->in, taken, size);
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)size;
    g->taken = size;
    return g;
}

static int bad(struct mr_gzip *g, const char *what, struct mr_error *err)
{
    mr_error_set(err, "cannot read '%s': %s at byte %llu of the gzip file", g->name, what,
                 (unsigned long long)(g->taken - g->z.avail_in));
    return mr_error_final(err);
}

/* Gets more deflated bytes where none are left; at the source's end, moves the state to its. */
static int refill(struct mr_gzip *g, struct mr_error *err)
{
    if (g->z.avail_in > 0)
        return 0;
    ssize_t got = g->source(g->arg, g->in, sizeof g->in, err);
    if (got < 0)
        return -1;
    if (got == 0 && g->state == INSIDE)
        return bad(g, "the data is cut short", err);
    if (got == 0)
        g->state = ENDED;
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)got;
    g->taken += (uint64_t)got;
    return 0;
}

/* Behind a member there is another, zeros, or nothing. Moves the state on. */
static int begin_member(struct mr_gzip *g, struct mr_error *err)
{
    if (*g->z.next_in == 0 && !g->first) {
        g->state = PADDING;
        return 0;
    }
    if (!g->first && *g->z.next_in != 0x1F)
        return bad(g, "there is something other than gzip data", err);
    if (inflateReset(&g->z) != Z_OK)
        return bad(g, "zlib refuses to go on", err);
    g->first = false;
    g->state = INSIDE;
    return 0;
}

static int skip_padding(struct mr_gzip *g, struct mr_error *err)
{
    for (; g->z.avail_in > 0; g->z.avail_in--, g->z.next_in++)
        if (*g->z.next_in != 0)
            return bad(g, "there is something other than gzip data", err);
    return 0;
}

static int inflate_more(struct mr_gzip *g, struct mr_error *err)
{
    int code = inflate(&g->z, Z_NO_FLUSH);
    if (code == Z_STREAM_END)
        g->state = BETWEEN;
    else if (code == Z_MEM_ERROR)
        return mr_error_memory(err, 48 << 10, "decompression");
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return bad(g, g->z.msg ? g->z.msg : "corrupt data", err);
    return 0;
}

ssize_t mr_gzip_read(struct mr_gzip *g, unsigned char *to, size_t size, struct mr_error *err)
{
    size_t done = 0;
    while (done < size && g->state != ENDED) {
        if (refill(g, err) < 0 || (g->state == BETWEEN && begin_member(g, err) < 0))
            return -1;
        if (g->state == ENDED)
            break;
        if (g->state == PADDING) {
            if (skip_padding(g, err) < 0)
                return -1;
            continue;
        }
        uInt room = size - done < (1u << 30) ? (uInt)(size - done) : 1u << 30;
        g->z.next_out = to + done;
        g->z.avail_out = room;
        if (inflate_more(g, err) < 0)
            return -1;
        done += room - g->z.avail_out;
    }
    return (ssize_t)done;
}

void mr_gzip_close(struct mr_gzip *g)
{
    if (g == NULL)
        return;
    inflateEnd(&g->z);
    free(g);
}
