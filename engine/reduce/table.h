/*
 * The reducer's table: one entry a key, in a fixed piece of memory.
 *
 *     sort buffer   | keys ->                   <- entries |      index: hash -> entry
 *
 * When keys and entries meet in the sort buffer (sort/sort_buffer.h), the table is full, and its
 * owner makes room by writing what it holds to a run. The entries are one array, so they are sorted
 * where they are. The index is open addressing with linear probing; it holds 32 bits of the hash
 * with the entry's number, so that most misses need not look further, and it grows without hashing
 * a key again.
 *
 * The hash has the run's seed (partition/hash.h), so keys spread whatever they are. Should they
 * collide nevertheless, by bad luck or by a weakness of the hash, the index is given up: from then
 * on each record is an entry of its own, and mr_table_unite brings equal keys together by sorting.
 * So a record costs a few steps, or its share of a sort, but never a walk over all keys:
 *
 *     the=3 to=1     no free slot near for "of": given up     the=3 to=1 of=1 to=2 of=1
 *     united         of=2 the=3 to=3
 */
#ifndef MR_REDUCE_TABLE_H
#define MR_REDUCE_TABLE_H

#include "partition/hash.h"
#include "sort/sort_buffer.h"
#include "store/keys.h"

struct mr_index_slot {
    uint32_t tag;   /* of the hash */
    uint32_t entry; /* its number + 1; 0: free */
};

struct mr_table {
    struct mr_sort_buffer records; /* the keys, and entries by number: i is at its end[-1 - i] */
    uint32_t indexed_from; /* entries before this are of earlier buckets and not looked up */
    struct mr_index_slot *index;
    size_t slots, slots_max;
    size_t indexed;      /* keys of the bucket that is done; 0: none were, or are, indexed */
    bool unindexed;      /* the index was given up: a key may have several entries */
    uint32_t collisions; /* entries with the tag of a key that was looked up, and another key */
    size_t key_head; /* bytes of keys that are not the job's; set once it is made */
    const struct mr_seed *seed;
    uint64_t (*combine)(uint64_t, uint64_t);
};

/* Gets a table of about memory bytes in all; the seed must stand as long as it does. Returns 0 or
 * -1; release it in either case. */
int mr_table_init(struct mr_table *t, size_t memory, const struct mr_seed *seed,
                  uint64_t (*combine)(uint64_t, uint64_t), struct mr_error *err);

void mr_table_release(struct mr_table *t);

/* Forgets all entries. */
void mr_table_clear(struct mr_table *t);

/* Keeps the entries but stops looking them up: what comes from now on has other keys. */
void mr_table_next_bucket(struct mr_table *t);

/* Forgets all entries but the first so many, where the bucket is done. */
void mr_table_shorten(struct mr_table *t, uint32_t count);

/* The entries, as an array. */
static inline struct mr_entry *mr_table_entries(const struct mr_table *t)
{
    return mr_sort_buffer_entries(&t->records);
}

/* A record on its way into the table. */
struct mr_arrival {
    struct mr_record record;
    uint64_t slice; /* of the key: its first bytes (store/record.h) */
    uint32_t tag;
};

/* Prepares to add a record, which has MR_BLOCK_SLACK readable bytes behind it: its place in the
 * index is asked for. Preparing many before the first is added overlaps the waits for memory.
 * Where the key is out-of-line, only a->record is of use. */
void mr_table_expect(const struct mr_table *t, const struct mr_record *r, struct mr_arrival *a);

/* Adds the value of a record that was prepared to its key's entry. Returns 1 when there is an
 * entry more, 0 when not, -1 when the table is full (nothing is changed), -2 on failure. */
int mr_table_add(struct mr_table *t, const struct mr_arrival *a, struct mr_error *err);

/* The same for a record whose key is out-of-line, in from; a new key's entry is to have its
 * place in to, which blocks writes, and is copied there. Returns as above. */
int mr_table_add_out_of_line(struct mr_table *t, const struct mr_record *r,
                             struct mr_key_place from, struct mr_key_place to,
                             struct mr_block_writer *blocks, struct mr_error *err);

/* Has each key of the entries from number `from` on, which keep no order, one entry again.
 * Out-of-line keys stand in place. Returns 0 or -1. */
int mr_table_unite(struct mr_table *t, uint32_t from, struct mr_key_place place,
                   struct mr_key_pair *readers, struct mr_error *err);

/* Appends an entry that is known to be of a new key. Returns 0, or -1 when the table is full. */
int mr_table_append(struct mr_table *t, const struct mr_record *r);

#endif
