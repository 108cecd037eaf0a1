/* The reducer's table. */
#include "reduce/table.h"

#include "base/error.h"
#include "base/memory.h"
#include "sort/entries.h"

#include <string.h>

enum {
    SLOTS_MIN = 1 << 10,
    /* Before the index is given up: how far a key is from its place, of which a million keys have
     * a chance of 10^-10 at three quarters full; and how many only looked like the one looked for,
     * of which there is one in a thousand keys where there are millions. */
    STEPS_MAX = 1 << 10,
    COLLISIONS_MAX = 8, /* and a quarter of the keys */
    SLACK = sizeof(struct mr_short) /* short keys are stored as whole registers */
};

static size_t index_bytes(size_t slots)
{
    return slots * sizeof(struct mr_index_slot);
}

/* Growing copies the index, which then has half its largest size at most, behind it. */
static size_t index_memory(size_t slots_max)
{
    return index_bytes(slots_max + slots_max / 2);
}

int mr_table_init(struct mr_table *t, size_t memory, const struct mr_seed *seed,
                  uint64_t (*combine)(uint64_t, uint64_t), struct mr_error *err)
{
    memset(t, 0, sizeof *t);
    t->seed = seed;
    t->combine = combine;
    /* An entry has 24 bytes and a short key: a slot each for so many is about a third. */
    t->slots_max = SLOTS_MIN;
    while (index_memory(t->slots_max * 2) <= memory / 3)
        t->slots_max *= 2;
    size_t region = memory - index_memory(t->slots_max);
    t->slots = SLOTS_MIN;
    t->index = mr_memory_get(index_memory(t->slots_max));
    if (t->index == NULL)
        return mr_error_memory(err, memory, "a reducer's table");
    return mr_sort_buffer_init(&t->records, region, err);
}

void mr_table_release(struct mr_table *t)
{
    mr_sort_buffer_release(&t->records);
    mr_memory_release(t->index, index_memory(t->slots_max));
    memset(t, 0, sizeof *t);
}

/* How many entries the index has. */
static size_t indexed(const struct mr_table *t)
{
    return t->records.count > t->indexed_from ? t->records.count - t->indexed_from : 0;
}

void mr_table_shorten(struct mr_table *t, uint32_t count)
{
    t->indexed = indexed(t);
    t->records.count = count;
}

void mr_table_clear(struct mr_table *t)
{
    mr_sort_buffer_clear(&t->records);
    mr_table_next_bucket(t);
}

void mr_table_next_bucket(struct mr_table *t)
{
    /* Buckets are alike: the index stays as large as the last one needed it, about. */
    size_t entries = t->indexed > 0 ? t->indexed : indexed(t);
    while (t->slots > SLOTS_MIN && entries > 0 && t->slots / 8 > entries)
        t->slots /= 2;
    t->indexed = 0;
    memset(t->index, 0, index_bytes(t->slots));
    t->indexed_from = t->records.count;
    t->unindexed = false;
    t->collisions = 0;
}

static struct mr_entry *entry_at(const struct mr_table *t, uint32_t number)
{
    return (struct mr_entry *)(void *)(t->records.region + t->records.size) - 1 - number;
}

/* The slot where a key that the index does not have belongs. */
static size_t free_slot(const struct mr_table *t, uint32_t tag)
{
    size_t mask = t->slots - 1, at = tag & mask;
    while (t->index[at].entry != 0)
        at = (at + 1) & mask;
    return at;
}

/* Doubles the index. Returns false when it is as large as it may be. */
static bool grow(struct mr_table *t)
{
    if (t->slots == t->slots_max)
        return false;
    size_t old = t->slots;
    struct mr_index_slot *spare = t->index + t->slots_max;
    memcpy(spare, t->index, index_bytes(old));
    t->slots = 2 * old;
    memset(t->index, 0, index_bytes(t->slots));
    for (size_t i = 0; i < old; i++) {
        if (spare[i].entry == 0)
            continue;
        t->index[free_slot(t, spare[i].tag)] = spare[i];
    }
    return true;
}

/* Whether the index, with one more entry, is at most three quarters full; it may grow for that. */
static bool index_room(struct mr_table *t)
{
    size_t entries = t->records.count - t->indexed_from;
    return entries + 1 <= t->slots / 4 * 3 || grow(t);
}

