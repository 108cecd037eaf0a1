/*
 * The shuffle file: what one map task hands to all reducers.
 *
 * Records are collected in one buffer a bucket; a full buffer becomes a block that links to the
 * bucket's block before it. The last thing in the file is a table with each bucket's last
 * block, so a reducer finds its records by following each chain from its end:
 *
 *     head | b1 | b0 | b1 <- | b0 <- | b1 <- | table: b0 at .., b1 at ..
 *               \______________/ \_____________/
 *
 * and the mapper needs no list of blocks in memory. The blocks' layout is in block.h; the table's
 * payload is one (offset 8, size 4) a bucket.
 *
 * Where it is asked for, values are summed, too: a bucket has some cells, each record's value is
 * added to the one that its hash falls into, and the sums, 8 bytes each, are a block that the table
 * links to. What they are good for: reduce/prune.h.
 *
 * Records are as in record.h, but long keys often begin alike, as paths do. So a key of more than
 * MR_SHORT_KEY bytes has a byte before it, how many of its first bytes it shares with its
 * block's last long key that was written whole, and then only the others:
 *
 *     0 https://example.org/a/1 | 20 b/2, for https://example.org/b/2 | 0 ftp://example.org/pub
 *
 * Where less than MR_SHARED_MIN bytes are shared the key is written whole, and later ones are
 * compared with it. Where values are bytes, each stands behind its key (store/value.h), and the
 * record's own number is 0; or it is MR_LISTED, and what stands there as a value is a list of them.
 */
#ifndef MR_PARTITION_SHUFFLE_H
#define MR_PARTITION_SHUFFLE_H

#include "partition/hash.h"
#include "store/block.h"
#include "store/record.h"
#include "store/value.h"

enum { MR_SHARED_MIN = 8, MR_SHARED_MAX = 255 };

enum { MR_LISTED = 1 }; /* the number of a record that has a list of values */

/* A long key that was written whole: what those after it in its block may share with. */
struct mr_whole_key {
    const unsigned char *at;
    uint32_t size; /* 0: none yet */
};

/* One bucket's buffer. */
struct mr_bucket {
    uint32_t fill; /* bytes of payload */
    struct mr_whole_key whole;
    struct mr_block_link last;
};

struct mr_shuffle_writer {
    struct mr_block_writer *blocks;
    uint32_t buckets;
    uint32_t payload_max; /* bytes of a buffer */
    size_t stride;        /* from one buffer to the next */
    unsigned char *bytes; /* the buffers: head, payload, and slack for whole-register stores */
    struct mr_bucket *bucket;
    uint64_t records;
    uint64_t *cells; /* sums of values, UINT64_MAX where they are more; NULL: none are wanted */
    uint32_t cell_count; /* of all buckets; where none are wanted, each has one */
    unsigned cell_bits;  /* by so many is a cell's number longer than its bucket's */
};

/* Bytes of memory that a writer with these figures has. */
size_t mr_shuffle_writer_memory(uint32_t buckets, uint32_t payload_max);

/* Starts a shuffle file. Returns 0 or -1. Release it in either case. */
int mr_shuffle_writer_init(struct mr_shuffle_writer *w, struct mr_block_writer *blocks,
                           uint32_t buckets, uint32_t payload_max, struct mr_error *err);

/* Has values that are numbers summed in so many cells of each bucket, a power of two; before any
 * record is added. Returns 0 or -1. */
int mr_shuffle_sum_cells(struct mr_shuffle_writer *w, uint32_t each, struct mr_error *err);

/* Adds to what a cell has, which is never too little. */
static inline void mr_cell_add(uint64_t *cell, uint64_t value)
{
    uint64_t sum = *cell + value;
    *cell = sum < value ? UINT64_MAX : sum;
}

/* Adds a value to the cell of its key. Returns the bucket that has the cell: it is the one of the
 * key's hash, as cells are buckets, but smaller ones. */
