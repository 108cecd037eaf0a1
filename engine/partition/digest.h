/*
 * The digest of a shuffle: a sum over all values that are bytes, which neither their order nor what
 * lists they are written in (shuffle.h) changes: that may be another where a mapper with other
 * memory does a task again. What mappers have written and what reducers have read must have the
 * same.
 *
 * What is out-of-line counts by the hash that its locator has.
 */
#ifndef MR_PARTITION_DIGEST_H
#define MR_PARTITION_DIGEST_H

#include "partition/hash.h"
#include "store/value.h"

/* The hash of a record's key. */
static inline uint64_t mr_record_hash(const struct mr_record *r)
{
    return r->out_of_line ? mr_locator_get(r->key).hash : mr_hash(r->key, r->size);
}

/* The share of a record, or of a value of its list, in the digest, given its key's hash. */
static inline uint64_t mr_record_digest(uint64_t hash, const struct mr_value *v)
{
    uint64_t value = v->out_of_line ? mr_locator_get(v->bytes).hash
                                    : XXH3_64bits(v->bytes, v->size);
    uint64_t h = (hash ^ value * UINT64_C(0x9E3779B97F4A7C15)) + (value >> 29);
    h = (h ^ h >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 32;
}

#endif
