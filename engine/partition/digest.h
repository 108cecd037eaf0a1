/*
 * The digest of a shuffle: a sum over all values that are bytes, which neither their order nor what
 * lists they are written in (shuffle.h) changes: that may be another where a mapper with other
 * memory does a task again. What mappers have written and what reducers have read must have the
 * same. The share of a value is its hash times that of its key, so that neither may stand with
 * another.
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

/* What a key's hash brings into the shares of its values: a factor that is odd, so that nothing of
 * them is lost. */
static inline uint64_t mr_key_digest(uint64_t hash)
{
    return hash | 1;
}

/* What a value brings into its share; that of a list is the sum of its values'. */
static inline uint64_t mr_value_digest(const struct mr_value *v)
{
    return v->out_of_line ? mr_locator_get(v->bytes).hash
                            : XXH3_64bits(v->bytes, v->size);
}

/* The share of a record in the digest, given its key's hash. */
static inline uint64_t mr_record_digest(uint64_t hash, const struct mr_value *v)
{
    return mr_key_digest(hash) * mr_value_digest(v);
}

#endif
