/*
 * Partial numbers: what of a key's number comes from where in the input, for jobs of numbers that
 * are also to tell in how many inputs a key stands, or to have keys in the order in which they
 * first stand. A partial is a value of bytes (value.h):
 *
 *     source   varint   the rank of the input, where that matters; else 0
 *     place    varint   how many were emitted in the map task before the first of it, where that
 *                       matters; else 0
 *     number   varint
 *
 * No varint is a prefix of another: in the order of their bytes, the partials of an input are
 * together.
 */
#ifndef MR_STORE_PARTIAL_H
#define MR_STORE_PARTIAL_H

#include "store/value.h"

enum { MR_PARTIAL_MAX = 3 * MR_VARINT_MAX };

struct mr_partial {
    uint64_t source, place, number;
};

/* Writes one to bytes, which has room for MR_PARTIAL_MAX. */
static inline struct mr_value mr_partial_put(unsigned char *bytes, const struct mr_partial *p)
{
    unsigned char *to = mr_varint_put(bytes, p->source);
    to = mr_varint_put(mr_varint_put(to, p->place), p->number);
    return (struct mr_value){ bytes, (uint32_t)(to - bytes), false };
}

/* Reads one. Returns false when it is none. */
static inline bool mr_partial_get(const struct mr_value *v, struct mr_partial *p)
{
    const unsigned char *at = v->bytes, *end = v->bytes + v->size;
    if (v->out_of_line)
        return false;
    at = mr_varint_get(at, end, &p->source);
    if (at != NULL)
        at = mr_varint_get(at, end, &p->place);
    return at != NULL && mr_varint_get(at, end, &p->number) == end;
}

/* What becomes of all partials of a key: the value of its record in the result. */
struct mr_united {
    uint64_t sources; /* how many inputs they are of, where that matters, */
    uint64_t number;  /* and all of them, where the record's number is the place of the first */
};

enum { MR_UNITED_MAX = 2 * MR_VARINT_MAX };

/* Writes it to bytes, which has room for MR_UNITED_MAX. */
static inline struct mr_value mr_united_put(unsigned char *bytes, const struct mr_united *u)
{
    unsigned char *to = mr_varint_put(mr_varint_put(bytes, u->sources), u->number);
    return (struct mr_value){ bytes, (uint32_t)(to - bytes), false };
}

/* Reads that of a record. */
static inline struct mr_united mr_united_of(const struct mr_record *r)
{
    const struct mr_value v = mr_record_value(r);
    struct mr_united u = { 0, 0 };
    const unsigned char *at = mr_varint_get(v.bytes, v.bytes + v.size, &u.sources);
    if (at != NULL)
        (void)mr_varint_get(at, v.bytes + v.size, &u.number);
    return u;
}

#endif
