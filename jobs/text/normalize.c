/* Unicode's normalization, by libunistring. */
#include "normalize.h"

#include "ascii.h"
#include "casefold.h"

#include <string.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum form normalize_find(const char *name)
{
    return strcmp(name, "nfc") == 0 ? FORM_NFC : strcmp(name, "nfkc") == 0 ? FORM_NFKC : FORM_NONE;
}

/* ---- the way of characters -------------------------------------------------------------- */

static int put_character(void *way, ucs4_t c)
{
    const struct way *w = way;
    unsigned char bytes[8] = { 0 };
    return w->put(w->arg, bytes, (size_t)u8_uctomb(bytes, c, sizeof bytes));
}

static int fold_character(void *way, ucs4_t c)
{
    return uninorm_filter_write(((const struct way *)way)->again, casefold_character(c));
}

/* Takes what puts bytes, and its argument, from the way. Returns 0 or -1 (no memory). */
static int way_open(struct way *w, const struct normal *normal)
{
    uninorm_t form = normal->form == FORM_NFKC ? UNINORM_NFKC : UNINORM_NFC;
    w->filter = uninorm_filter_create(form, normal->fold ? fold_character : put_character, w);
    w->again = normal->fold ? uninorm_filter_create(form, put_character, w) : NULL;
    return w->filter && (w->again || !normal->fold) ? 0 : -1;
}

/* Has all put that is held. Returns 0 or -1. */
static int way_flush(struct way *w)
{
    w->marks = 0;
    if (uninorm_filter_flush(w->filter) < 0)
        return -1;
    return w->again ? uninorm_filter_flush(w->again) : 0;
}

/* Drops what is held. */
static void way_close(struct way *w)
{
    if (w->filter)
        (void)uninorm_filter_free(w->filter);
    if (w->again)
        (void)uninorm_filter_free(w->again);
    w->filter = w->again = NULL;
}

static int take_character(struct way *w, ucs4_t c)
{
    w->marks = c >= 0x300 && uc_combining_class(c) > 0 ? w->marks + 1 : 0;
    if (w->marks > MARKS_MAX && way_flush(w) < 0)
        return -1;
    return uninorm_filter_write(w->filter, c);
}

/* Takes a token, or a part of one. Returns 0 or -1. */
static int way_take(struct way *w, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        ucs4_t c = bytes[i];
        int length = c < 0x80 ? 1 : u8_mbtoucr(&c, bytes + i, size - i);
        if (length > 0 && take_character(w, c) < 0)
            return -1;
        if (length <= 0 && (way_flush(w) < 0 || w->put(w->arg, bytes + i, 1) < 0))
            return -1;
        i += length > 0 ? (size_t)length : 1;
    }
    return 0;
}

/* ---- a token in memory ------------------------------------------------------------------ */

static int append(void *arg, const unsigned char *bytes, size_t size)
{
    unsigned char **to = arg;
    memcpy(*to, bytes, size);
    *to += size;
    return 0;
}

size_t normalize(const void *normal, const unsigned char *token, size_t size, unsigned char *to)
{
    unsigned char *end = to;
    if (!is_ascii(token, size)) {
        struct way w = { .put = append, .arg = &end };
        bool done = way_open(&w, normal) == 0 && way_take(&w, token, size) == 0 &&
                    way_flush(&w) == 0;
        way_close(&w);
        if (done)
            return (size_t)(end - to);
        end = to; /* there is no memory for it: it stays as it is */
    }
    (void)append(&end, token, size);
    return size;
}

/* ---- a sink ----------------------------------------------------------------------------- */

static int put(void *arg, const unsigned char *bytes, size_t size)
{
    struct normalizer *n = arg;
    if (batch_put(&n->batch, bytes, size) == 0)
        return 0;
    n->failed = true;
    return -1;
}

/* Adds a token, or a part of one. */
static int add(struct normalizer *n, const unsigned char *bytes, size_t size, bool last)
{
    int result = way_take(&n->way, bytes, size);
    if (result == 0 && last)
        result = way_flush(&n->way);
    if (result < 0 && !n->failed)
        return mr_fail(n->batch.out, "there is no memory to normalize a word");
    return result < 0 ? -1 : last ? batch_end(&n->batch) : 0;
}

static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    struct normalizer *n = (struct normalizer *)sink;
    batch_begin(&n->batch, bytes, out);
    for (const uint32_t *stop = at + 2 * count; at < stop; at += 2) {
        size_t size = at[1] - at[0];
        if (is_ascii(bytes + at[0], size)) {
            if (batch_add(&n->batch, at[0], at[1]) < 0 || batch_end(&n->batch) < 0)
                return -1;
        } else if (add(n, bytes + at[0], size, true) < 0) {
            return -1;
        }
    }
    return batch_leave(&n->batch);
}

static int take_part(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last)
{
    struct normalizer *n = (struct normalizer *)sink;
    batch_begin(&n->batch, bytes, out);
    return add(n, bytes, size, last) < 0 ? -1 : batch_leave(&n->batch);
}

static int end_line(struct sink *sink, struct mr_context *out)
{
    (void)out;
    return batch_end_line(&((struct normalizer *)sink)->batch);
}

int normalizer_init(struct normalizer *n, struct normal normal, struct sink *to,
                    struct mr_context *out)
{
    n->sink = (struct sink){ take, take_part, to && to->end_line ? end_line : NULL };
    n->batch.sink = to;
    n->way.put = put;
    n->way.arg = n;
    if (way_open(&n->way, &normal) < 0)
        return mr_fail(out, "there is no memory to normalize words");
    return 0;
}

void normalizer_release(struct normalizer *n)
{
    way_close(&n->way);
}
