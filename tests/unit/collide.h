/*
 * Keys made against the hashes, as someone would who has read engine/partition/hash.h.
 *
 * - Short keys of one mr_hash: any 7 last bytes will do, as the 8 before them that lead to a
 *   wanted hash are found by undoing its steps.
 * - Keys of 32 bytes: XXH3 multiplies the first 8, changed by a constant, by the second 8. Where
 *   the first 8 are that constant, the product is 0 whatever the second 8 are.
 * - Keys of more than 240 bytes: XXH3 adds up products of half words and, apart from them, the
 *   words. Two words whose low halves are again its constants have products of 0; what is added to
 *   the upper half of one is taken from that of the other.
 * - Short keys that meet in a table whose seed is 0: their first 8 bytes are 0.
 */
#ifndef COLLIDE_H
#define COLLIDE_H

#include "partition/hash.h"

#define COLLIDE static __attribute__((unused))

/* Six bits a byte of a number, in bytes that are no white space. */
COLLIDE void put_letters(unsigned char *to, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++, number >>= 6)
        to[i] = (unsigned char)('A' + (number & 63));
}

/* What times an odd number is 1. */
COLLIDE uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd; /* right in 3 bits; each round doubles them */
    for (int i = 0; i < 5; i++)
        x *= 2 - odd * x;
    return x;
}

/* The key of 15 bytes that has a hash and ends with these 7. */
COLLIDE void short_of_hash(unsigned char key[MR_SHORT_KEY], uint64_t hash,
                           const unsigned char end[7])
{
    memset(key, 0, 8);
    memcpy(key + 8, end, 7);
    struct mr_short s = mr_short_copy(key, MR_SHORT_KEY);
    uint64_t h = hash ^ hash >> 32;
    h *= inverse(UINT64_C(0xA0761D6478BD642F));
    h ^= h >> 32;
    h -= s.high * UINT64_C(0xD6E8FEB86659FD93);
    s.low = h * inverse(UINT64_C(0x9E3779B97F4A7C15));
    memcpy(key, &s.low, sizeof s.low);
}

/* The number-th key of 32 bytes that all have one hash; below 2^48. */
COLLIDE void long_of_one_hash(unsigned char key[32], uint64_t number)
{
    static const unsigned char constant[8] = { 0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe };
    memset(key, 'x', 32);
    memcpy(key, constant, sizeof constant);
    put_letters(key + 8, 8, number);
}

/* The number-th key of size > 240 bytes that all have one hash, and begin alike; below 2^24. */
COLLIDE void large_of_one_hash(unsigned char *key, size_t size, uint64_t number)
{
    static const unsigned char constants[2][4] = { { 0x7c, 0x01, 0x81, 0x2c },
                                                   { 0xde, 0xd4, 0x6d, 0xe9 } };
    memset(key, 'x', size);
    memcpy(key + 8, constants[0], 4);
    memcpy(key + 72, constants[1], 4);
    put_letters(key + 12, 4, number);
    for (int i = 12; i < 16; i++) /* each and its other add up to 0xC1 */
        key[64 + i] = (unsigned char)(0xC1 - key[i]);
}

/* The number-th short key that a table without a seed looks for in one place. */
COLLIDE void short_of_one_place(unsigned char key[MR_SHORT_KEY], uint64_t number)
{
    memset(key, 0, 8);
    put_letters(key + 8, 7, number);
}

#endif
