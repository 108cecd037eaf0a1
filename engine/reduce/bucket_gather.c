/* Gathering the records of a bucket. */
#include "reduce/bucket_gather.h"

#include "base/error.h"
#include "partition/digest.h"
#include "partition/shuffle.h"
#include "store/partial.h"

enum {
    BATCH = 16,     /* records of a block are added so many at once */
    PLACE_BITS = 40 /* of a token in its map task */
};

/* Whether records may be added to bundles. */
static inline bool is_bundling(const struct mr_sorted_bucket *b)
{
    return b->bundling && !b->bundles.closed;
}

/* Copies a key or value that is out-of-line in a shuffle file to the reducer's own file, where it
 * can be compared with others. *from becomes its new locator, in room. */
static int copy_out_of_line(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                            const unsigned char **from, unsigned char room[MR_LOCATOR_SIZE])
{
    struct mr_key_place place = { &b->shuffles->files[block->task], block->task, &b->key_reader };
    struct mr_record old = { *from, MR_LOCATOR_SIZE, true, 0 };
    struct mr_locator locator;
    if (mr_key_copy(&old, place, b->blocks, &locator, b->err) < 0)
        return -1;
    mr_locator_put(room, &locator);
    *from = room;
    return 0;
}

/* Finds the range that a record is to be added to, where there are ranges. Returns 0 or -1. */
static inline int find_range(struct mr_sorted_bucket *b, const struct mr_record *record,
                             uint32_t *range)
{
    const struct mr_key_ranges *keys = &b->ranges.keys;
    if (!record->out_of_line && b->shared >= keys->node->depth) {
        *range = mr_key_range_of(keys, record->key, record->size);
        return 0;
    }
    return mr_key_range_of_any(keys, record, mr_run_maker_place(b->runs), &b->runs->pair, range,
                               b->err);
}

/* Adds a record that has an entry of its own. Returns as keep_record. */
static unsigned char *keep_alone(struct mr_sorted_bucket *b, const struct mr_record *record,
                                 uint32_t range, const struct mr_value *value)
{
    return b->ranges.open ? mr_ranged_add(&b->ranges, &b->records, range, record, value)
                          : mr_sort_buffer_add(&b->records, record, value);
}

/* Adds a record to the buffer. Returns where its value was put; NULL: the buffer is full. */
static unsigned char *keep_record(struct mr_sorted_bucket *b, const struct mr_record *record,
                                  uint32_t range, uint64_t hash, const struct mr_value *value)
{
    unsigned char *at = NULL;
    enum mr_bundled bundled = MR_NOT_BUNDLED;
    if (is_bundling(b) && !record->out_of_line)
        bundled = mr_bundles_add(&b->bundles, &b->records, record, hash, value, &at);
    return bundled == MR_NOT_BUNDLED ? keep_alone(b, record, range, value) : at;
}

/* Adds one from a block, with a value; range is that of an inline key. */
static int add_record(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                      struct mr_record record, uint32_t range, uint64_t hash,
                      struct mr_value value)
{
    unsigned char key_room[MR_LOCATOR_SIZE], value_room[MR_LOCATOR_SIZE];
    bool copied = value.out_of_line && b->order.by_bytes;
    if (record.out_of_line && copy_out_of_line(b, block, &record.key, key_room) < 0)
        return -1;
    if (copied && copy_out_of_line(b, block, &value.bytes, value_room) < 0)
        return -1;
    if (record.out_of_line && b->ranges.open && find_range(b, &record, &range) < 0)
        return -1;
    unsigned char *at = keep_record(b, &record, range, hash, &value);
    if (at == NULL) {
        if (mr_sorted_spill(b) < 0)
            return -1;
        at = keep_record(b, &record, range, hash, &value);
    }
    if (at == NULL)
        return mr_error_set(b->err, "a record of %u bytes does not fit in a reducer's memory; "
                                    "give more with --memory", record.size + value.size);
    if (value.out_of_line && !copied)
        mr_value_set_task(at, block->task);
    return 0;
}

/* A record of a block. */
struct arrival {
    struct mr_record record;
    struct mr_value value; /* or a list */
    uint64_t hash;
    uint64_t listed;       /* values of a list; 0: it is none */
    bool in_place;         /* none of them is out-of-line */
    uint32_t range;        /* it is to be added to, where there are ranges; of an inline key */
};

/* Adds a list to the buffer: to the bundle of its key, or as a record. Returns false where there is
 * no room. */