static inline uint32_t mr_shuffle_sum(struct mr_shuffle_writer *w, uint64_t hash, uint64_t value)
{
    uint32_t cell = mr_bucket(hash, w->cell_count);
    if (w->cells)
        mr_cell_add(&w->cells[cell], value);
    return cell >> w->cell_bits;
}

/* Writes a bucket's buffer out. Returns 0 or -1. */
int mr_shuffle_flush(struct mr_shuffle_writer *w, uint32_t bucket, struct mr_error *err);

/* Where the next record of at most size key bytes goes in bucket; NULL on failure. */
static inline unsigned char *mr_shuffle_reserve(struct mr_shuffle_writer *w, uint32_t bucket,
                                                uint32_t size, struct mr_error *err)
{
    struct mr_bucket *b = &w->bucket[bucket];
    /* One byte more: what a long key shares. */
    if (b->fill + MR_RECORD_HEAD_MAX + 1 + size > w->payload_max &&
        mr_shuffle_flush(w, bucket, err) < 0)
        return NULL;
    return w->bytes + bucket * w->stride + MR_BLOCK_HEAD + b->fill;
}

/* Whether a bucket's buffer has room for a record of so many bytes of key and value. */
static inline bool mr_shuffle_fits(const struct mr_shuffle_writer *w, uint32_t bucket,
                                   uint32_t size)
{
    return w->bucket[bucket].fill + MR_RECORD_HEAD_MAX + 1 + MR_VALUE_HEAD_MAX + size <=
           w->payload_max;
}

enum { MR_SHUFFLE_AHEAD = 128 }; /* bytes behind a bucket's last record: its next ones' place */

/* Takes what was put at the reserved place, up to end. What is behind that is asked for now: by the
 * bucket's next turn all others have had theirs, so that asking then would be too late. */
static inline void mr_shuffle_commit(struct mr_shuffle_writer *w, uint32_t bucket,
                                     const unsigned char *end)
{
    w->bucket[bucket].fill =
        (uint32_t)(end - (w->bytes + bucket * w->stride + MR_BLOCK_HEAD));
    w->records++;
    __builtin_prefetch(end + MR_SHUFFLE_AHEAD, 1);
}

/* Writes a long key as what it does not share with the bucket's whole one. */
static inline unsigned char *mr_shuffle_put_long(struct mr_whole_key *whole, unsigned char *to,
                                                 const unsigned char *key, uint32_t size)
{
    uint32_t least = size < whole->size ? size : whole->size;
    uint32_t shared = mr_common(whole->at, key, least < MR_SHARED_MAX ? least : MR_SHARED_MAX);
    if (shared < MR_SHARED_MIN) {
        *whole = (struct mr_whole_key){ to + 1, size };
        shared = 0;
    }
    *to++ = (unsigned char)shared;
    size -= shared;
    if (size > MR_SHORT_KEY)
        mr_copy_long(to, key + shared, size);
    else
        memcpy(to, key + shared, size);
    return to + size;
}

/* Adds a record. Returns 0 or -1. */
static inline int mr_shuffle_add(struct mr_shuffle_writer *w, uint64_t hash,
                                 const unsigned char *key, uint32_t size, bool out_of_line,
                                 uint64_t value, struct mr_error *err)
{
    uint32_t bucket = mr_shuffle_sum(w, hash, value);
    unsigned char *to = mr_shuffle_reserve(w, bucket, size, err);
    if (to == NULL)
        return -1;
    to = mr_record_put_head(to, size, out_of_line, value);
    if (size > MR_SHORT_KEY && !out_of_line) {
        to = mr_shuffle_put_long(&w->bucket[bucket].whole, to, key, size);
    } else {
        memcpy(to, key, size);
        to += size;
    }
    mr_shuffle_commit(w, bucket, to);
    return 0;
}

/* The same for a short key in registers. */
static inline int mr_shuffle_add_short(struct mr_shuffle_writer *w, uint64_t hash,
                                       struct mr_short key, uint32_t size, uint64_t value,
                                       struct mr_error *err)
{
    uint32_t bucket = mr_shuffle_sum(w, hash, value);
    unsigned char *to = mr_shuffle_reserve(w, bucket, size, err);
    if (to == NULL)
        return -1;
    to = mr_record_put_head(to, size, false, value);
    memcpy(to, &key, sizeof key); /* the buffer has slack for all 16 bytes */
    mr_shuffle_commit(w, bucket, to + size);
    return 0;
}

