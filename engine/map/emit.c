/*
 * Emitting: a key's way through the combine table into the shuffle file.
 *
 *     short key  -> its set of the table -> whoever must leave it -> a bucket of the shuffle
 *     long key   -> the same by way of the arena
 *     key larger than key_max -> blocks beside the records, and a locator in a bucket
 */
#include "base/error.h"
#include "base/utf8.h"
#include "map/mapper.h"

#include <string.h>

enum {
    PART = 1 << 14,   /* bytes of a very long key taken at a time */
    WATCH = 1 << 14,  /* long keys between two looks at how many were met again */
    PASS = 7 * WATCH, /* long keys that pass the table by where that was below 1 in 16 */
};

/* ---- leaving the mapper ----------------------------------------------------------------- */

/* Ends the key that m->keys holds: its locator goes to the bucket of its hash. */
static int leave_beside(struct mr_mapper *m, uint64_t value)
{
    struct mr_locator locator;
    unsigned char bytes[MR_LOCATOR_SIZE];
    if (mr_key_writer_end(&m->keys, &locator, m->err) < 0)
        return -1;
    mr_locator_put(bytes, &locator);
    return mr_shuffle_add(&m->shuffle, locator.hash, bytes, sizeof bytes, true, value, m->err);
}

/* Where the job rewrites a key of size bytes; NULL when memory is out. */
static unsigned char *rekey_room(struct mr_mapper *m, size_t size)
{
    m->rekeyed.size = 0;
    unsigned char *to = mr_buffer_reserve(&m->rekeyed, 3 * size + 1);
    if (to == NULL)
        mr_error_memory(m->err, 3 * size, "a key");
    return to;
}

/* A key of at most key_max bytes leaves, rewritten by the job. */
static int leave_rekeyed(struct mr_mapper *m, const unsigned char *key, uint32_t size,
                         uint64_t value)
{
    unsigned char *to = rekey_room(m, size);
    if (to == NULL)
        return -1;
    size_t now = m->job->rekey(m->state, key, size, to);
    if (now <= m->plan->key_max)
        return mr_shuffle_add(&m->shuffle, mr_hash(to, now), to, (uint32_t)now, false, value,
                              m->err);
    if (mr_key_writer_add(&m->keys, to, now, m->err) < 0)
        return -1;
    return leave_beside(m, value);
}

static int leave_short(struct mr_mapper *m, const struct mr_leaving *l, uint64_t hash)
{
    uint32_t size = mr_short_size(l->key);
    if (m->job->rekey) {
        unsigned char key[sizeof l->key];
        memcpy(key, &l->key, sizeof key);
        return leave_rekeyed(m, key, size, l->value);
    }
    return mr_shuffle_add_short(&m->shuffle, hash, l->key, size, l->value, m->err);
}