int mr_table_append(struct mr_table *t, const struct mr_record *r)
{
    if (!mr_sort_buffer_has_room(&t->records, r->size + SLACK))
        return -1;
    memcpy(mr_sort_buffer_put(&t->records, r, mr_record_slice(r)), r->key, r->size);
    t->indexed_from = t->records.count;
    return 0;
}

/* The first slice of a key from its first bytes in registers, as mr_slice gives it. */
static inline uint64_t first_slice(struct mr_short s, uint32_t size)
{
    uint64_t length = size > MR_SLICE_BYTES ? MR_SLICE_CONTINUES : size;
    return (be64toh(s.low) & ~(uint64_t)0xFF) | length;
}

void mr_table_expect(const struct mr_table *t, const struct mr_record *r, struct mr_arrival *a)
{
    struct mr_short start = mr_short_load(r->key, r->size < MR_SHORT_KEY ? r->size : MR_SHORT_KEY);
    a->record = *r;
    a->slice = first_slice(start, r->size);
    a->tag = mr_lookup_tag(r->size <= MR_SHORT_KEY ? mr_lookup_short(t->seed->shorts, start)
                                                   : mr_lookup_long(t->seed, r->key, r->size));
    __builtin_prefetch(&t->index[a->tag & (t->slots - 1)], 1);
}

/* Whether an entry has the key of an arrival, as which it has the tag. */
static bool has_key(const struct mr_table *t, const struct mr_entry *e, const struct mr_arrival *a)
{
    const struct mr_record *r = &a->record;
    return e->slice == a->slice && e->size == r->size && !e->out_of_line &&
           (!mr_slice_continues(a->slice) ||
            memcmp(t->records.region + e->at + MR_SLICE_BYTES, r->key + MR_SLICE_BYTES,
                   r->size - MR_SLICE_BYTES) == 0);
}

/* Returns 0 or -2, as what adds records does. */
static int combine(const struct mr_table *t, struct mr_entry *e, const struct mr_record *r,
                   struct mr_error *err)
{
    if (mr_combine(t->combine, &e->value, r->value))
        return 0;
    (void)mr_record_overflow(r, t->key_head, err);
    return -2;
}

/* Whether the index is to be given up, as keys do not spread: a new one's place is at. */
static bool is_crowded(const struct mr_table *t, uint32_t tag, size_t at)
{
    return ((at - tag) & (t->slots - 1)) > STEPS_MAX ||
           t->collisions > COLLISIONS_MAX + (t->records.count - t->indexed_from) / 4;
}

/* Copies an inline key of a new entry to where it goes. */
static void put_key(unsigned char *to, const struct mr_record *r)
{
    if (r->size <= MR_SHORT_KEY)
        memcpy(to, r->key, SLACK);
    else
        mr_copy_long(to, r->key, r->size);
}

/* Adds a record without looking for its key. */
static __attribute__((noinline)) int append(struct mr_table *t, const struct mr_arrival *a)
{
    if (!mr_sort_buffer_has_room(&t->records, a->record.size + SLACK))
        return -1;
    put_key(mr_sort_buffer_put(&t->records, &a->record, a->slice), &a->record);
    return 1;
}

int mr_table_add(struct mr_table *t, const struct mr_arrival *a, struct mr_error *err)
{
    if (t->unindexed)
        return append(t, a);
    const struct mr_record *r = &a->record;
    size_t mask = t->slots - 1, at = a->tag & mask;
    for (; t->index[at].entry != 0; at = (at + 1) & mask) {
        if (t->index[at].tag != a->tag)
            continue;
        struct mr_entry *e = entry_at(t, t->index[at].entry - 1);
        if (has_key(t, e, a))
            return combine(t, e, r, err);
        t->collisions++;
    }
    if (!mr_sort_buffer_has_room(&t->records, r->size + SLACK))
        return -1;
    size_t slots = t->slots;
    if (!index_room(t))
        return -1;
    if (t->slots != slots)
        at = free_slot(t, a->tag);
    if (is_crowded(t, a->tag, at))
        t->unindexed = true;
    t->index[at] = (struct mr_index_slot){ a->tag, t->records.count + 1 };
    put_key(mr_sort_buffer_put(&t->records, r, a->slice), r);
    return 1;
}

