/* Numbers as little-endian bytes, for what is written to files and for the first bytes of keys. */
#ifndef MR_BASE_ENDIAN_H
#define MR_BASE_ENDIAN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void mr_put32(unsigned char *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof value);
}

static inline void mr_put64(unsigned char *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof value);
}

static inline uint16_t mr_get16(const unsigned char *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return le16toh(value);
}

static inline uint32_t mr_get32(const unsigned char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return le32toh(value);
}

static inline uint64_t mr_get64(const unsigned char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return le64toh(value);
}

/* The number that size <= 8 bytes are, of which none is read that is not theirs: by loads that
 * overlap. To copy them to zeros and load these would wait for the copy. */
static inline uint64_t mr_get_few(const unsigned char *from, size_t size)
{
    if (size >= 4)
        return mr_get32(from) | (uint64_t)mr_get32(from + size - 4) << 8 * (size - 4);
    if (size == 0)
        return 0;
    return from[0] | (uint64_t)from[size / 2] << 8 * (size / 2) |
           (uint64_t)from[size - 1] << 8 * (size - 1);
}

#endif