static bool keep_list(struct mr_sorted_bucket *b, const struct arrival *a)
{
    struct mr_record record = a->record;
    enum mr_bundled bundled = mr_bundles_add_list(&b->bundles, &b->records, &record, a->hash,
                                                  &a->value, a->listed);
    if (bundled != MR_NOT_BUNDLED)
        return bundled == MR_BUNDLED;
    record.value |= MR_NUMBER_LISTED;
    return keep_alone(b, &record, a->range, &a->value) != NULL;
}

/* Adds the values of a list: together, where that can be. */
static int add_list(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                    const struct arrival *a)
{
    struct mr_record record = a->record;
    bool together = b->bundling && a->in_place && !record.out_of_line;
    if (together && keep_list(b, a))
        return 0;
    if (together && mr_sorted_spill(b) < 0)
        return -1;
    if (together && keep_list(b, a))
        return 0;
    const unsigned char *end = a->value.bytes + a->value.size;
    for (const unsigned char *at = a->value.bytes; at < end;) {
        struct mr_value value = mr_value_at(at);
        uint32_t repeats;
        at = mr_value_get_repeats(value.bytes + value.size, end, &repeats);
        for (uint32_t i = 0; i <= repeats; i++, record.value += MR_NUMBER_STEP)
            if (add_record(b, block, record, a->range, a->hash, value) < 0)
                return -1;
    }
    return 0;
}

/* Where its first part stands orders a key, and those of the key among each other. */
static int find_place(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                      const struct mr_value *value, uint64_t *place)
{
    struct mr_partial part;
    if (!mr_partial_get(value, &part))
        return mr_spool_damaged(&b->shuffles->files[block->task], block->at.offset,
                                "a value is no part of a number", b->err);
    if (part.place >> PLACE_BITS != 0 || block->place >> (64 - PLACE_BITS) != 0) {
        mr_error_set(b->err, "there are too many map tasks, or tokens in one, to be kept in the "
                             "order of the input");
        return mr_error_final(b->err);
    }
    *place = (uint64_t)block->place << PLACE_BITS | part.place;
    return 0;
}

/* Notes what a key that is added has in common with those in the buffer, of which the first stands
 * in front. Of one after which the buffer is spilled, and which is the only one then, it is no more
 * than all of it. */
static inline void note_shared(struct mr_sorted_bucket *b, const struct mr_record *r)
{
    const uint32_t most = r->out_of_line ? 0 : r->size;
    if (b->records.count == 0)
        b->shared = most;
    else if (b->shared > 0)
        b->shared = mr_common(b->records.region, r->key, most < b->shared ? most : b->shared);
}

/* Adds a record of a block. */
static int add_arrival(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                       struct arrival *a)
{
    if (b->plan->places && find_place(b, block, &a->value, &a->record.value) < 0)
        return -1;
    if (a->listed > 0)
        return add_list(b, block, a);
    b->digest += mr_record_digest(a->hash, &a->value);
    return add_record(b, block, a->record, a->range, a->hash, a->value);
}

/* Counts the values of what is to be a list of them, and adds them to the digest. Returns whether
 * it is one. */
static bool count_values(struct mr_sorted_bucket *b, struct arrival *a)
{
    const unsigned char *next = a->value.bytes, *end = next + a->value.size;
    struct mr_value value;
    uint64_t digest = 0;
    uint32_t repeats;
    a->in_place = true;
    while (next < end) {
        next = mr_value_get(next, end, &value);
        if (next == NULL || value.size > b->plan->key_max)
            return false;
        next = mr_value_get_repeats(next, end, &repeats);
        digest += mr_value_digest(&value) * (repeats + UINT64_C(1));
        a->in_place = a->in_place && !value.out_of_line;
        a->listed += repeats + UINT64_C(1);
    }
    b->digest += mr_key_digest(a->hash) * digest;
    return a->listed > 0 && !a->value.out_of_line && !b->plan->partials;
}

/* Reads the value of a record, or its list, and numbers it. Returns as get_arrival. */
static const unsigned char *get_value(struct mr_sorted_bucket *b, const unsigned char *next,
                                      const unsigned char *end, struct arrival *a)
{
    bool is_list = a->record.value == MR_LISTED;
    next = mr_value_get(next, end, &a->value);
    if (next == NULL || (is_list ? !count_values(b, a) : a->value.size > b->plan->key_max))
        return NULL;
    a->record.value = b->number;
    b->number += MR_NUMBER_STEP * (is_list ? (uint64_t)a->listed : 1);
    return next;
}

/* Reads a record at next, whose key is put together in room where it shares bytes. Returns the byte
 * after it, or NULL where there is none. */
