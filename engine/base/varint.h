/*
 * Variable-length unsigned numbers, seven bits a byte, low bits first, the top bit set on
 * all bytes but the last (LEB128): 300 = 0xAC 0x02. A number has at most ten bytes.
 */
#ifndef MR_BASE_VARINT_H
#define MR_BASE_VARINT_H

#include <stddef.h>
#include <stdint.h>

enum { MR_VARINT_MAX = 10 };

/* Writes value at to, which has MR_VARINT_MAX bytes of room. Returns the byte after it. */
static inline unsigned char *mr_varint_put(unsigned char *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    *to++ = (unsigned char)value;
    return to;
}

/* Reads a number from [from, end). Returns the byte after it, or NULL when it is cut short
 * or larger than 64 bits. */
static inline const unsigned char *mr_varint_get(const unsigned char *from,
                                                 const unsigned char *end, uint64_t *value)
{
    if (from < end && *from < 0x80) {
        *value = *from;
        return from + 1;
    }
    uint64_t sum = 0;
    for (unsigned shift = 0; from < end && shift < 64; shift += 7) {
        uint64_t bits = *from & 0x7F;
        if (shift == 63 && bits > 1)
            return NULL;
        sum |= bits << shift;
        if (*from++ < 0x80) {
            *value = sum;
            return from;
        }
    }
    return NULL;
}

#endif
