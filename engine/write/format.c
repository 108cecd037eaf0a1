/* Formats, each a function that appends one record's line. */
#include "write/format.h"

#include <stdio.h>
#include <string.h>
#include <unistr.h>

static int add(struct mr_text *text, const void *bytes, size_t n, struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(text, n, err);
    if (to == NULL)
        return -1;
    memcpy(to, bytes, n);
    mr_text_take(text, to + n);
    return 0;
}

static unsigned char *put_number(unsigned char *to, uint64_t value)
{
    if (value < 10) {
        *to = (unsigned char)('0' + value);
        return to + 1;
    }
    unsigned char digits[20], *from = digits + sizeof digits;
    do
        *--from = (unsigned char)('0' + value % 10);
    while ((value /= 10) > 0);
    size_t n = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, n);
    return to + n;
}

/* ---- pieces of keys, in each format's writing ------------------------------------------- */

typedef int put_piece(struct mr_text *text, const unsigned char *bytes, size_t n,
                      struct mr_error *err);

static int put_plain(struct mr_text *text, const unsigned char *bytes, size_t n,
                     struct mr_error *err)
{
    return add(text, bytes, n, err);
}

static int put_quoted(struct mr_text *text, const unsigned char *bytes, size_t n,
                      struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(text, 2 * n, err);
    if (to == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"')
            *to++ = '"';
        *to++ = bytes[i];
    }
    mr_text_take(text, to);
    return 0;
}

/* One byte that JSON wants escaped. */
static unsigned char *put_escape(unsigned char *to, unsigned char byte)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *name = names; *name; name += 2)
        if (byte == (unsigned char)*name) {
            *to++ = '\\';
            *to++ = (unsigned char)name[1];
            return to;
        }
    static const char hex[] = "0123456789abcdef";
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, no string */
    memcpy(to, byte < 0x80 ? "\\u00" : "\\udc", 4);
    to[4] = (unsigned char)hex[byte >> 4];
    to[5] = (unsigned char)hex[byte & 15];
    return to + 6;
}

static int put_json(struct mr_text *text, const unsigned char *bytes, size_t n,
                    struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(text, 6 * n, err);
    if (to == NULL)
        return -1;
    for (size_t i = 0; i < n;) {
        unsigned char b = bytes[i];
        if (b < 0x80) {
            if (b < 0x20 || b == '"' || b == '\\')
                to = put_escape(to, b);
            else
                *to++ = b;
            i++;
            continue;
        }
        ucs4_t character;
        int length = u8_mbtoucr(&character, bytes + i, n - i);
        if (length < 0) {
            to = put_escape(to, b);
            i++;
            continue;
        }
        memcpy(to, bytes + i, (size_t)length);
        to += length;
        i += (size_t)length;
    }
    mr_text_take(text, to);
    return 0;
}

static int put_key(struct mr_text *text, const struct mr_record *r,
                   const struct mr_key_place *place, put_piece *put, struct mr_error *err)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    mr_key_open(&key, r, *place, err);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0)
        if (put(text, bytes, size, err) < 0)
            return -1;
    return more;
}

/* Whether CSV must quote a key: 1, 0, or -1. */
static int needs_quotes(const struct mr_record *r, const struct mr_key_place *place,
                        struct mr_error *err)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    mr_key_open(&key, r, *place, err);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0)
        for (size_t i = 0; i < size; i++)
            if (bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
                return 1;
    return more;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* Adds what stands between a key and the line's end. */
static int add_value(struct mr_text *text, const char *before, uint64_t value, const char *behind,
                     struct mr_error *err)
{
    unsigned char *to = mr_text_reserve(text, 64, err);
    if (to == NULL)
        return -1;
    size_t n = strlen(before);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, no string */
    memcpy(to, before, n);
    to = put_number(to + n, value);
    n = strlen(behind);
    memcpy(to, behind, n);
    mr_text_take(text, to + n);
    return 0;
}

/* Key, one byte, value: one copy where the key is in memory. */
static int format_plain(struct mr_text *text, const struct mr_record *r,
                        const struct mr_key_place *place, char between, struct mr_error *err)
{
    if (r->beside && put_key(text, r, place, put_plain, err) < 0)
        return -1;
    size_t size = r->beside ? 0 : r->size;
    unsigned char *to = mr_text_reserve(text, size + 32, err);
    if (to == NULL)
        return -1;
    memcpy(to, r->key, size);
    to[size] = (unsigned char)between;
    to = put_number(to + size + 1, r->value);
    *to++ = '\n';
    mr_text_take(text, to);
    return 0;
}

static int format_csv(struct mr_text *text, const struct mr_record *r,
                      const struct mr_key_place *place, struct mr_error *err)
{
    int quotes = needs_quotes(r, place, err);
    if (quotes < 0)
        return -1;
    if (!quotes)
        return format_plain(text, r, place, ',', err);
    if (add(text, "\"", 1, err) < 0 || put_key(text, r, place, put_quoted, err) < 0)
        return -1;
    return add_value(text, "\",", r->value, "\n", err);
}

static int format_jsonl(struct mr_text *text, const struct mr_record *r,
                        const struct mr_key_place *place, struct mr_error *err)
{
    static const char open[] = "{\"word\":\"";
    if (add(text, open, sizeof open - 1, err) < 0 || put_key(text, r, place, put_json, err) < 0)
        return -1;
    return add_value(text, "\",\"count\":", r->value, "}\n", err);
}

static int format_uniq(struct mr_text *text, const struct mr_record *r,
                       const struct mr_key_place *place, struct mr_error *err)
{
    char count[32];
    int n = snprintf(count, sizeof count, "%7llu ", (unsigned long long)r->value);
    if (add(text, count, (size_t)n, err) < 0 || put_key(text, r, place, put_plain, err) < 0)
        return -1;
    return add(text, "\n", 1, err);
}

int mr_format_record(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                     const struct mr_key_place *place, struct mr_error *err)
{
    switch (format) {
    case MR_CSV: return format_csv(text, r, place, err);
    case MR_JSONL: return format_jsonl(text, r, place, err);
    case MR_UNIQ: return format_uniq(text, r, place, err);
    case MR_COLON: return format_plain(text, r, place, ':', err);
    case MR_TSV: break;
    }
    return format_plain(text, r, place, '\t', err);
}
