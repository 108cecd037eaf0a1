/*
 * A record, (key, value), as it is written between the stages:
 *
 *     head     varint   size of the key, times 2, plus 1 if it is a locator
 *     value    varint
 *     key      bytes    the key itself, or a locator of 32 bytes
 *
 * "the" 5 times is 06 05 't' 'h' 'e'. Shuffle files and runs (shuffle.h, run.h) leave out what a
 * key shares with one before it. A key larger than the job's key_max is out-of-line: a chain of
 * blocks of its own (keys.h), of which the record has a locator. So a record always fits in a
 * block, and a key of any size costs no memory. Whether a key is out-of-line depends on its size
 * alone, so equal keys are always in the same form.
 */
#ifndef MR_STORE_RECORD_H
#define MR_STORE_RECORD_H

#include "base/endian.h"
#include "base/varint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    MR_LOCATOR_SIZE = 32,
    MR_RECORD_HEAD_MAX = 2 * MR_VARINT_MAX /* bytes of head and value at most */
};

struct mr_record {
    const unsigned char *key; /* the key, or its locator */
    uint32_t size;            /* of what key points at */
    bool out_of_line;         /* key points at a locator */
    uint64_t value;
};

/* A sum over many keys, which no number of them makes wrap. */
typedef unsigned __int128 mr_total;

/* The sum, or the largest number of 64 bits where it needs more. */
static inline uint64_t mr_total_clamp(mr_total total)
{
    return total < UINT64_MAX ? (uint64_t)total : UINT64_MAX;
}

/* Brings another value of a key to the one that is there as the job does; without a function of
 * its own by adding. Returns false, and nothing is changed, where the sum needs more than 64
 * bits. */
static inline bool mr_combine(uint64_t (*combine)(uint64_t, uint64_t), uint64_t *value,
                              uint64_t other)
{
    uint64_t both = combine ? combine(*value, other) : *value + other;
    if (combine == NULL && both < other)
        return false;
    *value = both;
    return true;
}

struct mr_error;

/* Sets the error that the values of a record's key are too large to be added. The first head bytes
 * of the key are not the job's, and not shown. Returns -1. */
int mr_record_overflow(const struct mr_record *r, size_t head, struct mr_error *err);

/* Where an out-of-line key stands in its file, and enough of it that most comparisons need not read
 * it. */
struct mr_locator {
    uint64_t offset;         /* of its first block */
    uint64_t size;           /* of the key */
    uint64_t hash;           /* of the whole key, as mr_hash has it */
    unsigned char prefix[8]; /* its first bytes */
};

static inline void mr_locator_put(unsigned char *to, const struct mr_locator *l)
{
    mr_put64(to, l->offset);
    mr_put64(to + 8, l->size);
    mr_put64(to + 16, l->hash);
    memcpy(to + 24, l->prefix, sizeof l->prefix);
}

static inline struct mr_locator mr_locator_get(const unsigned char *from)
{
    struct mr_locator l = { mr_get64(from), mr_get64(from + 8), mr_get64(from + 16), { 0 } };
    memcpy(l.prefix, from + 24, sizeof l.prefix);
    return l;
}

/* Writes head and value for a record; the key's bytes follow. Returns the byte after them. */
static inline unsigned char *mr_record_put_head(unsigned char *to, uint32_t size, bool out_of_line,
                                                uint64_t value)
{
    to = mr_varint_put(to, (uint64_t)size << 1 | out_of_line);
    return mr_varint_put(to, value);
}

/* Reads the head and the value of the record at from: all of *r but the key. Returns the byte
 * after them, or NULL when what stands there is no record. */
static inline const unsigned char *mr_record_get_head(const unsigned char *from,
                                                      const unsigned char *end,
                                                      struct mr_record *r)
{
    uint64_t head;
    from = mr_varint_get(from, end, &head);
    if (from == NULL)
        return NULL;
    from = mr_varint_get(from, end, &r->value);
    if (from == NULL || head >> 1 > UINT32_MAX)
        return NULL;
    r->out_of_line = head & 1;
    r->size = (uint32_t)(head >> 1);
    return r->out_of_line && r->size != MR_LOCATOR_SIZE ? NULL : from;
}

/* Reads the record at from, which key then points into. Returns the byte after it, or NULL
 * when what stands there is no record. */
