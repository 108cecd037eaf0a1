/*
 * Numbers in keys and values, as bytes.
 *
 *     number_put    seven bits a byte, low bits first, the top bit set on all but the last: short
 *     rank_put      eight bytes, the highest first: so they compare as the numbers do
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdint.h>

enum { NUMBER_BYTES = 10, RANK_BYTES = 8 }; /* of a number, at most; of a rank */

/* Writes a number. Returns the byte after it. */
static inline unsigned char *number_put(unsigned char *to, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *to++ = (unsigned char)(number | 0x80);
    *to++ = (unsigned char)number;
    return to;
}

/* Reads a number that number_put has written. Returns the byte after it. */
static inline const unsigned char *number_get(const unsigned char *from, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0;; shift += 7) {
        *number |= (uint64_t)(*from & 0x7F) << shift;
        if (*from++ < 0x80)
            return from;
    }
}

static inline void rank_put(unsigned char to[RANK_BYTES], uint64_t rank)
{
    for (int i = 0; i < RANK_BYTES; i++)
        to[i] = (unsigned char)(rank >> (56 - 8 * i));
}

static inline uint64_t rank_get(const unsigned char *from)
{
    uint64_t rank = 0;
    for (int i = 0; i < RANK_BYTES; i++)
        rank = rank << 8 | from[i];
    return rank;
}

#endif
