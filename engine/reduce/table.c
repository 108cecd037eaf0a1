/* The reducer's table. */
#include "reduce/table.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum {
    SLOTS_MIN = 1 << 10,
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

int mr_table_init(struct mr_table *t, size_t memory, uint64_t (*combine)(uint64_t, uint64_t),
                  struct mr_error *err)
{
    memset(t, 0, sizeof *t);
    t->combine = combine;
    /* An entry has 24 bytes and a short key: a slot each for so many is about a third. */
    t->slots_max = SLOTS_MIN;
    while (index_memory(t->slots_max * 2) <= memory / 3)
        t->slots_max *= 2;
    size_t region = memory - index_memory(t->slots_max);
    size_t limit = (size_t)UINT32_MAX & ~(size_t)4095; /* entries point with 32 bits */
    t->size = (region < limit ? region : limit) & ~(size_t)63;
    t->slots = SLOTS_MIN;
    t->region = mr_memory_get(t->size);
    t->index = mr_memory_get(index_memory(t->slots_max));
    if (t->region == NULL || t->index == NULL)
        return mr_error_memory(err, memory, "a reducer's table");
    return 0;
}

void mr_table_release(struct mr_table *t)
{
    mr_memory_release(t->region, t->size);
    mr_memory_release(t->index, index_memory(t->slots_max));
    memset(t, 0, sizeof *t);
}

void mr_table_clear(struct mr_table *t)
{
    t->used = 0;
    t->count = 0;
    mr_table_next_bucket(t);
}

void mr_table_next_bucket(struct mr_table *t)
{
    /* Buckets are alike: the index stays as large as the last one needed it, about. */
    size_t entries = t->count > t->indexed_from ? t->count - t->indexed_from : 0;
    while (t->slots > SLOTS_MIN && entries > 0 && t->slots / 8 > entries)
        t->slots /= 2;
    memset(t->index, 0, index_bytes(t->slots));
    t->indexed_from = t->count;
}