static inline const unsigned char *mr_record_get(const unsigned char *from,
                                                 const unsigned char *end, struct mr_record *r)
{
    from = mr_record_get_head(from, end, r);
    if (from == NULL || r->size > (size_t)(end - from))
        return NULL;
    r->key = from;
    return from + r->size;
}

/* How many of the first size bytes are the same, up to the first that differs. */
static inline uint32_t mr_common(const unsigned char *a, const unsigned char *b, uint32_t size)
{
    uint32_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t differ = mr_get64(a + i) ^ mr_get64(b + i);
        if (differ != 0)
            return i + (uint32_t)__builtin_ctzll(differ) / 8;
    }
    while (i < size && a[i] == b[i])
        i++;
    return i;
}

/* Whether two keys of 16 bytes or more are the same, looked at as mr_copy_long copies. */
static inline bool mr_same_long(const unsigned char *a, const unsigned char *b, size_t size)
{
    enum { STEP = 16 };
    uint64_t differ = 0;
    for (size_t i = 0; i + STEP < size; i += STEP)
        differ |= (mr_get64(a + i) ^ mr_get64(b + i)) | (mr_get64(a + i + 8) ^ mr_get64(b + i + 8));
    a += size - STEP;
    b += size - STEP;
    return (differ | (mr_get64(a) ^ mr_get64(b)) | (mr_get64(a + 8) ^ mr_get64(b + 8))) == 0;
}

/* Copies a key of 16 bytes or more, in steps of 16, of which the last two may overlap: most keys
 * are too short for what calling memcpy costs. */
static inline void mr_copy_long(unsigned char *to, const unsigned char *key, size_t size)
{
    enum { STEP = 16 };
    for (size_t i = 0; i + STEP < size; i += STEP)
        memcpy(to + i, key + i, STEP);
    memcpy(to + size - STEP, key + size - STEP, STEP);
}

/* Copies a key of any size to where there is room for 8 bytes at least. */
static inline void mr_copy_key(unsigned char *to, const unsigned char *key, size_t size)
{
    if (size >= 16) {
        mr_copy_long(to, key, size);
    } else if (size >= 8) {
        const uint64_t first = mr_get64(key), last = mr_get64(key + size - 8);
        mr_put64(to, first);
        mr_put64(to + size - 8, last);
    } else {
        mr_put64(to, mr_get_few(key, size));
    }
}

/* Copies size bytes where 15 more may be read and written behind them. */
static inline void mr_copy_slack(unsigned char *to, const unsigned char *from, size_t size)
{
    enum { STEP = 16 };
    for (size_t i = 0; i < size; i += STEP)
        memcpy(to + i, from + i, STEP);
}

/* Copies size bytes where 32 more may be read and written behind them. The first 32 are copied
 * whatever the size is, as keys have mostly fewer, of sizes that no branch foresees. */
static inline void mr_copy_wide(unsigned char *to, const unsigned char *from, size_t size)
{
    enum { STEP = 32 };
    memcpy(to, from, STEP);
    for (size_t i = STEP; i < size; i += STEP)
        memcpy(to + i, from + i, STEP);
}

/* Copies size <= 16 bytes where 16 may be read at both places, without a branch; what follows them
 * stays as it is. */
static inline void mr_copy_into(unsigned char *to, const unsigned char *from, size_t size)
{
    static const uint64_t masks[4] = { UINT64_MAX, UINT64_MAX, 0, 0 };
    const unsigned char *mask = (const unsigned char *)masks + 16 - size;
    const uint64_t first = mr_get64(to), second = mr_get64(to + 8);
    const uint64_t new_first = mr_get64(from), new_second = mr_get64(from + 8);
    mr_put64(to, first ^ ((first ^ new_first) & mr_get64(mask)));
    mr_put64(to + 8, second ^ ((second ^ new_second) & mr_get64(mask + 8)));
}

/* As mr_common, where 16 bytes may be read of both; mostly without a branch on where that is. */
static inline uint32_t mr_common_slack(const unsigned char *a, const unsigned char *b,
                                       uint32_t size)
{
    const uint64_t first = mr_get64(a) ^ mr_get64(b), second = mr_get64(a + 8) ^ mr_get64(b + 8);
    if ((first | second) == 0)
        return size <= 16 ? size : 16 + mr_common(a + 16, b + 16, size - 16);
    const uint32_t same = (first ? 0 : 8) + (uint32_t)__builtin_ctzll(first ? first : second) / 8;
    return same < size ? same : size;
}

#endif
