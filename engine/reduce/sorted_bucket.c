/* Sorted buckets. */
#include "reduce/sorted_bucket.h"

#include "base/error.h"
#include "partition/digest.h"
#include "partition/shuffle.h"
#include "sort/entries.h"
#include "store/partial.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 24,     /* entries' keys are fetched so far ahead of their use */
    BATCH = 16,     /* records of a block are added so many at once */
    PLACE_BITS = 40 /* of a token in its map task */
};

static const struct mr_scale unweighed;

/* ---- memory ----------------------------------------------------------------------------- */

int mr_sorted_init(struct mr_sorted_bucket *b, size_t memory, struct mr_run_maker *runs,
                   struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err)
{
    const struct mr_reduce_plan *p = b->plan;
    size_t bundles = b->bundling ? mr_bundles_memory(p->table / 32) : 0;
    b->runs = runs;
    b->blocks = runs->blocks;
    b->err = err;
    mr_block_reader_init(&b->key_reader, store, p->key_payload);
    mr_block_reader_init(&b->value_reader, store, p->key_payload);
    b->key_reader.progress = b->value_reader.progress = progress;
    b->key_room = malloc(p->run_payload + (size_t)MR_BLOCK_SLACK); /* no record has more */
    b->record_room = malloc(p->run_payload + (size_t)MR_BLOCK_SLACK);
    if (b->key_room == NULL || b->record_room == NULL)
        return mr_error_memory(err, p->run_payload, "a record");
    if (mr_sort_buffer_init(&b->records, memory - bundles, err) < 0 ||
        mr_bundles_init(&b->bundles, bundles, err) < 0)
        return -1;
    return mr_chains_init(&b->chains, p, b->shuffles, store, progress, err);
}

void mr_sorted_release(struct mr_sorted_bucket *b)
{
    mr_sort_buffer_release(&b->records);
    mr_bundles_release(&b->bundles);
    mr_chains_release(&b->chains);
    mr_block_reader_release(&b->key_reader);
    mr_block_reader_release(&b->value_reader);
    free(b->key_room);
    free(b->record_room);
    free(b->partial.at);
}

/* ---- gathering -------------------------------------------------------------------------- */

static int next_buffered(struct mr_sorted_bucket *b);

static void forget_records(struct mr_sorted_bucket *b)
{
    mr_sort_buffer_clear(&b->records);
    mr_bundles_clear(&b->bundles);
}

/* Sorts the records in the buffer, to be read then. */
static int sort_buffer(struct mr_sorted_bucket *b)
{
    struct mr_entry *entries = mr_sort_buffer_entries(&b->records);
    b->next = entries;
    b->end = entries + b->records.count;
    b->bundle = (struct mr_bundle_reader){ .next = MR_NO_PIECE };
    return mr_sort_entries(entries, b->records.count, b->records.count, b->records.region, b->order,
                           mr_run_maker_place(b->runs), &b->runs->pair, b->err);
}

/* Gives the next record of the buffer, with its value behind its key, and the run's number as its
 * own, where it has no better one: what is in later runs comes later in the input. */
static int next_of_run(void *self, struct mr_record *record)
{
    struct mr_sorted_bucket *b = self;
    struct mr_value value;
    int more = next_buffered(b);
    *record = b->current;
    if (!b->numbers && !b->plan->places)
        record->value = b->partial.count;
    if (more <= 0 || b->value == record->key + record->size)
        return more;
    if (!b->same_key)
        memcpy(b->record_room, record->key, record->size);
    value = mr_value_at(b->value);
    mr_value_put(b->record_room + record->size, &value);
    record->key = b->record_room;
    return more;
}