static struct mr_entry *entry_at(const struct mr_table *t, uint32_t number)
{
    return (struct mr_entry *)(void *)(t->region + t->size) - 1 - number;
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

/* Whether the index has room for one more entry with good manners. */
static bool index_room(struct mr_table *t)
{
    size_t entries = t->count - t->indexed_from;
    return entries + 1 <= t->slots / 4 * 3 || grow(t);
}

/* Whether the region has room for a key of size bytes and its entry. */
static bool region_room(const struct mr_table *t, size_t size)
{
    return t->used + size + SLACK + (t->count + (size_t)1) * sizeof(struct mr_entry) <= t->size;
}

/* Makes an entry for a record's key. Returns where the key's bytes go. */
static unsigned char *put_entry(struct mr_table *t, const struct mr_record *r, uint64_t word)
{
    *entry_at(t, t->count++) = (struct mr_entry){
        .value = r->value,
        .word = word,
        .at = (uint32_t)t->used,
        .size = r->size & 0x7FFFFFFF,
        .beside = r->beside,
    };
    unsigned char *to = t->region + t->used;
    t->used += r->size;
    return to;
}

int mr_table_append(struct mr_table *t, const struct mr_record *r)
{
    if (!region_room(t, r->size))
        return -1;
    memcpy(put_entry(t, r, mr_record_word(r)), r->key, r->size);
    t->indexed_from = t->count;
    return 0;
}

/* The first word of a key from its first bytes in registers, as mr_word gives it. */
static inline uint64_t first_word(struct mr_short s, uint32_t size)
{
    uint64_t length = size > MR_WORD_BYTES ? MR_WORD_GOES_ON : size;
    return (be64toh(s.low) & ~(uint64_t)0xFF) | length;
}

void mr_table_expect(const struct mr_table *t, const struct mr_record *r, struct mr_arrival *a)
{
    struct mr_short start = mr_short_load(r->key, r->size < MR_SHORT_KEY ? r->size : MR_SHORT_KEY);
    a->record = *r;
    a->word = first_word(start, r->size);
    a->tag = (uint32_t)(r->size <= MR_SHORT_KEY ? mr_hash_short(start)
                                                : mr_hash_long(r->key, r->size));
    __builtin_prefetch(&t->index[a->tag & (t->slots - 1)], 1);
}

/* Whether an entry has the key of an arrival, as which it has the tag. */
static bool has_key(const struct mr_table *t, const struct mr_entry *e, const struct mr_arrival *a)
{
    const struct mr_record *r = &a->record;
    return e->word == a->word && e->size == r->size && !e->beside &&
           (!mr_word_goes_on(a->word) ||
            memcmp(t->region + e->at + MR_WORD_BYTES, r->key + MR_WORD_BYTES,
                   r->size - MR_WORD_BYTES) == 0);
}

int mr_table_add(struct mr_table *t, const struct mr_arrival *a)
{
    const struct mr_record *r = &a->record;
    size_t mask = t->slots - 1, at = a->tag & mask;
    for (; t->index[at].entry != 0; at = (at + 1) & mask) {
        if (t->index[at].tag != a->tag)
            continue;
        struct mr_entry *e = entry_at(t, t->index[at].entry - 1);
        if (has_key(t, e, a)) {
            e->value = mr_combine(t->combine, e->value, r->value);
            return 0;
        }
    }
    if (!region_room(t, r->size))
        return -1;
    size_t slots = t->slots;
    if (!index_room(t))
        return -1;
    if (t->slots != slots)
        at = free_slot(t, a->tag);
    t->index[at] = (struct mr_index_slot){ a->tag, t->count + 1 };
    unsigned char *to = put_entry(t, r, a->word);
    if (r->size <= MR_SHORT_KEY)
        memcpy(to, r->key, SLACK);
    else
        mr_copy_long(to, r->key, r->size);
    return 1;
}

/* Copies a key beside a record from one spool to another. */
static int copy_key(const struct mr_record *r, struct mr_key_place from,
                    struct mr_key_writer *keys, struct mr_locator *locator,
                    struct mr_error *err)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    mr_key_open(&key, r, from, err);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0)
        if (mr_key_writer_add(keys, bytes, size, err) < 0)
            return -1;
    if (more < 0)
        return -1;
    return mr_key_writer_end(keys, locator, err);
}

/* Whether an entry has the key of a record, both beside: 1, 0, or -1. */
static int same_key(const struct mr_table *t, const struct mr_entry *e, struct mr_key_place to,
                    const struct mr_record *r, struct mr_key_place from, struct mr_error *err)
{
    struct mr_record mine = { t->region + e->at, e->size, true, 0 };
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

int mr_table_add_beside(struct mr_table *t, const struct mr_record *r, struct mr_key_place from,
                        struct mr_key_place to, struct mr_key_writer *keys,
                        struct mr_error *err)
{
    struct mr_locator locator = mr_locator_get(r->key);
    uint32_t tag = (uint32_t)locator.hash;
    /* Room first: what follows writes the key out. */
    if (!region_room(t, r->size) || !index_room(t))
        return -1;
    size_t mask = t->slots - 1, at = tag & mask;
    for (; t->index[at].entry != 0; at = (at + 1) & mask) {
        struct mr_entry *e = entry_at(t, t->index[at].entry - 1);
        if (t->index[at].tag != tag || !e->beside)
            continue;
        int same = same_key(t, e, to, r, from, err);
        if (same < 0)
            return -2;
        if (same) {
            e->value = mr_combine(t->combine, e->value, r->value);
            return 0;
        }
    }
    if (copy_key(r, from, keys, &locator, err) < 0)
        return -2;
    unsigned char bytes[MR_LOCATOR_SIZE];
    mr_locator_put(bytes, &locator);
    struct mr_record mine = { bytes, sizeof bytes, true, r->value };
    t->index[at] = (struct mr_index_slot){ tag, t->count + 1 };
    memcpy(put_entry(t, &mine, mr_record_word(&mine)), bytes, sizeof bytes);
    return 1;
}
