/* Quoting. */
#include "write/quote.h"

#include <string.h>
#include <unistr.h>

bool mr_wants_quotes(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
            return true;
    return false;
}

unsigned char *mr_put_quoted(unsigned char *to, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"')
            *to++ = '"';
        *to++ = bytes[i];
    }
    return to;
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

unsigned char *mr_put_json(unsigned char *to, const unsigned char *bytes, size_t n)
{
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
    return to;
}