/* The bucket's records so far go to a run. */
static int spill(struct mr_sorted_bucket *b)
{
    if (b->records.count == 0)
        return 0;
    if (sort_buffer(b) < 0 ||
        mr_run_list_take(b->runs, &b->partial, unweighed, true, next_of_run, b) < 0)
        return -1;
    forget_records(b);
    return 0;
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

/* Adds a record to the buffer. Returns where its value was put; NULL: the buffer is full. */
static unsigned char *keep_record(struct mr_sorted_bucket *b, const struct mr_record *record,
                                  uint64_t hash, const struct mr_value *value)
{
    unsigned char *at = NULL;
    enum mr_bundled bundled = MR_NOT_BUNDLED;
    if (b->bundling && !record->out_of_line)
        bundled = mr_bundles_add(&b->bundles, &b->records, record, hash, value, &at);
    return bundled == MR_NOT_BUNDLED ? mr_sort_buffer_add(&b->records, record, value) : at;
}

/* Adds one from a block, with a value. */
static int add_record(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                      struct mr_record record, uint64_t hash, struct mr_value value)
{
    unsigned char key_room[MR_LOCATOR_SIZE], value_room[MR_LOCATOR_SIZE];
    bool copied = value.out_of_line && b->order.by_bytes;
    if (record.out_of_line && copy_out_of_line(b, block, &record.key, key_room) < 0)
        return -1;
    if (copied && copy_out_of_line(b, block, &value.bytes, value_room) < 0)
        return -1;
    unsigned char *at = keep_record(b, &record, hash, &value);
    if (at == NULL) {
        if (spill(b) < 0)
            return -1;
        at = keep_record(b, &record, hash, &value);
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
    uint32_t listed;       /* values of a list; 0: it is none */
    bool in_place;         /* none of them is out-of-line */
};

/* Adds a list to a bundle of the buffer, which must have room. */
static enum mr_bundled keep_list(struct mr_sorted_bucket *b, const struct arrival *a)
{
    return mr_bundles_add_list(&b->bundles, &b->records, &a->record, a->hash, &a->value, a->listed);
}

/* Adds the values of a list: at once where their key has a bundle. */
static int add_list(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                    const struct arrival *a)
{
    enum mr_bundled bundled = MR_NOT_BUNDLED;
    struct mr_record record = a->record;
    if (b->bundling && a->in_place && !record.out_of_line)
        bundled = keep_list(b, a);
    if (bundled == MR_NO_ROOM) {
        if (spill(b) < 0)
            return -1;
        bundled = keep_list(b, a);
    }
    const unsigned char *end = a->value.bytes + a->value.size;
    for (const unsigned char *at = a->value.bytes; bundled != MR_BUNDLED && at < end;) {
        struct mr_value value = mr_value_at(at);
        at = value.bytes + value.size;
        if (add_record(b, block, record, a->hash, value) < 0)
            return -1;
        record.value++;
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

/* Adds records of a block. */
static int add_batch(struct mr_sorted_bucket *b, const struct mr_chain_block *block,
                     struct arrival *batch, size_t count)
{
    for (size_t i = 0; b->bundling && i < count; i++)
        mr_bundles_expect_bundle(&b->bundles, batch[i].hash);
    for (size_t i = 0; b->bundling && i < count; i++)
        mr_bundles_expect_value(&b->bundles, &b->records, batch[i].hash);
    for (size_t i = 0; i < count; i++) {
        struct arrival *a = &batch[i];
        if (b->plan->places && find_place(b, block, &a->value, &a->record.value) < 0)
            return -1;
        if (a->listed == 0)
            b->digest += mr_record_digest(a->hash, &a->value);
        if ((a->listed > 0 ? add_list(b, block, a)
                           : add_record(b, block, a->record, a->hash, a->value)) < 0)
            return -1;
    }
    return 0;
}

/* Counts the values of what is to be a list of them, and adds them to the digest. Returns whether
 * it is one. */
static bool count_values(struct mr_sorted_bucket *b, struct arrival *a)
{
    const unsigned char *next = a->value.bytes, *end = next + a->value.size;
    struct mr_value value;
    a->in_place = true;
    while (next < end) {
        next = mr_value_get(next, end, &value);
        if (next == NULL || value.size > b->plan->key_max)
            return false;
        b->digest += mr_record_digest(a->hash, &value);
        a->in_place = a->in_place && !value.out_of_line;
        a->listed++;
    }
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
    b->number += is_list ? a->listed : 1;
    return next;
}

/* Reads a record at next. Returns the byte after it, or NULL where there is none. */
static const unsigned char *get_arrival(struct mr_sorted_bucket *b, const unsigned char *next,
                                        const unsigned char *end, struct mr_whole_key *whole,
                                        struct arrival *a)
{
    a->value = (struct mr_value){ NULL, 0, false };
    a->listed = 0;
    next = mr_shuffle_get(next, end, whole, b->key_room, b->plan->key_max, &a->record);
    if (next == NULL)
        return NULL;
    a->hash = mr_record_hash(&a->record);
    if (b->bundling)
        mr_bundles_expect_slot(&b->bundles, a->hash);
    return b->numbers ? next : get_value(b, next, end, a);
}

static int add_block(struct mr_sorted_bucket *b, const struct mr_chain_block *block)
{
    struct mr_whole_key whole = { NULL, 0 };
    const unsigned char *next = block->block.payload, *end = next + block->block.size;
    struct arrival batch[BATCH];
    while (next < end) {
        size_t count = 0;
        do {
            next = get_arrival(b, next, end, &whole, &batch[count++]);
            if (next == NULL)
                return mr_spool_damaged(&b->shuffles->files[block->task], block->at.offset,
                                        "a block holds no records", b->err);
            /* There is room for one key that is put together. */
        } while (next < end && count < BATCH && batch[count - 1].record.key != b->key_room);
        if (add_batch(b, block, batch, count) < 0)
            return -1;
    }
    mr_sort_buffer_use_huge(&b->records);
    return 0;
}

/* Gathers the records of the partition's bucket of this number. */
static int gather(struct mr_sorted_bucket *b, uint32_t number)
{
    struct mr_chain_block block = { .task = 0 };
    int more;
    forget_records(b);
    b->number = MR_BUNDLES_MOST;
    if (mr_chains_bucket(&b->chains, number) < 0)
        return -1;
    while ((more = mr_chains_next(&b->chains, &block)) > 0)
        if (add_block(b, &block) < 0)
            return -1;
    return more;
}

/* The records come from the buffer, or from a merge of runs and what is still in it. */
static int open_records(struct mr_sorted_bucket *b)
{
    if (b->partial.count == 0)
        return sort_buffer(b);
    if (spill(b) < 0 ||
        mr_run_list_shrink(b->runs, &b->partial, unweighed, b->plan->fan_in, b->order) < 0)
        return -1;
    b->merging = true;
    return mr_run_list_open(b->runs, &b->partial, b->order, &b->merge);
}

int mr_sorted_open(struct mr_sorted_bucket *b, uint32_t number)
{
    return gather(b, number) < 0 ? -1 : open_records(b);
}

void mr_sorted_close(struct mr_sorted_bucket *b)
{
    if (!b->merging)
        return;
    b->merging = false;
    mr_merge_release(&b->merge);
    mr_run_list_clear(b->runs, &b->partial);
}

/* ---- records in order ------------------------------------------------------------------- */

/* Goes to the next record of a merge, or of the sort buffer. */
static int next_merged(struct mr_sorted_bucket *b)
{
    struct mr_run_reader *next;
    int more = mr_merge_next(&b->merge, &next);
    if (more <= 0)
        return more;
    b->current = next->current.record;
    b->value = b->current.key + b->current.size;
    b->same_key = false;
    return more;
}

static int next_buffered(struct mr_sorted_bucket *b)
{
    if (mr_bundle_next(&b->bundle, &b->value)) {
        b->same_key = true;
        return 1;
    }
    if (b->next == b->end)
        return 0;
    if (b->end - b->next > AHEAD) {
        const struct mr_entry *soon = &b->next[AHEAD];
        __builtin_prefetch(b->records.region + soon->at);
        __builtin_prefetch(b->records.region + soon->at + soon->size);
    }
    const struct mr_entry *e = b->next++;
    b->current = mr_sort_buffer_record(&b->records, e);
    b->value = b->current.key + b->current.size;
    b->same_key = false;
    if (b->bundling && mr_is_bundle(e)) {
        mr_bundle_open(&b->bundles, &b->records, e, &b->bundle);
        (void)mr_bundle_next(&b->bundle, &b->value);
    }
    return 1;
}

int mr_sorted_next(struct mr_sorted_bucket *b)
{
    int more = b->merging ? next_merged(b) : next_buffered(b);
    if (more > 0)
        b->sum += b->numbers ? b->current.value : 1;
    return more;
}

/* Whether the current record has a key: 1, 0, or -1. */
static int has_key(struct mr_sorted_bucket *b, const struct mr_record *key)
{
    const struct mr_record *c = &b->current;
    if (c->size != key->size || c->out_of_line != key->out_of_line)
        return 0;
    if (!c->out_of_line)
        return mr_same_bytes(c->key, key->key, c->size);
    struct mr_locator one = mr_locator_get(c->key), other = mr_locator_get(key->key);
    if (one.hash != other.hash || one.size != other.size)
        return 0;
    struct mr_file_record x = { *c, b->blocks->spool, b->blocks->task };
    struct mr_file_record y = { *key, b->blocks->spool, b->blocks->task };
    int order;
    if (mr_compare_keys(&x, &y, &b->runs->pair, &order, b->err) < 0)
        return -1;
    return order == 0;
}

int mr_sorted_next_of(struct mr_sorted_bucket *b, const struct mr_record *key)
{
    int more = mr_sorted_next(b);
    if (more > 0)
        return b->same_key ? 1 : has_key(b, key);
    if (more == 0)
        b->current.key = NULL;
    return more;
}

struct mr_record mr_sorted_hold_key(struct mr_sorted_bucket *b)
{
    struct mr_record key = b->current;
    if (b->merging)
        key.key = memcpy(b->key_room, key.key, key.size);
    return key;
}

struct mr_key_place mr_sorted_key_place(struct mr_sorted_bucket *b)
{
    return (struct mr_key_place){ b->blocks->spool, b->blocks->task, &b->key_reader };
}

int mr_sorted_open_value(struct mr_sorted_bucket *b, struct mr_value_list *values)
{
    struct mr_value value = mr_value_at(b->value);
    if (!value.out_of_line) {
        mr_values_open_here(values, &value);
        return 1;
    }
    struct mr_key_place place = { b->blocks->spool, b->blocks->task, &b->value_reader };
    if (!b->order.by_bytes) {
        place.task = mr_value_task(&value);
        if (place.task >= b->shuffles->count)
            return mr_error_set(b->err, "internal error: a value is in no shuffle file");
        place.spool = &b->shuffles->files[place.task];
    }
    mr_values_open(values, &value, place);
    return 1;
}

size_t mr_sorted_many(struct mr_sorted_bucket *b, struct mr_bytes *to, size_t most)
{
    struct mr_bundle_reader *bundle = &b->bundle;
    size_t count = 0;
    while (count < most && bundle->at != bundle->end) {
        struct mr_value value = mr_value_at(bundle->at);
        if (value.out_of_line)
            break;
        to[count++] = (struct mr_bytes){ value.bytes, value.size };
        bundle->at = value.bytes + value.size;
    }
    b->sum += count;
    return count;
}
