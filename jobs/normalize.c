/* Unicode's normalization, by libunistring. */
#include "normalize.h"

#include <string.h>
#include <uninorm.h>
#include <unistr.h>

enum form normalize_find(const char *name)
{
    return strcmp(name, "nfc") == 0 ? FORM_NFC : strcmp(name, "nfkc") == 0 ? FORM_NFKC : FORM_NONE;
}

static bool is_ascii(const unsigned char *bytes, size_t size)
{
    unsigned char all = 0;
    for (size_t i = 0; i < size; i++)
        all |= bytes[i];
    return all < 0x80;
}

/* Hands a token's characters to a filter, and bytes that are none to put, when the filter has given
 * what it had. Returns 0 or -1. */
static int feed(struct uninorm_filter *filter, const unsigned char *bytes, size_t size,
                int (*put)(void *arg, const unsigned char *bytes, size_t size), void *arg)
{
    for (size_t i = 0; i < size;) {
        ucs4_t c = bytes[i];
        int length = c < 0x80 ? 1 : u8_mbtoucr(&c, bytes + i, size - i);
        if (length > 0 && uninorm_filter_write(filter, c) < 0)
            return -1;
        if (length <= 0 && (uninorm_filter_flush(filter) < 0 || put(arg, bytes + i, 1) < 0))
            return -1;
        i += length > 0 ? (size_t)length : 1;
    }
    return 0;
}

static uninorm_t unicode_form(enum form form)
{
    return form == FORM_NFKC ? UNINORM_NFKC : UNINORM_NFC;
}

/* ---- a token in memory ------------------------------------------------------------------ */

static int append(void *arg, const unsigned char *bytes, size_t size)
{
    unsigned char **to = arg;
    memcpy(*to, bytes, size);
    *to += size;
    return 0;
}

static int append_character(void *arg, ucs4_t c)
{
    unsigned char bytes[8] = { 0 };
    return append(arg, bytes, (size_t)u8_uctomb(bytes, c, sizeof bytes));
}

size_t normalize(const void *form, const unsigned char *token, size_t size, unsigned char *to)
{
    unsigned char *end = to;
    if (!is_ascii(token, size)) {
        uninorm_t unicode = unicode_form(*(const enum form *)form);
        struct uninorm_filter *filter = uninorm_filter_create(unicode, append_character, &end);
        bool done = filter && feed(filter, token, size, append, &end) == 0;
        if (filter && uninorm_filter_free(filter) == 0 && done)
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

static int put_character(void *arg, ucs4_t c)
{
    unsigned char bytes[8] = { 0 };
    return put(arg, bytes, (size_t)u8_uctomb(bytes, c, sizeof bytes));
}

/* Adds a token, or a part of one. */
static int add(struct normalizer *n, const unsigned char *bytes, size_t size, bool last)
{
    int result = feed(n->filter, bytes, size, put, n);
    if (result == 0 && last)
        result = uninorm_filter_flush(n->filter);
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

int normalizer_init(struct normalizer *n, enum form form, struct sink *to, struct mr_context *out)
{
    n->sink = (struct sink){ take, take_part, to && to->end_line ? end_line : NULL };
    n->batch.sink = to;
    n->filter = uninorm_filter_create(unicode_form(form), put_character, n);
    return n->filter ? 0 : mr_fail(out, "there is no memory to normalize words");
}

void normalizer_release(struct normalizer *n)
{
    if (n->filter)
        (void)uninorm_filter_free(n->filter);
    n->filter = NULL;
}
