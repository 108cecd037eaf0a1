/*
 * The collector: a mapper's records on their way into its shuffle file, whose buckets they are
 * sorted into by the hashes of their keys.
 *
 *     key of at most key_max bytes -> rewritten, if the job does that -> a record in its bucket
 *     larger key                   -> blocks of its own (keys.h), and a locator in its bucket
 *
 * Without reducers there are no buckets: records go into runs (sort/direct.h). Nor are there any
 * in a standalone map task (standalone.c), whose caller takes the records, large keys in pieces.
 */
#ifndef MR_MAP_COLLECTOR_H
#define MR_MAP_COLLECTOR_H

#include "base/buffer.h"
#include "sort/direct.h"
#include "map/bundler.h"
#include "map/fold.h"
#include "partition/hash.h"
#include "partition/shuffle.h"
#include "store/group.h"
#include "store/keys.h"

enum { MR_COLLECTED = 32 }; /* short keys that are collected together, at most */

/* A short key and its value. */
struct mr_short_record {
    struct mr_short key;
    uint64_t value;
};

struct mr_collector {
    const struct mr_job *job;
    const void *state;
    uint32_t key_max; /* bytes of a key that a record holds, and of a value */
    uint64_t digest;  /* of the values that are bytes (partition/digest.h) */
    uint64_t partition_hash; /* decides which bucket the next pair belongs to (mr_partition_by), */
    bool has_partition_hash; /* if it is not its key's hash that does */
    bool one_by_one; /* records are the result as they come, and do not combine */
    struct mr_fold fold; /* where the job has a function for that */
    struct mr_bundler bundler; /* where it has none, and the order of values is theirs */
    struct mr_direct *direct; /* where there is no reducer; else NULL */
    const struct mr_standalone *standalone; /* takes all keys of a standalone task; else NULL */
    uint64_t taken;                         /* keys that it took */
    struct mr_block_writer blocks;
    struct mr_shuffle_writer shuffle;
    struct mr_key_writer keys;
    struct mr_buffer rekeyed; /* where the job rewrites keys, or they get a group */
    bool rewrites;            /* either is so */
    bool by_group;            /* the latter, by the source at hand: */
    bool as_partials;         /* numbers leave as partial ones (store/partial.h), */
    bool by_place;            /* of which each has the place of its first token */
    uint64_t emissions;       /* tokens so far, where places matter: the place of the next; */
    uint64_t first;           /* and the place of what is collected */
    bool begun;
    uint64_t source;
    uint32_t parts; /* how many totals of sources were collected (mr_collect_group) */
    struct mr_error *err;
};

/* Collects count short keys, MR_COLLECTED at most: together, so that the waits for the memory of
 * their buckets overlap. Their places are only looked at where these matter. Returns 0 or -1. */
int mr_collect_shorts(struct mr_collector *c, const struct mr_short_record *records,
                      const uint64_t *places, size_t count);

/* Collects a key of more than MR_SHORT_KEY and at most key_max bytes; only the upper half of its
 * hash is used. Returns 0 or -1. */
int mr_collect_long(struct mr_collector *c, uint64_t hash, const unsigned char *key, uint32_t size,
                    uint64_t value);

/* Collects a key of at most key_max bytes that the job has yet to rewrite, if it does that. Returns
 * 0 or -1. */
int mr_collect_key(struct mr_collector *c, const unsigned char *key, size_t size, uint64_t value);

/* The same for one that it has rewritten already. */
int mr_collect_rewritten(struct mr_collector *c, const unsigned char *key, size_t size,
                         uint64_t value);

/* Has the job rewrite *size bytes of a key, if it does that, and puts the group before those that
 * begin it: *bytes and *size are then what became of them, until the next call. Returns 0 or -1. */
int mr_collect_rekey(struct mr_collector *c, bool begins, const unsigned char **bytes,
                     size_t *size);

/* Collects what this task has found of the total of the source at hand. Returns 0 or -1. */
int mr_collect_group(struct mr_collector *c, enum mr_group_kind kind, uint64_t value);

/* Collects a key of any size whose value is bytes of any size. Returns 0 or -1. */
int mr_collect_value(struct mr_collector *c, const unsigned char *key, size_t size,
                     const unsigned char *value, size_t value_size);

/* The same for a key and a value that records hold, or that are out-of-line in the file already;
 * not for direct. */
int mr_collect_record(struct mr_collector *c, const struct mr_record *r, const struct mr_value *v);

/* Hands a piece of a rewritten key to the caller of a standalone task; with the last, its value.
 * Returns 0 or -1. */
int mr_collect_piece(struct mr_collector *c, const unsigned char *bytes, size_t size, bool last,
                     uint64_t value);

/* Collects the key of any size that was written to c->keys. Returns 0 or -1. */
int mr_collect_written(struct mr_collector *c, uint64_t value);

/* Ends the shuffle file. Returns 0 or -1. */
int mr_collector_finish(struct mr_collector *c);

void mr_collector_release(struct mr_collector *c);

#endif
