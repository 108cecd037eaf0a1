/*
 * Out-of-line keys: too large for a record, and so blocks of their own.
 *
 * A key of 150 KB in a file whose blocks hold 64 KB is three MR_BLOCK_KEY blocks one behind the
 * other, numbered 0, 1, 2 (their owner field), of 64, 64 and 22 KB; its record holds a locator:
 * the offset of block 0, the key's size, hash and first bytes. Writing, comparing, copying and
 * printing such a key needs one block of memory, however large it is. A block ends a little
 * early rather than cut a UTF-8 sequence, so that readers find whole characters in each.
 */
#ifndef MR_STORE_KEYS_H
#define MR_STORE_KEYS_H

#include "base/buffer.h"
#include "base/xxh3.h"
#include "store/block.h"
#include "store/value.h"

/* Writes one out-of-line key after another to blocks' spool. */
struct mr_key_writer {
    struct mr_block_writer *blocks;
    unsigned char *block; /* head, then payload_max bytes of payload, of which fill are used */
    uint32_t payload_max, fill;
    uint32_t written; /* blocks of this key */
    struct mr_locator locator;
    XXH3_state_t *hash;
};

/* payload_max: bytes of a block. Returns 0 or -1. Release it in either case. */
int mr_key_writer_init(struct mr_key_writer *w, struct mr_block_writer *blocks,
                       uint32_t payload_max, struct mr_error *err);

/* Adds bytes to the key being written. Between a key's first add and its end, nothing else may
 * be written to the spool. Returns 0 or -1. */
int mr_key_writer_add(struct mr_key_writer *w, const unsigned char *bytes, size_t size,
                      struct mr_error *err);

/* Ends the key; the next add begins another. Returns 0 or -1. */
int mr_key_writer_end(struct mr_key_writer *w, struct mr_locator *locator,
                      struct mr_error *err);

void mr_key_writer_release(struct mr_key_writer *w);

/* Memory in which the blocks of an out-of-line key or value are put together. */
struct mr_key_room {
    struct mr_buffer bytes;
    size_t max; /* bytes at most, of it and the other one together */
    const struct mr_key_room *other; /* or NULL */
    const char *what; /* it is for: "key" or "value" */
    uint64_t memory;  /* with so much of it, a run surely has this max, and in proportion; */
    uint64_t alone;   /* with so much, a run of one reducer has; 0: it is the same */
    bool refused;     /* there was one that is larger, since that was asked last */
};

/* Whether a key or its value was refused. What comes next is another one, which was not. */
static inline bool mr_key_room_refused(struct mr_key_room *key, struct mr_key_room *value)
{
    const bool refused = key->refused || value->refused;
    key->refused = value->refused = false;
    return refused;
}

/* A key being read: its bytes in memory, or the blocks it stands in. */
struct mr_key {
    const unsigned char *bytes;   /* in memory: all of it */
    uint64_t stored;              /* bytes of all of it, */
    uint64_t left;                /* of these, not yet read */
    uint64_t from, to;            /* which of them are to be given */
    const struct mr_spool *spool; /* of an out-of-line one; NULL: in memory */
    uint64_t offset;              /* of its first block there */
    uint32_t task, next;
    struct mr_block_link link;
    struct mr_block_reader *blocks;
    struct mr_key_room *room; /* for mr_key_whole; to be set once it is open, or not */
    struct mr_error *err;
};

/* The spool that a record's out-of-line key stands in, and what reads it. blocks is the caller's,
 * for this key alone: the piece that was given last stands in its buffer. */
struct mr_key_place {
    const struct mr_spool *spool;
    uint32_t task;
    struct mr_block_reader *blocks;
};

/* Copies the out-of-line key of a record, block by block as it stands in from; *copy is where.
 * Meanwhile nothing else may be written to that spool. Returns 0 or -1. */
int mr_key_copy(const struct mr_record *r, struct mr_key_place from, struct mr_block_writer *to,
                struct mr_locator *copy, struct mr_error *err);

/* Begins to read a value, as if it were a key. */
void mr_value_open(struct mr_key *key, const struct mr_value *value, struct mr_key_place place,
                   struct mr_error *err);

/* Has only size bytes from byte `from` on of an open key be given. To be called before any are. */
void mr_key_window(struct mr_key *key, uint64_t from, uint64_t size);

/* How many bytes of an open key are still to be given. */
uint64_t mr_key_left(const struct mr_key *key);

/* Begins to read a record's key. */
void mr_key_open(struct mr_key *key, const struct mr_record *r, struct mr_key_place place,
                 struct mr_error *err);

/* Adds to an error at which key, which is open and of which nothing was given, it came about. */
void mr_key_tell(const struct mr_key *key, struct mr_error *err);

/* Compares two keys as memcmp does, a prefix first. The keys are read and must not share a
 * block reader. Returns 0, or -1 with *order undefined. */
int mr_key_compare(struct mr_key *a, struct mr_key *b, int *order);

#endif
