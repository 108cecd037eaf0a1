/* Words as lines have them. */
#include "escape.h"

#include <string.h>
#include <unistr.h>

/* How many bytes from the beginning on are as they are, but for those of other than ASCII. */
static size_t plain(const unsigned char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && bytes[i] >= ' ' && bytes[i] < 0x80 && bytes[i] != '\\')
        i++;
    return i;
}

static unsigned char *put_escape(unsigned char *to, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    if (byte == '\\') {
        *to++ = '\\';
        return to;
    }
    *to++ = 'x';
    *to++ = (unsigned char)digits[byte >> 4];
    *to++ = (unsigned char)digits[byte & 15];
    return to;
}

unsigned char *escape_put(unsigned char *to, const unsigned char *bytes, size_t n)
{
    while (n > 0) {
        ucs4_t c;
        size_t size = plain(bytes, n);
        if (size == 0 && *bytes >= 0x80) {
            int length = u8_mbtoucr(&c, bytes, n);
            size = length > 0 ? (size_t)length : 0;
        }
        if (size == 0) {
            to = put_escape(to, *bytes++);
            n--;
            continue;
        }
        memcpy(to, bytes, size);
        to += size;
        bytes += size;
        n -= size;
    }
    return to;
}

static int hex(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the escape of n bytes at most. Returns the byte that it stands for, or -1. */
static int get_escape(const unsigned char *bytes, size_t n)
{
    if (n >= 2 && bytes[1] == '\\')
        return '\\';
    if (n < 4 || bytes[1] != 'x' || hex(bytes[2]) < 0 || hex(bytes[3]) < 0)
        return -1;
    int byte = hex(bytes[2]) << 4 | hex(bytes[3]);
    return byte < ' ' || byte >= 0x80 ? byte : -1; /* nothing else is escaped so */
}

bool escape_get(const unsigned char *bytes, size_t n, unsigned char *to, size_t *size)
{
    unsigned char *const start = to;
    for (size_t i = 0; i < n;) {
        if (bytes[i] < ' ')
            return false;
        if (bytes[i] != '\\') {
            *to++ = bytes[i++];
            continue;
        }
        int byte = get_escape(bytes + i, n - i);
        if (byte < 0)
            return false;
        *to++ = (unsigned char)byte;
        i += byte == '\\' ? 2 : 4;
    }
    *size = (size_t)(to - start);
    return true;
}