/* Whether an entry has the key of a record, both out-of-line: 1, 0, or -1. */
static int same_key(const struct mr_table *t, const struct mr_entry *e, struct mr_key_place to,
                    const struct mr_record *r, struct mr_key_place from, struct mr_error *err)
{
    struct mr_record mine = { t->records.region + e->at, e->size, true, 0 };
    struct mr_locator a = mr_locator_get(mine.key), b = mr_locator_get(r->key);
    if (a.hash != b.hash || a.size != b.size)
        return 0;
    struct mr_key left, right;
    int order;
    mr_key_open(&left, &mine, to, err);
    mr_key_open(&right, r, from, err);
    if (mr_key_compare(&left, &right, &order) < 0)
        return -1;
    return order == 0;
}

int mr_table_add_out_of_line(struct mr_table *t, const struct mr_record *r,
                             struct mr_key_place from, struct mr_key_place to,
                             struct mr_block_writer *blocks, struct mr_error *err)
{
    struct mr_locator locator = mr_locator_get(r->key);
    uint32_t tag = mr_lookup_tag(mr_lookup_hash(t->seed->shorts, locator.hash));
    /* Room first: what follows writes the key out. */
    if (!mr_sort_buffer_has_room(&t->records, r->size + SLACK) || (!t->unindexed && !index_room(t)))
        return -1;
    size_t mask = t->slots - 1, at = tag & mask;
    for (; !t->unindexed && t->index[at].entry != 0; at = (at + 1) & mask) {
        struct mr_entry *e = entry_at(t, t->index[at].entry - 1);
        if (t->index[at].tag != tag || !e->out_of_line)
            continue;
        int same = same_key(t, e, to, r, from, err);
        if (same < 0)
            return -2;
        if (same)
            return combine(t, e, r, err);
        t->collisions++;
    }
    if (mr_key_copy(r, from, blocks, &locator, err) < 0)
        return -2;
    unsigned char bytes[MR_LOCATOR_SIZE];
    mr_locator_put(bytes, &locator);
    struct mr_record mine = { bytes, sizeof bytes, true, r->value };
    if (!t->unindexed) {
        t->unindexed = is_crowded(t, tag, at);
        t->index[at] = (struct mr_index_slot){ tag, t->records.count + 1 };
    }
    memcpy(mr_sort_buffer_put(&t->records, &mine, mr_record_slice(&mine)), bytes, sizeof bytes);
    return 1;
}

/* ---- without an index ------------------------------------------------------------------- */

static struct mr_file_record record_of(const struct mr_table *t, const struct mr_entry *e,
                                       struct mr_key_place place)
{
    struct mr_record record = { t->records.region + e->at, e->size, e->out_of_line, e->value };
    return (struct mr_file_record){ record, place.spool, place.task };
}

/* Brings the value of an entry to that of the one before it where they have the same key. Returns
 * 1 then, 0 where they differ, or -1. */
static int join(const struct mr_table *t, struct mr_entry *before, const struct mr_entry *e,
                struct mr_key_place place, struct mr_key_pair *readers, struct mr_error *err)
{
    struct mr_file_record a = record_of(t, before, place), b = record_of(t, e, place);
    int order;
    if (a.record.size != b.record.size || a.record.out_of_line != b.record.out_of_line)
        return 0;
    if (mr_compare_keys(&a, &b, readers, &order, err) < 0)
        return -1;
    if (order != 0)
        return 0;
    return combine(t, before, &b.record, err) < 0 ? -1 : 1;
}

int mr_table_unite(struct mr_table *t, uint32_t from, struct mr_key_place place,
                   struct mr_key_pair *readers, struct mr_error *err)
{
    static const struct mr_ordering by_key = { .by_value = false };
    uint32_t count = t->records.count - from, kept = from;
    if (mr_sort_entries(mr_table_entries(t), count, count, t->records.region, by_key, place,
                        readers, err) < 0)
        return -1;
    for (uint32_t i = from; i < t->records.count; i++) {
        struct mr_entry *e = entry_at(t, i);
        int joined = i == from ? 0 : join(t, entry_at(t, kept - 1), e, place, readers, err);
        if (joined < 0)
            return -1;
        if (joined)
            continue;
        struct mr_file_record p = record_of(t, e, place);
        e->slice = mr_record_slice(&p.record); /* sorting has changed it */
        *entry_at(t, kept++) = *e;
    }
    t->records.count = kept;
    return 0;
}
