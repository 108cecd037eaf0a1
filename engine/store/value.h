/*
 * Values that are bytes, as they are written: right behind their key, wherever a record stands.
 *
 *     head     varint   size of what follows, times 2, plus 1 if it is a locator
 *     value    bytes    the value itself, or a locator of 32 bytes
 *
 * "see" for the key "the" is 'the' 06 'see'. A value larger than the job's value_max is
 * out-of-line, as large keys are, in blocks of the same kind (keys.h): so a record always fits in a
 * block, and a value of any size costs no memory. The number that every record has (record.h) says
 * where among the values of its key such a record comes.
 *
 * In a list, values stand one behind the other, each with its head. Of one that comes again at
 * once, 1 and a byte say how often it does: "a" "a" "a" "b" is 02 'a' 01 02 02 'b'.
 *
 * A reducer keeps values where their mappers wrote them. So that a locator can be followed alone,
 * it has the number of the map task in place of the value's first bytes; but where values are
 * compared, they are copied to the reducer's own file.
 */
#ifndef MR_STORE_VALUE_H
#define MR_STORE_VALUE_H

#include "store/record.h"

enum { MR_VALUE_HEAD_MAX = 5 }; /* bytes of the head at most */

struct mr_value {
    const unsigned char *bytes; /* the value, or its locator */
    uint32_t size;              /* of what bytes points at */
    bool out_of_line;
};

/* Reads the value at from. Returns the byte after it, or NULL when there is none. */
static inline const unsigned char *mr_value_get(const unsigned char *from,
                                                const unsigned char *end, struct mr_value *v)
{
    uint64_t head;
    from = mr_varint_get(from, end, &head);
    if (from == NULL || head >> 1 > (size_t)(end - from))
        return NULL;
    v->bytes = from;
    v->size = (uint32_t)(head >> 1);
    v->out_of_line = head & 1;
    return v->out_of_line && v->size != MR_LOCATOR_SIZE ? NULL : from + v->size;
}

/* Writes a value's head; its bytes follow. Returns the byte after it. */
static inline unsigned char *mr_value_put_head(unsigned char *to, const struct mr_value *v)
{
    return mr_varint_put(to, (uint64_t)v->size << 1 | v->out_of_line);
}

/* Writes a value of at most 2^31 - 1 bytes; one of none may have no address. Returns the byte after
   it. */
static inline unsigned char *mr_value_put(unsigned char *to, const struct mr_value *v)
{
    to = mr_value_put_head(to, v);
    if (v->size > 0)
        memcpy(to, v->bytes, v->size);
    return to + v->size;
}

/* The value whose head stands here, as was found before. */
static inline struct mr_value mr_value_at(const unsigned char *head)
{
    struct mr_value v = { head, 0, false };
    (void)mr_value_get(head, head + MR_VALUE_HEAD_MAX + UINT32_MAX / 2, &v);
    return v;
}

enum { MR_REPEATS_SIZE = 2, MR_REPEATS_MOST = 255 };

/* Writes how often the value of a list before it comes again, at most MR_REPEATS_MOST times.
 * Returns the byte after that. */
static inline unsigned char *mr_value_put_repeats(unsigned char *to, uint32_t repeats)
{
    *to++ = 1; /* the head of no value */
    *to++ = (unsigned char)repeats;
    return to;
}

/* Reads how often it does, of which nothing may stand at from. Returns the byte after what does. */
static inline const unsigned char *mr_value_get_repeats(const unsigned char *from,
                                                        const unsigned char *end,
                                                        uint32_t *repeats)
{
    bool said = end - from >= MR_REPEATS_SIZE && *from == 1;
    *repeats = said ? from[1] : 0;
    return said ? from + MR_REPEATS_SIZE : from;
}

/* The value of a record, behind its key. */
static inline struct mr_value mr_record_value(const struct mr_record *r)
{
    return mr_value_at(r->key + r->size);
}

/* The bytes that a record's value takes behind its key. */
static inline uint32_t mr_record_value_size(const struct mr_record *r)
{
    struct mr_value v = mr_record_value(r);
    return (uint32_t)(v.bytes + v.size - (r->key + r->size));
}

/* The map task that wrote an out-of-line value. */
static inline uint32_t mr_value_task(const struct mr_value *v)
{
    return mr_get32(v->bytes + MR_LOCATOR_SIZE - 8);
}

static inline void mr_value_set_task(unsigned char *locator, uint32_t task)
{
    mr_put64(locator + MR_LOCATOR_SIZE - 8, task);
}

#endif