/* How many bytes a list of values may have, where a record's key has key_max at most. */
static inline uint32_t mr_shuffle_list_max(const struct mr_shuffle_writer *w, uint32_t key_max)
{
    return w->payload_max - (MR_RECORD_HEAD_MAX + 1 + key_max + MR_VALUE_HEAD_MAX);
}

/* Adds a record whose value is bytes to a bucket; number is 0, or MR_LISTED. Returns 0 or -1. */
static inline int mr_shuffle_add_bytes(struct mr_shuffle_writer *w, uint32_t bucket,
                                       const struct mr_record *r, uint64_t number,
                                       const struct mr_value *value, struct mr_error *err)
{
    unsigned char *to =
        mr_shuffle_reserve(w, bucket, r->size + MR_VALUE_HEAD_MAX + value->size, err);
    if (to == NULL)
        return -1;
    to = mr_record_put_head(to, r->size, r->out_of_line, number);
    if (r->size > MR_SHORT_KEY && !r->out_of_line) {
        to = mr_shuffle_put_long(&w->bucket[bucket].whole, to, r->key, r->size);
    } else {
        memcpy(to, r->key, r->size);
        to += r->size;
    }
    mr_shuffle_commit(w, bucket, mr_value_put(to, value));
    return 0;
}

/* The same for a value. */
static inline int mr_shuffle_add_value(struct mr_shuffle_writer *w, uint32_t bucket,
                                       const struct mr_record *r, const struct mr_value *value,
                                       struct mr_error *err)
{
    return mr_shuffle_add_bytes(w, bucket, r, 0, value, err);
}

/* Writes what is left and the table. Returns 0 or -1. */
int mr_shuffle_writer_finish(struct mr_shuffle_writer *w, struct mr_error *err);

void mr_shuffle_writer_release(struct mr_shuffle_writer *w);

/* Reads the record at from. *whole is the block's last whole key, none where the block begins. A
 * key that shares bytes is put together at joined, which has size_max + MR_BLOCK_SLACK bytes; any
 * other stays where it stands. Returns the byte after the record, or NULL when there is none or
 * its key has more than size_max bytes. */
static inline const unsigned char *mr_shuffle_get(const unsigned char *from,
                                                  const unsigned char *end,
                                                  struct mr_whole_key *whole,
                                                  unsigned char *joined,
                                                  uint32_t size_max, struct mr_record *r)
{
    from = mr_record_get_head(from, end, r);
    if (from == NULL || r->size > size_max)
        return NULL;
    uint32_t shared = 0;
    bool is_long = r->size > MR_SHORT_KEY && !r->out_of_line;
    if (is_long) {
        if (from == end)
            return NULL;
        shared = *from++;
        if (shared > whole->size || shared > r->size)
            return NULL;
    }
    uint32_t rest = r->size - shared;
    if (rest > (size_t)(end - from))
        return NULL;
    r->key = from;
    if (shared > 0) {
        mr_copy_slack(joined, whole->at, shared);
        mr_copy_slack(joined + shared, from, rest);
        r->key = joined;
    } else if (is_long)
        *whole = (struct mr_whole_key){ from, r->size };
    return from + rest;
}

/* Reads the table of the shuffle file that task wrote: the last blocks of buckets first to
 * first + count - 1, into links. Returns 0 or -1. */
int mr_shuffle_table(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                     uint32_t buckets, uint32_t first, uint32_t count,
                     struct mr_block_link *links, struct mr_error *err);

/* Adds the sums of such buckets' cells, of which each has so many, to what is in cells; NULL: only
 * checks them. Returns 0 or -1. */
int mr_shuffle_cells(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                     uint32_t buckets, uint32_t each, uint32_t first, uint32_t count,
                     uint64_t *cells, struct mr_error *err);

#endif