static inline const unsigned char *get_arrival(struct mr_sorted_bucket *b,
                                               const unsigned char *next, const unsigned char *end,
                                               struct mr_whole_key *whole, unsigned char *room,
                                               struct arrival *a)
{
    a->value = (struct mr_value){ NULL, 0, false };
    a->listed = 0;
    a->range = 0;
    next = mr_shuffle_get(next, end, whole, room, b->plan->key_max, &a->record);
    if (next == NULL)
        return NULL;
    a->hash = mr_record_hash(&a->record);
    return b->numbers ? next : get_value(b, next, end, a);
}

/* Reads a batch of records, and asks for the slots of their bundles. It ends early where keys that
 * are put together have no more room. Returns the same. */
static const unsigned char *get_batch(struct mr_sorted_bucket *b, const unsigned char *next,
                                      const unsigned char *end, struct mr_whole_key *whole,
                                      struct arrival *batch, size_t *count)
{
    const unsigned char *last = b->key_room + b->plan->run_payload - b->plan->key_max;
    unsigned char *room = b->key_room;
    *count = 0;
    do {
        struct arrival *a = &batch[(*count)++];
        next = get_arrival(b, next, end, whole, room, a);
        if (next == NULL)
            return NULL;
        mr_bundles_expect_slot(&b->bundles, a->hash);
        if (a->record.key == room)
            room += a->record.size;
    } while (next < end && *count < BATCH && room <= last);
    return next;
}

/* Asks for the bundles of a batch, all together. */
static void expect_bundles(const struct mr_sorted_bucket *b, const struct arrival *batch,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        mr_bundles_expect_bundle(&b->bundles, batch[i].hash);
    for (size_t i = 0; i < count; i++)
        mr_bundles_expect_value(&b->bundles, &b->records, batch[i].hash);
}

/* Finds the ranges of a batch together: none of the steps waits for another record's. Returns 0 or
 * -1. */
static int find_ranges(struct mr_sorted_bucket *b, struct arrival *batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        note_shared(b, &batch[i].record);
    for (size_t i = 0; i < count; i++)
        if (!batch[i].record.out_of_line &&
            find_range(b, &batch[i].record, &batch[i].range) < 0)
            return -1;
    return 0;
}

/* Reads one record, that has no bundle: a key is put together where it is to stand. Returns the
 * same. */
static const unsigned char *get_alone(struct mr_sorted_bucket *b, const unsigned char *next,
                                      const unsigned char *end, struct mr_whole_key *whole,
                                      struct arrival *a)
{
    unsigned char *room = mr_sort_buffer_room(&b->records, b->record_max);
    next = get_arrival(b, next, end, whole, room ? room : b->key_room, a);
    if (next != NULL && a->listed > 0 && a->record.key == room) /* it is copied for each value */
        a->record.key = memcpy(b->key_room, room, a->record.size);
    return next;
}

static int add_block(struct mr_sorted_bucket *b, const struct mr_chain_block *block)
{
    struct mr_whole_key whole = { NULL, 0 };
    const unsigned char *next = block->block.payload, *end = next + block->block.size;
    struct arrival batch[BATCH];
    while (next < end) {
        const bool bundling = is_bundling(b), ranged = b->ranges.open;
        size_t count = 1;
        next = bundling || ranged ? get_batch(b, next, end, &whole, batch, &count)
                                  : get_alone(b, next, end, &whole, batch);
        if (next == NULL)
            return mr_spool_damaged(&b->shuffles->files[block->task], block->at.offset,
                                    "a block holds no records", b->err);
        if (bundling)
            expect_bundles(b, batch, count);
        if (ranged && find_ranges(b, batch, count) < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            if (!ranged)
                note_shared(b, &batch[i].record);
            if (add_arrival(b, block, &batch[i]) < 0)
                return -1;
        }
    }
    mr_sort_buffer_use_huge(&b->records);
    mr_ranged_look(&b->ranges, &b->records, &mr_ranged_plan);
    if (!is_bundling(b) && mr_ranged_pays(&b->ranges, &b->records, &mr_ranged_plan))
        return mr_sorted_open_ranges(b);
    return 0;
}

int mr_sorted_gather(struct mr_sorted_bucket *b, uint32_t number)
{
    struct mr_chain_block block = { .task = 0 };
    int more;
    mr_sorted_clear(b);
    b->number = MR_BUNDLES_MOST;
    if (mr_chains_bucket(&b->chains, number) < 0)
        return -1;
    while ((more = mr_chains_next(&b->chains, &block)) > 0)
        if (add_block(b, &block) < 0)
            return -1;
    return more;
}