static int leave_shorts(struct mr_mapper *m)
{
    size_t count = m->leaving_count;
    uint64_t hashes[MR_LEAVING];
    m->leaving_count = 0;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = mr_hash_short(m->leaving[i].key);
        mr_shuffle_expect(&m->shuffle, hashes[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (leave_short(m, &m->leaving[i], hashes[i]) < 0)
            return -1;
    return 0;
}

static bool is_free(struct mr_short key)
{
    return key.high == 0;
}

/* What a slot holds is to leave. Many wait for each other, so that the waits for their buckets'
 * memory overlap. */
static inline int let_go(struct mr_mapper *m, struct mr_short key, uint64_t value)
{
    m->leaving[m->leaving_count] = (struct mr_leaving){ key, value };
    m->leaving_count += !is_free(key);
    return m->leaving_count < MR_LEAVING ? 0 : leave_shorts(m);
}

static int leave_long(struct mr_mapper *m, const unsigned char *key, uint32_t size,
                      uint64_t value)
{
    if (m->job->rekey)
        return leave_rekeyed(m, key, size, value);
    return mr_shuffle_add(&m->shuffle, mr_hash_long(key, size), key, size, false, value, m->err);
}

/* What a slot holds leaves; the slot is free then. */
static int leave_slot(struct mr_mapper *m, struct mr_long_slot *slot)
{
    const struct mr_long_slot leaving = *slot;
    if (leaving.size == 0)
        return 0;
    slot->size = slot->value = 0;
    return leave_long(m, m->table.arena + leaving.at, leaving.size, leaving.value);
}

static int flush_longs(struct mr_mapper *m)
{
    struct mr_combiner *c = &m->table;
    for (size_t i = 0; i < c->long_sets; i++)
        for (int way = 0; way < MR_LONG_WAYS; way++)
            if (leave_slot(m, &c->longs[i].slots[way]) < 0)
                return -1;
    c->arena_used = 0;
    return 0;
}

/* Everything leaves the table. */
int mr_mapper_flush(struct mr_mapper *m)
{
    struct mr_combiner *c = &m->table;
    for (size_t i = 0; i < c->short_sets; i++)
        for (int way = 0; way < MR_SHORT_WAYS; way++)
            if (let_go(m, c->shorts[i].keys[way], c->shorts[i].values[way]) < 0)
                return -1;
    return leave_shorts(m) < 0 ? -1 : flush_longs(m);
}

/* ---- entering the table ----------------------------------------------------------------- */

/* The slot of a set that holds the key, or MR_SHORT_WAYS. All are compared, as which it will be
 * cannot be foreseen and a wrong guess costs more than the comparisons. */
static int find_short(const struct mr_short_set *set, struct mr_short key)
{
    unsigned same = 1 << MR_SHORT_WAYS;
    for (int i = 0; i < MR_SHORT_WAYS; i++)
        same |= (unsigned)mr_short_same(set->keys[i], key) << i;
    return __builtin_ctz(same);
}

/* The slot to be given up: a free one, whose value is 0, or one with the smallest value. */
static int least_short(const struct mr_short_set *set)
{
    uint32_t least = set->values[0];
    int found = 0;
    for (int i = 1; i < MR_SHORT_WAYS; i++) {
        bool less = set->values[i] < least;
        least = less ? set->values[i] : least;
        found = less ? i : found;
    }
    return found;
}

static void change_places(struct mr_short_set *set, int way, int other)
{
    struct mr_short key = set->keys[way];
    uint32_t value = set->values[way];
    set->keys[way] = set->keys[other];
    set->values[way] = set->values[other];
    set->keys[other] = key;
    set->values[other] = value;
}

/* A value that is too large to be held leaves, and its slot is free. */
static int leave_large(struct mr_mapper *m, struct mr_short_set *set, int way, uint64_t value)
{
    struct mr_short key = set->keys[way];
    set->keys[way] = (struct mr_short){ 0, 0 };
    set->values[way] = 0;
    return let_go(m, key, value);
}

static __attribute__((noinline)) int overflow(const struct mr_mapper *m, struct mr_short key)
{
    unsigned char bytes[sizeof key];
    memcpy(bytes, &key, sizeof key);
    struct mr_record r = { bytes, mr_short_size(key), false, 0 };
    return mr_record_overflow(&r, m->err);
}

int mr_mapper_add_short(struct mr_mapper *m, struct mr_short_set *set, struct mr_short key,
                        uint64_t value)
{
    int way = find_short(set, key);
    if (way < MR_SHORT_WAYS) {
        if (!mr_combine(m->table.combine, &value, set->values[way]))
            return overflow(m, key);
        if (value > UINT32_MAX)
            return leave_large(m, set, way, value);
    } else if (value > UINT32_MAX) {
        return let_go(m, key, value);
    } else {
        way = least_short(set);
        if (let_go(m, set->keys[way], set->values[way]) < 0)
            return -1;
        set->keys[way] = key;
    }
    set->values[way] = (uint32_t)value;
    if (way > 0 && value > set->values[way - 1])
        change_places(set, way, way - 1);
    return 0;
}

/* Looks now and then whether the table of long keys is worth its time. */
static void watch(struct mr_combiner *c, bool hit)
{
    c->hits += hit;
    if (++c->seen < WATCH)
        return;
    if (c->hits < WATCH / 16)
        c->passing = PASS;
    c->seen = c->hits = 0;
}

static struct mr_long_slot *find_long(const struct mr_combiner *c, struct mr_long_set *set,
                                      uint32_t tag, const unsigned char *key, uint32_t size)
{
    for (int i = 0; i < MR_LONG_WAYS; i++) {
        struct mr_long_slot *slot = &set->slots[i];
        if (slot->tag == tag && slot->size == size && mr_same_long(c->arena + slot->at, key, size))
            return slot;
    }
    return NULL;
}

static struct mr_long_slot *least_long(struct mr_long_set *set)
{
    struct mr_long_slot *least = set->slots;
    for (int i = 1; i < MR_LONG_WAYS; i++)
        if (set->slots[i].value < least->value)
            least = &set->slots[i];
    return least;
}

int mr_mapper_add_long(struct mr_mapper *m, uint64_t lookup, const unsigned char *key,
                       uint32_t size, uint64_t value)
{
    struct mr_combiner *c = &m->table;
    if (c->passing > 0 || value > UINT32_MAX) {
        c->passing -= c->passing > 0;
        return leave_long(m, key, size, value);
    }
    uint32_t tag = (uint32_t)(lookup >> 32);
    struct mr_long_set *set = mr_long_set(c, lookup);
    struct mr_long_slot *slot = find_long(c, set, tag, key, size);
    watch(c, slot != NULL);
    if (slot != NULL) {
        (void)mr_combine(c->combine, &value, slot->value); /* both have 32 bits: no overflow */
        slot->value = (uint32_t)value;
        if (value <= UINT32_MAX)
            return 0;
        slot->size = slot->value = 0;
        return leave_long(m, key, size, value);
    }
    if (c->arena_used + size > c->arena_size && flush_longs(m) < 0)
        return -1;
    slot = least_long(set);
    if (leave_slot(m, slot) < 0)
        return -1;
    *slot = (struct mr_long_slot){ tag, (uint32_t)value, (uint32_t)c->arena_used, size };
    mr_copy_long(c->arena + c->arena_used, key, size);
    c->arena_used += size;
    return 0;
}

/* ---- the public functions --------------------------------------------------------------- */

int mr_mapper_refuse(struct mr_mapper *m, const char *what)
{
    mr_error_set(m->err, "the job '%s' is wrong: %s between the parts of a key, whose last "
                         "mr_emit_part must come first", m->job->name, what);
    return mr_error_final(m->err);
}

int mr_emit_part(struct mr_mapper *m, const void *bytes, size_t size, bool last, uint64_t value)
{
    const unsigned char *from = bytes;
    m->in_parts = !last;
    if (m->job->rekey && size > 0) {
        unsigned char *to = rekey_room(m, size);
        if (to == NULL)
            return -1;
        size = m->job->rekey(m->state, from, size, to);
        from = to;
    }
    if (!m->beside && m->part.size + size > m->plan->key_max) {
        m->beside = true;
        if (m->part.size > 0 &&
            mr_key_writer_add(&m->keys, m->part.at, m->part.size, m->err) < 0)
            return -1;
        m->part.size = 0;
    }
    if (m->beside) {
        if (mr_key_writer_add(&m->keys, from, size, m->err) < 0)
            return -1;
    } else if (mr_buffer_add(&m->part, from, size) < 0) {
        return mr_error_memory(m->err, size, "a key");
    }
    if (!last)
        return 0;
    m->emitted += value;
    if (m->beside) {
        m->beside = false;
        return leave_beside(m, value);
    }
    size = m->part.size;
    m->part.size = 0;
    return mr_shuffle_add(&m->shuffle, mr_hash(m->part.at, size), m->part.at, (uint32_t)size,
                          false, value, m->err);
}

/* Emits a key that is larger than records hold, in parts that a block of memory is enough for. */
static int emit_large(struct mr_mapper *m, const unsigned char *key, size_t size, uint64_t value)
{
    while (size > PART) {
        size_t part = PART - mr_utf8_unfinished(key, PART);
        if (mr_emit_part(m, key, part, false, 0) < 0)
            return -1;
        key += part;
        size -= part;
    }
    return mr_emit_part(m, key, size, true, value);
}

int mr_emit(struct mr_mapper *m, const void *key, size_t size, uint64_t value)
{
    if (mr_mapper_between_keys(m, "mr_emit was called") < 0)
        return -1;
    if (size > m->plan->key_max)
        return emit_large(m, key, size, value);
    m->emitted += value;
    if (size > MR_SHORT_KEY)
        return mr_mapper_add_long(m, mr_lookup_long(&m->plan->seed, key, size), key,
                                  (uint32_t)size, value);
    struct mr_short s = mr_short_copy(key, size);
    struct mr_short_set *set = mr_short_set(&m->table, mr_lookup_short(m->plan->seed.shorts, s));
    return mr_mapper_add_short(m, set, s, value);
}
