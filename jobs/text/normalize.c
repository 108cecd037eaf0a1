/* Unicode's normalization, by libunistring. */
#include "normalize.h"

#include "ascii.h"
#include "casefold.h"

#include <string.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum normal_form normalize_find(const char *name)
{
    return strcmp(name, "nfc") == 0    ? NORMAL_NFC
           : strcmp(name, "nfkc") == 0 ? NORMAL_NFKC
                                       : NORMAL_NONE;
}

/* ---- a stream of characters ------------------------------------------------------------- */

static int put_character(void *stream, ucs4_t c)
{
    const struct normal_stream *s = stream;
    unsigned char bytes[8] = { 0 };
    return s->put(s->arg, bytes, (size_t)u8_uctomb(bytes, c, sizeof bytes));
}

static int fold_character(void *stream, ucs4_t c)
{
    const struct normal_stream *s = stream;
    return uninorm_filter_write(s->again, casefold_character(c));
}

/* Opens a stream whose put and arg are set. Returns 0 or -1 (no memory). */
static int stream_open(struct normal_stream *s, const struct normal *normal)
{
    uninorm_t form = normal->form == NORMAL_NFKC ? UNINORM_NFKC : UNINORM_NFC;
    s->filter = uninorm_filter_create(form, normal->fold ? fold_character : put_character, s);
    s->again = normal->fold ? uninorm_filter_create(form, put_character, s) : NULL;
    return s->filter && (s->again || !normal->fold) ? 0 : -1;
}

/* Has all put that is held. Returns 0 or -1. */
static int stream_flush(struct normal_stream *s)
{
    s->marks = 0;
    if (uninorm_filter_flush(s->filter) < 0)
        return -1;
    return s->again ? uninorm_filter_flush(s->again) : 0;
}

/* Drops what is held. */
static void stream_close(struct normal_stream *s)
{
    if (s->filter)
        (void)uninorm_filter_free(s->filter);
    if (s->again)
        (void)uninorm_filter_free(s->again);
    s->filter = s->again = NULL;
}

static int take_character(struct normal_stream *s, ucs4_t c)
{
    s->marks = c >= 0x300 && uc_combining_class(c) > 0 ? s->marks + 1 : 0;
    if (s->marks > MARKS_MAX && stream_flush(s) < 0)
        return -1;
    return uninorm_filter_write(s->filter, c);
}

/* Takes a token, or a part of one. Returns 0 or -1. */
static int stream_take(struct normal_stream *s, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        ucs4_t c = bytes[i];
        int length = c < 0x80 ? 1 : u8_mbtoucr(&c, bytes + i, size - i);
        if (length > 0 && take_character(s, c) < 0)
            return -1;
        if (length <= 0 && (stream_flush(s) < 0 || s->put(s->arg, bytes + i, 1) < 0))
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
        struct normal_stream s = { .put = append, .arg = &end };
        bool done = stream_open(&s, normal) == 0 && stream_take(&s, token, size) == 0 &&
                    stream_flush(&s) == 0;
        stream_close(&s);
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
    int result = stream_take(&n->stream, bytes, size);
    if (result == 0 && last)
        result = stream_flush(&n->stream);
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
    n->stream.put = put;
    n->stream.arg = n;
    if (stream_open(&n->stream, &normal) < 0)
        return mr_fail(out, "there is no memory to normalize words");
    return 0;
}
