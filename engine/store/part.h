/*
 * Parts: what of a key's number comes from which input, for jobs of numbers that are also to tell
 * in how many inputs a key stands. A part is a value of bytes (value.h):
 *
 *     source   8 bytes   the rank of the input, the highest first: so in the order of their bytes
 *                        those of an input are together
 *     number   varint
 */
#ifndef MR_STORE_PART_H
#define MR_STORE_PART_H

#include "store/value.h"

enum { MR_PART_SOURCE = 8, MR_PART_MAX = MR_PART_SOURCE + MR_VARINT_MAX };

/* Writes a part to bytes, which has room for MR_PART_MAX. */
static inline struct mr_value mr_part_put(unsigned char *bytes, uint64_t source, uint64_t number)
{
    uint64_t first = htobe64(source);
    memcpy(bytes, &first, sizeof first);
    const unsigned char *end = mr_varint_put(bytes + MR_PART_SOURCE, number);
    return (struct mr_value){ bytes, (uint32_t)(end - bytes), false };
}

/* Reads one. Returns false when it is none. */
static inline bool mr_part_get(const struct mr_value *v, uint64_t *source, uint64_t *number)
{
    const unsigned char *end = v->bytes + v->size;
    if (v->out_of_line || v->size <= MR_PART_SOURCE)
        return false;
    memcpy(source, v->bytes, sizeof *source);
    *source = be64toh(*source);
    return mr_varint_get(v->bytes + MR_PART_SOURCE, end, number) == end;
}

#endif
