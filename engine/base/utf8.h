/* Where UTF-8 sequences end: for cutting bytes in pieces without cutting a character. */
#ifndef MR_BASE_UTF8_H
#define MR_BASE_UTF8_H

#include <stddef.h>

/* How many bytes at the end of a piece begin a UTF-8 sequence that could go on after it: 0 to
 * 3. "caf\xC3" has 1. */
static inline size_t mr_utf8_unfinished(const unsigned char *bytes, size_t size)
{
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        unsigned char b = bytes[size - back];
        if (b >= 0xC0) {
            size_t want = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
            return want > back ? back : 0;
        }
        if (b < 0x80)
            return 0;
    }
    return 0;
}

#endif
