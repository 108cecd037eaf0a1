/*
 * The hashes of a key: where it belongs, and where a table looks for it.
 *
 * Keys of up to 15 bytes, nearly all words, are held in two 64-bit numbers: the bytes, zeros, and
 * as the sixteenth byte the size plus one. "the" is
 *
 *     t h e 0 0 0 0 0   0 0 0 0 0 0 0 4
 *
 * so that two comparisons tell keys apart, NUL bytes or not, and no key is all zeros.
 *
 * Where it belongs: mr_hash has no seed, so that a key is in the same partition on every run.
 *
 *     bucket(h) = h * buckets / 2^64      partition = bucket / (buckets / partitions)
 *
 * so a partition is a contiguous range of buckets, and each bucket is a range of hashes. For short
 * keys it is h = mix(low * A + high * B), where each step can be undone: with one half of the key
 * given, different other halves have different hashes, whatever the given one is. (A product of
 * the halves has no such thing: where one factor is 0 or 1, little is left of the other.) Longer
 * keys go through XXH3. Anyone can make keys of one hash, so no more may hang on it than which
 * bucket a key is in.
 *
 * Where a table looks for it: mr_lookup has a seed that the run draws (mr_seed_draw) and nobody
 * else knows, so nobody can make keys that meet in a table. For short keys it is one 64 x 64 -> 128
 * bit multiplication whose halves are folded together (the mixing step of wyhash and of XXH3's
 * short inputs), the cheapest there is; keys of up to 32 bytes are taken for two of 16, which may
 * overlap, and longer ones go through XXH3 with a secret of its own.
 * Aumasson and Bernstein, "SipHash" (2012), tell of such attacks, and why a seed is the answer.
 */
#ifndef MR_PARTITION_HASH_H
#define MR_PARTITION_HASH_H

#include "base/endian.h"
#include "base/xxh3.h"
#include "store/record.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { MR_SHORT_KEY = 15 }; /* the longest key that is held in registers */

/* A short key in registers: its bytes in memory order, zero-padded, and its size plus one. */
struct mr_short {
    uint64_t low, high;
};

/* The short key of size <= 15 bytes at key, of which 16 bytes may be read. */
static inline struct mr_short mr_short_load(const unsigned char *key, unsigned size)
{
    static const unsigned char keep[32] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    };
    struct mr_short s, mask;
    memcpy(&s, key, sizeof s);
    memcpy(&mask, keep + 16 - size, sizeof mask);
    s.low &= mask.low;
    s.high = (s.high & mask.high) | htole64((uint64_t)(size + 1) << 56);
    return s;
}

/* The same where only the key's own bytes may be read. */
static inline struct mr_short mr_short_copy(const unsigned char *key, size_t size)
{
    uint64_t low = size < 8 ? mr_get_few(key, size) : mr_get64(key);
    uint64_t high = size > 8 ? mr_get64(key + size - 8) >> 8 * (16 - size) : 0;
    return (struct mr_short){ htole64(low), htole64(high | (uint64_t)(size + 1) << 56) };
}

/* Whether two keys of one size are the same: most are too short for what calling memcmp costs. */
static inline bool mr_same_bytes(const unsigned char *a, const unsigned char *b, size_t size)
{
    if (size > MR_SHORT_KEY)
        return mr_same_long(a, b, size);
    struct mr_short x = mr_short_copy(a, size), y = mr_short_copy(b, size);
    return ((x.low ^ y.low) | (x.high ^ y.high)) == 0;
}

/* The size of a short key. */
static inline uint32_t mr_short_size(struct mr_short s)
{
    return (uint32_t)(le64toh(s.high) >> 56) - 1;
}

/* ---- where a key belongs ---------------------------------------------------------------- */

static inline uint64_t mr_hash_short(struct mr_short s)
{
    /* Odd factors, so that multiplying by them loses nothing. */
    uint64_t h = s.low * UINT64_C(0x9E3779B97F4A7C15) + s.high * UINT64_C(0xD6E8FEB86659FD93);
    h = (h ^ h >> 32) * UINT64_C(0xA0761D6478BD642F);
    return h ^ h >> 32;
}

static inline uint64_t mr_hash_long(const unsigned char *key, size_t size)
{
    return XXH3_64bits(key, size);
}

static inline uint64_t mr_hash(const unsigned char *key, size_t size)
{
    return size <= MR_SHORT_KEY ? mr_hash_short(mr_short_copy(key, size))
                                : mr_hash_long(key, size);
}

/* The bucket, below buckets, that a hash falls into; its upper half decides. */
static inline uint32_t mr_bucket(uint64_t hash, uint32_t buckets)
{
    return (uint32_t)(((hash >> 32) * buckets) >> 32);
}

/* ---- where a table looks for it --------------------------------------------------------- */

enum { MR_SECRET = 192 }; /* bytes: as many as XXH3's own has */

struct mr_seed {
    struct mr_short shorts, tails;
    unsigned char longs[MR_SECRET];
};

/* Draws a seed that nobody outside of this process and its children knows. */
void mr_seed_draw(struct mr_seed *seed);

static inline uint64_t mr_lookup_short(struct mr_short seed, struct mr_short s)
{
    unsigned __int128 product = (unsigned __int128)(s.low ^ seed.low) * (s.high ^ seed.high);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* For keys of more than MR_SHORT_KEY bytes. */
static inline uint64_t mr_lookup_long(const struct mr_seed *seed, const unsigned char *key,
                                      size_t size)
{
    struct mr_short head, tail;
    if (size > sizeof head + sizeof tail)
        return XXH3_64bits_withSecret(key, size, seed->longs, sizeof seed->longs);
    memcpy(&head, key, sizeof head);
    memcpy(&tail, key + size - sizeof tail, sizeof tail);
    return mr_lookup_short(seed->shorts, head) + mr_lookup_short(seed->tails, tail) +
           size * UINT64_C(0x9E3779B97F4A7C15);
}

/* What an index of linear probing goes by. Keys that differ in a few digits alone have look-ups
 * that differ alike, for a few seeds in a thousand, and would stand side by side: this spreads
 * them. */
static inline uint32_t mr_lookup_tag(uint64_t lookup)
{
    return (uint32_t)(lookup * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

/* For a key of which only the hash is at hand. */
static inline uint64_t mr_lookup_hash(struct mr_short seed, uint64_t hash)
{
    return mr_lookup_short(seed, (struct mr_short){ hash, 0 });
}

#endif
