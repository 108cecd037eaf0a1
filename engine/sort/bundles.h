/*
 * Bundles: the values of a key that comes often, together.
 *
 * In a sort buffer each record has an entry of 24 bytes besides its own, and its share of sorting:
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
 *
 * What a piece holds is a list of values (store/value.h). A small value that comes again at once,
 * as the 1 of each word does, is not put there again: the bundle counts how often it comes, and
 * says so when there is another. Mappers bundle, too (map/bundler.h), and what they write of a
 * bundle is such a list, which is added to one here at once. Where its key has none, the list is a
 * record with an entry of its own, of an odd number.
 */
#ifndef MR_SORT_BUNDLES_H
#define MR_SORT_BUNDLES_H

#include "partition/hash.h"
#include "sort/sort_buffer.h"

/* Numbers of bundles' entries are below it. Those of records are not, and count up by two: a
 * record with one value has an even number, one with a list of them the odd number behind it. */
#define MR_BUNDLES_MOST (UINT64_C(1) << 32)
enum { MR_NUMBER_STEP = 2, MR_NUMBER_LISTED = 1 };

#define MR_NO_PIECE UINT32_MAX /* in place of where one stands in the region */

struct mr_bundle_slot {
    uint32_t tag;    /* of the key's hash */
    uint32_t number; /* the bundle's, counted from 1; 0: free */
};

/* All places are in the buffer's region. */
struct mr_bundle {
    struct mr_short word; /* a short key; zeros: it is none */
    uint32_t key, size;   /* where it stands, and its bytes */
    uint32_t first;       /* piece */
    uint32_t last;        /* piece: it is open, so that more values go there, */
    uint32_t end, limit;  /* and so far they do, or may go */
    uint32_t slot;
    uint32_t value_size;  /* bytes of the last value; MR_BUNDLES_MANY: it is not held here, */
    uint64_t value;       /* as these, behind zeros, */
    uint32_t repeats;     /* and which has come again so often: it is yet to be said */
};

struct mr_bundles {
    struct mr_bundle *at;
    struct mr_bundle_slot *slots; /* of the table */
    uint32_t room, count, mask;
    uint32_t piece_max; /* bytes of a piece; one value alone may have more */
    uint64_t records;   /* that were looked up, in all buckets; a list counts as its values */
    uint64_t met;       /* of them, those that met others in a bundle */
    uint64_t decide_at; /* at so many records it is decided whether bundles pay */
    bool closed;        /* they do not pay: all further records have entries of their own */
};

