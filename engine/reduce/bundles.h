/*
 * Bundles: the values of a key that comes often, together.
 *
 * In a sort buffer each record has an entry of 24 bytes beside its own, and its share of sorting:
 * most of the work, where keys come often. A bundle has its key and one entry once:
 *
 *     the 1, a 2, the 3    records    the 1 | a 2 | the 3
 *                          bundles    the: 1 3 | a: 2
 *
 * It is a list of pieces, in which values stand side by side, in the order in which they come,
 * which is that of the input. A table finds a key's bundle. It is of fixed size, as it is to stay
 * in the cache: the records of other keys have entries of their own, and so have all further ones
 * where it turns out that few meet a bundle. Those in a bundle then come before them in the order
 * of the input, and so its entry's number is below all theirs.
 */
#ifndef MR_REDUCE_BUNDLES_H
#define MR_REDUCE_BUNDLES_H

#include "sort/sort_buffer.h"

/* Numbers of bundles' entries are below it, those of records are not. */
#define MR_BUNDLES_MOST (UINT64_C(1) << 32)

#define MR_NO_PIECE UINT32_MAX /* in place of where one stands in the region */

struct mr_bundles {
    struct mr_bundle *at;
    struct mr_bundle_slot *slots; /* of the table */
    uint32_t room, count, mask;
    uint64_t records, met;        /* that were looked up, in all buckets; that met a bundle */
    bool closed; /* they do not pay: all further records have entries of their own */
};

/* How far the values of a bundle have been read. */
struct mr_bundle_reader {
    const unsigned char *region, *at, *end; /* in the piece at hand */
    uint32_t next; /* where the next piece stands */
};

enum mr_bundled {
    MR_BUNDLED,
    MR_NOT_BUNDLED, /* it is to have an entry of its own */
    MR_NO_ROOM      /* the buffer is full */
};

/* How many bytes bundles take of so many that they may have: none where too few would fit. */
size_t mr_bundles_memory(size_t memory);

/* Gets that memory; without any there are no bundles. Returns 0 or -1; release it in either
 * case. */
int mr_bundles_init(struct mr_bundles *b, size_t memory, struct mr_error *err);

void mr_bundles_release(struct mr_bundles *b);

/* Forgets all bundles, as the buffer does with its records. */
void mr_bundles_clear(struct mr_bundles *b);

/* Adds a record, whose key is inline and has this hash, to its bundle in the buffer. *at is where
 * its value was put. */
enum mr_bundled mr_bundles_add(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                               const struct mr_record *record, uint64_t hash,
                               const struct mr_value *value, unsigned char **at);

/* Ask for the memory where a record with this hash will be added, one after the other, each a while
 * before the next: the table's, the bundle's, and then its key's and next value's. */
void mr_bundles_expect_slot(const struct mr_bundles *b, uint64_t hash);
void mr_bundles_expect_bundle(const struct mr_bundles *b, uint64_t hash);
void mr_bundles_expect_value(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                             uint64_t hash);

/* Whether an entry is a bundle's. */
static inline bool mr_is_bundle(const struct mr_entry *e)
{
    return e->value < MR_BUNDLES_MOST;
}

/* Begins to read the values of an entry's bundle. */
void mr_bundle_open(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                    const struct mr_entry *e, struct mr_bundle_reader *reader);

/* Turns to the piece that stands there. */
void mr_bundle_turn(struct mr_bundle_reader *reader, uint32_t place);

/* Goes to the next value, whose head stands at *value then. Returns whether there is one. */
static inline bool mr_bundle_next(struct mr_bundle_reader *reader, const unsigned char **value)
{
    if (reader->at == reader->end) {
        if (reader->next == MR_NO_PIECE)
            return false;
        mr_bundle_turn(reader, reader->next);
    }
    struct mr_value v = mr_value_at(reader->at);
    *value = reader->at;
    reader->at = v.bytes + v.size;
    return true;
}

#endif
