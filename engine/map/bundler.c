/* Bundles of values, written to the shuffle file. */
#include "map/bundler.h"

#include "base/error.h"
#include "partition/digest.h"

#include <stdlib.h>
#include <string.h>

int mr_bundler_init(struct mr_bundler *b, struct mr_shuffle_writer *shuffle, uint32_t key_max,
                    size_t memory, struct mr_error *err)
{
    const size_t bundles = mr_bundles_memory(memory / 2);
    *b = (struct mr_bundler){ .shuffle = shuffle, .err = err,
                              .list_max = mr_shuffle_list_max(shuffle, key_max) };
    b->list = malloc(b->list_max);
    if (b->list == NULL)
        return mr_error_memory(err, b->list_max, "a list of values");
    mr_recurrence_init(&b->recurrence);
    if (mr_bundles_init(&b->bundles, bundles, err) < 0)
        return -1;
    if (b->bundles.piece_max > b->list_max / 2)
        b->bundles.piece_max = b->list_max / 2;
    return mr_sort_buffer_init(&b->records, memory - bundles, err);
}

void mr_bundler_release(struct mr_bundler *b)
{
    mr_bundles_release(&b->bundles);
    mr_sort_buffer_release(&b->records);
    free(b->list);
    *b = (struct mr_bundler){ .shuffle = NULL };
}

/* Writes a record with a value, or with a list of some. */
static int write_record(struct mr_bundler *b, const struct mr_record *r, uint64_t hash,
                        uint64_t number, const struct mr_value *value)
{
    b->left++;
    return mr_shuffle_add_bytes(b->shuffle, mr_bucket(hash, b->shuffle->buckets), r, number, value,
                                b->err);
}

/* Writes so many bytes of the list of a key; one value alone is none. */
static int write_list(struct mr_bundler *b, const struct mr_record *key, uint64_t hash, size_t size)
{
    struct mr_value list = { b->list, (uint32_t)size, false }, first = mr_value_at(b->list);
    bool alone = first.bytes + first.size == b->list + size;
    return write_record(b, key, hash, alone ? 0 : MR_LISTED, alone ? &first : &list);
}

/* Writes the bundle of an entry. A piece is never larger than a list may be. */
static int write_bundle(struct mr_bundler *b, const struct mr_entry *e)
{
    const struct mr_record key = mr_sort_buffer_record(&b->records, e);
    const uint64_t hash = mr_record_hash(&key);
    struct mr_bundle_reader piece;
    size_t fill = 0;
    mr_bundle_open(&b->bundles, &b->records, e, &piece);
    for (;;) {
        size_t size = (size_t)(piece.end - piece.at);
        if (size > b->list_max - fill) {
            if (write_list(b, &key, hash, fill) < 0)
                return -1;
            fill = 0;
        }
        memcpy(b->list + fill, piece.at, size);
        fill += size;
        if (piece.next == MR_NO_PIECE)
            return write_list(b, &key, hash, fill);
        mr_bundle_turn(&piece, piece.next);
    }
}

static int write_bundles(struct mr_bundler *b)
{
    const struct mr_entry *e = mr_sort_buffer_entries(&b->records);
    for (size_t i = b->records.count; i-- > 0;) /* as they were made */
        if (write_bundle(b, &e[i]) < 0)
            return -1;
    mr_sort_buffer_clear(&b->records);
    mr_bundles_clear(&b->bundles);
    return 0;
}

static int add(struct mr_bundler *b, const struct mr_record *r, uint64_t hash,
               const struct mr_value *value)
{
    unsigned char *at;
    if (b->bundles.closed && b->records.count == 0) /* as it mostly is, once it is closed */
        return write_record(b, r, hash, 0, value);
    enum mr_bundled bundled = mr_bundles_add(&b->bundles, &b->records, r, hash, value, &at);
    if (bundled == MR_NO_ROOM || (b->bundles.closed && b->records.count > 0)) {
        if (write_bundles(b) < 0)
            return -1;
        bundled = mr_bundles_add(&b->bundles, &b->records, r, hash, value, &at);
    }
    return bundled == MR_BUNDLED ? 0 : write_record(b, r, hash, 0, value);
}

/* How many bytes a record of a batch has before its value. */
static uint32_t before_value(uint32_t key)
{
    return key > MR_SHORT_KEY ? key : sizeof(struct mr_short);
}

static int add_one(struct mr_bundler *b, const struct mr_bundler_wait *w)
{
    const unsigned char *bytes = w->bytes + before_value(w->key);
    struct mr_short word;
    memcpy(&word, w->bytes, sizeof word);
    if (w->key <= MR_SHORT_KEY && w->value <= MR_BUNDLES_FEW &&
        mr_bundles_add_few(&b->bundles, &b->records, word, w->hash, bytes, w->value))
        return 0;
    const struct mr_record r = { w->bytes, w->key, false, 0 };
    const struct mr_value value = { bytes, w->value, false };
    return add(b, &r, w->hash, &value);
}

/* Adds the batch. */
static int add_waiting(struct mr_bundler *b)
{
    const uint32_t count = b->waiting;
    b->waiting = 0;
    for (uint32_t i = 0; i < count; i++)
        mr_bundles_expect_bundle(&b->bundles, b->wait[i].hash);
    for (uint32_t i = 0; i < count; i++)
        mr_bundles_expect_value(&b->bundles, &b->records, b->wait[i].hash);
    for (uint32_t i = 0; i < count; i++)
        if (add_one(b, &b->wait[i]) < 0)
            return -1;
    return 0;
}

/* Adds a record that is too large for a batch. */
static int add_now(struct mr_bundler *b, const unsigned char *key, uint32_t size,
                   const struct mr_value *value)
{
    const struct mr_record r = { key, size, false, 0 };
    const uint64_t hash = mr_hash(key, size);
    b->digest += mr_record_digest(hash, value);
    if (b->bundles.closed && mr_recurrence_see(&b->recurrence, hash))
        mr_bundles_reopen(&b->bundles);
    return b->waiting > 0 && add_waiting(b) < 0 ? -1 : add(b, &r, hash, value);
}

int mr_bundler_add(struct mr_bundler *b, const unsigned char *key, uint32_t size,
                   const struct mr_value *value)
{
    b->taken++;
    if (before_value(size) + value->size > MR_BUNDLER_SMALL || value->out_of_line ||
        b->bundles.closed)
        return add_now(b, key, size, value);
    struct mr_bundler_wait *w = &b->wait[b->waiting++];
    w->key = size;
    w->value = value->size;
    if (size <= MR_SHORT_KEY) {
        struct mr_short word = mr_short_copy(key, size);
        w->hash = mr_hash_short(word);
        memcpy(w->bytes, &word, sizeof word);
    } else {
        w->hash = mr_hash_long(key, size);
        mr_copy_long(w->bytes, key, size);
    }
    mr_copy_key(w->bytes + before_value(size), value->bytes, value->size);
    b->digest += mr_record_digest(w->hash, value);
    mr_bundles_expect_slot(&b->bundles, w->hash);
    return b->waiting == MR_BUNDLER_WAIT ? add_waiting(b) : 0;
}

int mr_bundler_flush(struct mr_bundler *b)
{
    return add_waiting(b) < 0 ? -1 : write_bundles(b);
}