/* How far the values of a bundle have been read. */
struct mr_bundle_reader {
    const unsigned char *region, *at, *end; /* in the current piece */
    uint32_t next; /* where the next piece stands */
    uint32_t again;            /* so often the last value is to be given again, */
    const unsigned char *last; /* whose head stands here */
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

/* Has bundles be made again, of a buffer without records, where it was found that they do not pay:
 * that is looked at anew, after more records than at first. */
void mr_bundles_reopen(struct mr_bundles *b);

/* Forgets all bundles, as the buffer does with its records. */
void mr_bundles_clear(struct mr_bundles *b);

/* Adds a record, whose key is inline and has this hash, to its bundle in the buffer. *at is where
 * its value was put. */
enum mr_bundled mr_bundles_add(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                               const struct mr_record *record, uint64_t hash,
                               const struct mr_value *value, unsigned char **at);

/* The same for a list of so many values, which the record has in the place of one. */
enum mr_bundled mr_bundles_add_list(struct mr_bundles *b, struct mr_sort_buffer *buffer,
                                    const struct mr_record *record, uint64_t hash,
                                    const struct mr_value *list, uint64_t count);

enum { MR_BUNDLES_LOOKS = 8 }; /* slots that are looked at: keys can be made to meet there */

/* The bundle of a key with this hash, or of another with its tag, which is seldom; NULL: none. */
static inline struct mr_bundle *mr_bundles_expected(const struct mr_bundles *b, uint64_t hash)
{
    for (uint32_t i = 0; i < MR_BUNDLES_LOOKS && !b->closed; i++) {
        const struct mr_bundle_slot *slot = &b->slots[((uint32_t)hash + i) & b->mask];
        if (slot->number == 0)
            return NULL;
        if (slot->tag == (uint32_t)(hash >> 32))
            return &b->at[slot->number - 1];
    }
    return NULL;
}

/* Ask for the memory where a record with this hash will be added, one after the other, each a while
 * before the next: the table's, the bundle's, and then its key's and next value's. */
static inline void mr_bundles_expect_slot(const struct mr_bundles *b, uint64_t hash)
{
    if (!b->closed)
        __builtin_prefetch(&b->slots[(uint32_t)hash & b->mask]);
}

static inline void mr_bundles_expect_bundle(const struct mr_bundles *b, uint64_t hash)
{
    const struct mr_bundle *bundle = mr_bundles_expected(b, hash);
    if (bundle != NULL)
        __builtin_prefetch(bundle, 1);
}

static inline void mr_bundles_expect_value(const struct mr_bundles *b,
                                           const struct mr_sort_buffer *buffer, uint64_t hash)
{
    const struct mr_bundle *bundle = mr_bundles_expected(b, hash);
    if (bundle == NULL)
        return;
    if (bundle->size > MR_SHORT_KEY)
        __builtin_prefetch(buffer->region + bundle->key);
    __builtin_prefetch(buffer->region + bundle->end, 1);
}

enum {
    MR_BUNDLES_FEW = 8, /* bytes of a value that is copied as a register, */
    MR_BUNDLES_MANY     /* and more than that */
};

/* Such a value, where as many bytes may be read, as one that tells it from others of its size. */
static inline uint64_t mr_bundles_register(const unsigned char *value, uint32_t size)
{
    uint64_t bytes;
    memcpy(&bytes, value, sizeof bytes);
    return size > 0 ? bytes << (64 - 8 * size) : 0;
}

/* Says behind the last value of a bundle how often it has come again: there is always room for
 * that. */
static inline void mr_bundle_say_repeats(struct mr_bundle *bundle, unsigned char *region)
{
    if (bundle->repeats == 0)
        return;
    unsigned char *end = mr_value_put_repeats(region + bundle->end, bundle->repeats);
    bundle->end = (uint32_t)(end - region);
    bundle->repeats = 0;
}

/* Adds a value of a short key, of at most MR_BUNDLES_FEW bytes, of which so many may be read, where
 * that is done with few steps, as mostly. Returns whether it was. */
static inline bool mr_bundles_add_few(struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                                      struct mr_short key, uint64_t hash,
                                      const unsigned char *value, uint32_t size)
{
    struct mr_bundle *bundle = mr_bundles_expected(b, hash);
    if (bundle == NULL || ((bundle->word.low ^ key.low) | (bundle->word.high ^ key.high)) != 0)
        return false;
    const uint64_t bytes = mr_bundles_register(value, size);
    if (size == bundle->value_size && bytes == bundle->value &&
        bundle->repeats < MR_REPEATS_MOST) {
        bundle->repeats++;
    } else {
        if (bundle->limit - bundle->end < MR_REPEATS_SIZE + 1 + MR_BUNDLES_FEW + MR_REPEATS_SIZE)
            return false;
        mr_bundle_say_repeats(bundle, buffer->region);
        unsigned char *to = buffer->region + bundle->end;
        *to = (unsigned char)(size << 1); /* as mr_value_put_head has it */
        memcpy(to + 1, value, MR_BUNDLES_FEW);
        bundle->end += 1 + size;
        bundle->value_size = size;
        bundle->value = bytes;
    }
    b->records++;
    b->met++;
    return true;
}

/* Whether an entry is a bundle's. */
static inline bool mr_is_bundle(const struct mr_entry *e)
{
    return e->value < MR_BUNDLES_MOST;
}

/* Whether an entry that is no bundle's has a list of values. */
static inline bool mr_is_list(const struct mr_entry *e)
{
    return (e->value & MR_NUMBER_LISTED) != 0;
}

/* Begins to read the values of a list. */
static inline void mr_bundle_open_list(const struct mr_value *list, struct mr_bundle_reader *reader)
{
    *reader = (struct mr_bundle_reader){ NULL, list->bytes, list->bytes + list->size,
                                         MR_NO_PIECE, 0, NULL };
}

/* Begins to read the values of an entry's bundle. */
void mr_bundle_open(const struct mr_bundles *b, const struct mr_sort_buffer *buffer,
                    const struct mr_entry *e, struct mr_bundle_reader *reader);

/* Turns to the piece that stands there. */
void mr_bundle_turn(struct mr_bundle_reader *reader, uint32_t place);

/* Goes to the next value, whose head stands at *value then. Returns whether there is one. */
static inline bool mr_bundle_next(struct mr_bundle_reader *reader, const unsigned char **value)
{
    if (reader->again > 0) {
        reader->again--;
        *value = reader->last;
        return true;
    }
    if (reader->at == reader->end) {
        if (reader->next == MR_NO_PIECE)
            return false;
        mr_bundle_turn(reader, reader->next);
    }
    struct mr_value v = mr_value_at(reader->at);
    *value = reader->last = reader->at;
    reader->at = mr_value_get_repeats(v.bytes + v.size, reader->end, &reader->again);
    return true;
}

#endif
