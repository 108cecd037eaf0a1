/* Neighbouring tokens, joined. */
#include "ngrams.h"

#include <stdlib.h>
#include <string.h>

int ngrams_flush(struct ngrams *g, struct mr_context *out)
{
    size_t count = g->count;
    g->count = 0;
    return count > 0 ? mr_emit_many(out, g->text, g->at, count) : 0;
}

/* Where what is still needed of the text begins: with the first of the tokens that the next n-gram
 * has. */
static size_t needed_from(const struct ngrams *g)
{
    uint64_t before = g->tokens < g->n - 1 ? g->tokens : g->n - 1;
    uint64_t first = g->tokens - before;
    return before > 0 || g->open ? g->starts[first % g->n] : g->used;
}

/* Moves what is needed to the text's beginning. */
static void drop_rest(struct ngrams *g)
{
    size_t from = needed_from(g);
    if (from == 0)
        return;
    memmove(g->text, g->text + from, g->used - from);
    g->used -= from;
    for (size_t i = 0; i < g->n; i++) /* those of none that is needed mean nothing */
        g->starts[i] -= from;
}

static int allocate(struct ngrams *g, size_t capacity, struct mr_context *out)
{
    unsigned char *text = realloc(g->text, capacity + MR_CHUNK_PAD);
    if (text == NULL)
        return mr_fail(out, "there is no memory for %zu bytes of words", capacity);
    g->text = text;
    g->capacity = capacity;
    return 0;
}

/* Makes room for so many bytes, unless these are too many. Returns 0 or -1. */
static int grow(struct ngrams *g, size_t size, struct mr_context *out)
{
    size_t capacity = g->capacity;
    while (capacity < size)
        capacity *= 2;
    g->too_large = capacity > NGRAMS_BYTES;
    return g->too_large ? 0 : allocate(g, capacity, out);
}

static int append(struct ngrams *g, struct mr_context *out, const unsigned char *bytes, size_t size)
{
    if (g->too_large)
        return 0;
    if (size > g->capacity - g->used) {
        if (ngrams_flush(g, out) < 0)
            return -1;
        drop_rest(g);
        if (size > g->capacity - g->used && grow(g, g->used + size, out) < 0)
            return -1;
        if (g->too_large)
            return 0;
    }
    memcpy(g->text + g->used, bytes, size);
    g->used += size;
    return 0;
}

/* Bytes of a token. */
static int add(struct ngrams *g, struct mr_context *out, const unsigned char *bytes, size_t size)
{
    if (!g->open) {
        if (g->tokens > 0 && append(g, out, g->joint.bytes, g->joint.size) < 0)
            return -1;
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): n is not 0 */
        g->starts[g->tokens % g->n] = g->used;
        g->open = true;
    }
    return append(g, out, bytes, size);
}

static int end(struct ngrams *g, struct mr_context *out)
{
    g->open = false;
    if (++g->tokens < g->n)
        return 0;
    if (g->too_large)
        return mr_fail_for_good(out, "'%s' has %zu words in a line that are larger together than "
                                     "the %d bytes that --ngrams puts together", g->file, g->n,
                                NGRAMS_BYTES);
    g->at[2 * g->count] = (uint32_t)g->starts[g->tokens % g->n];
    g->at[2 * g->count + 1] = (uint32_t)g->used;
    return ++g->count == NGRAMS_BATCH ? ngrams_flush(g, out) : 0;
}

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct ngrams *g = (struct ngrams *)sink;
    for (const uint32_t *stop = at + 2 * count; at < stop; at += 2)
        if (add(g, out, bytes + at[0], at[1] - at[0]) < 0 || end(g, out) < 0)
            return -1;
    return 0;
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct ngrams *g = (struct ngrams *)sink;
    if (add(g, out, bytes, size) < 0)
        return -1;
    return last ? end(g, out) : 0;
}

static int end_line(struct sink *sink, struct mr_context *out)
{
    struct ngrams *g = (struct ngrams *)sink;
    (void)out;
    g->tokens = 0;
    g->too_large = false;
    return 0;
}

void ngrams_init(struct ngrams *g, size_t n)
{
    g->sink = (struct sink){ take, take_part, end_line };
    g->n = n;
}

int ngrams_begin(struct ngrams *g, struct field joint, const char *file, struct mr_context *out)
{
    g->joint = joint;
    g->file = file;
    return g->capacity > 0 ? 0 : allocate(g, NGRAMS_FIRST, out);
}
