/*
 * The hash of a key, and which reducer it sends the key to.
 *
 * Keys of up to 15 bytes, nearly all words, are held in two 64-bit numbers: the bytes, zeros, and
 * as the sixteenth byte the size plus one. "the" is
 *
 *     t h e 0 0 0 0 0   0 0 0 0 0 0 0 4
 *
 * so that two comparisons tell keys apart, NUL bytes or not, and no key is all zeros. They are
 * hashed by one 64 x 64 -> 128 bit multiplication whose halves are folded together (the mixing
 * step of wyhash and of XXH3's short inputs): no branch on the length. Longer keys go through
 * XXH3. The hash has no seed, so that a key is in the same partition on every run.
 *
 *     bucket(h) = h * buckets / 2^64      partition = bucket / (buckets / partitions)
 *
 * so a partition is a contiguous range of buckets, and each bucket is a range of hashes.
 */
#ifndef MR_PARTITION_HASH_H
#define MR_PARTITION_HASH_H

#define XXH_INLINE_ALL
#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

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
    unsigned char bytes[sizeof(struct mr_short)] = { 0 };
    struct mr_short s;
    memcpy(bytes, key, size);
    bytes[MR_SHORT_KEY] = (unsigned char)(size + 1);
    memcpy(&s, bytes, sizeof s);
    return s;
}

/* The size of a short key. */
static inline uint32_t mr_short_size(struct mr_short s)
{
    return (uint32_t)(le64toh(s.high) >> 56) - 1;
}

static inline uint64_t mr_hash_short(struct mr_short s)
{
    unsigned __int128 product = (unsigned __int128)(s.low ^ UINT64_C(0x9E3779B97F4A7C15)) *
                                (s.high ^ UINT64_C(0xD6E8FEB86659FD93));
    /* The key itself goes in once more: a factor of 0 would leave nothing of the other. */
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ s.low ^ s.high;
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

#endif
