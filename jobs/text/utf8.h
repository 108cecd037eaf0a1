/* Where UTF-8 may be cut: not in a character. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <unistr.h>

/* How many bytes at the end are the beginning of a character that may go on behind them: 0 to 3. */
static inline size_t utf8_unfinished(const unsigned char *bytes, size_t size)
{
    ucs4_t c;
    for (size_t n = 1; n <= 3 && n <= size; n++) {
        const unsigned char *at = bytes + size - n;
        if (*at >= 0xC0)
            return u8_mbtoucr(&c, at, n) == -2 ? n : 0;
        if (*at < 0x80)
            return 0;
    }
    return 0;
}

#endif
