/* The combine table. */
#include "map/combine.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum {
    WATCH = 1 << 14, /* long keys over which the hit rate is measured */
    PASS = 31 * WATCH, /* long keys that bypass the table where it was below 1 in 16 */
    WATCHED = 1 << 13, /* tokens whose short keys are watched, */
    UNWATCHED = 63 * WATCHED, /* and those between them */
    KNOWN = WATCHED / 16 /* of a class; fewer are not worth a look at the class of each */
};

/* ---- memory ----------------------------------------------------------------------------- */

static size_t short_bytes(const struct mr_combiner *c)
{
    return c->short_capacity * sizeof *c->shorts;
}

static size_t long_bytes(const struct mr_combiner *c)
{
    return c->long_capacity * sizeof *c->longs;
}

static size_t short_place_bytes(const struct mr_combiner *c)
{
    return c->short_capacity * MR_SHORT_WAYS * sizeof *c->short_places;
}

static size_t long_place_bytes(const struct mr_combiner *c)
{
    return c->long_capacity * MR_LONG_WAYS * sizeof *c->long_places;
}

static int get_places(struct mr_combiner *c)
{
    c->short_places = mr_memory_get(short_place_bytes(c));
    c->long_places = mr_memory_get(long_place_bytes(c));
    return c->short_places != NULL && c->long_places != NULL
               ? 0
               : mr_error_memory(c->out->err, short_place_bytes(c) + long_place_bytes(c),
                                 "the places of a combine table");
}

int mr_combiner_init(struct mr_combiner *c, size_t short_sets, size_t long_sets,
                     size_t arena_size, struct mr_seed seed, struct mr_collector *out)
{
    memset(c, 0, sizeof *c);
    c->combine = out->job->combine;
    c->seed = seed;
    c->out = out;
    c->short_sets = c->short_capacity = short_sets;
    c->long_sets = c->long_capacity = long_sets;
    c->arena_size = arena_size < MR_ARENA_MAX ? arena_size : MR_ARENA_MAX;
    c->shorts = mr_memory_get_huge(short_bytes(c));
    c->longs = mr_memory_get(long_bytes(c));
    c->arena = mr_memory_get(c->arena_size);
    if (c->shorts == NULL || c->longs == NULL || c->arena == NULL)
        return mr_error_memory(out->err, short_bytes(c) + long_bytes(c) + arena_size,
                               "a combine table");
    return out->by_place ? get_places(c) : 0;
}

void mr_combiner_release(struct mr_combiner *c)
{
    mr_memory_release(c->shorts, short_bytes(c));
    mr_memory_release(c->longs, long_bytes(c));
    mr_memory_release(c->arena, c->arena_size);
    mr_memory_release(c->short_places, short_place_bytes(c));
    mr_memory_release(c->long_places, long_place_bytes(c));
    memset(c, 0, sizeof *c);
}

/* ---- evicting --------------------------------------------------------------------------- */

static bool is_free(struct mr_short key)
{
    return key.high == 0;
}

static int collect_evicted(struct mr_combiner *c)
{
    size_t count = c->evicted_count;
    c->evicted_count = 0;
    c->collected += count;
    return mr_collect_shorts(c->out, c->evicted, c->evicted_places, count);
}

/* Evicts what a slot holds. Evictions are batched, so that their cache misses overlap. */
static inline int evict(struct mr_combiner *c, struct mr_short key, uint64_t value)
{
    c->evicted[c->evicted_count] = (struct mr_short_record){ key, value };
    c->evicted_count += !is_free(key);
    return c->evicted_count < MR_COLLECTED ? 0 : collect_evicted(c);
}

/* A slot's place in the places of a set, or of all sets; NULL where places do not matter. */
static inline uint64_t *place_of(uint64_t *places, size_t slot)
{
    return places ? places + slot : NULL;
}

/* Evicts a key and its place, if that matters. */
static inline int evict_placed(struct mr_combiner *c, struct mr_short key, uint64_t value,
                               const uint64_t *place)
{
    if (place != NULL)
        c->evicted_places[c->evicted_count] = *place;
    return evict(c, key, value);
}

static inline size_t index_of(const struct mr_combiner *c, const struct mr_long_slot *slot)
{
    return (size_t)(slot - c->longs->slots);
}

/* Evicts what a slot holds; the slot is free then. */
static inline int evict_slot(struct mr_combiner *c, struct mr_long_slot *slot,
                             const uint64_t *place)
{
    const struct mr_long_slot leaving = *slot;
    if (leaving.size == 0)
        return 0;
    slot->size = 0;
    slot->value = 0;
    if (place != NULL)
        c->out->first = *place;
    return mr_collect_long(c->out, (uint64_t)leaving.hash << 32, c->arena + leaving.at,
                           leaving.size, leaving.value);
}

static int flush_longs(struct mr_combiner *c)
{
    for (size_t i = 0; i < c->long_sets; i++)
        for (int way = 0; way < MR_LONG_WAYS; way++)
            if (evict_slot(c, &c->longs[i].slots[way],
                           place_of(c->long_places, i * MR_LONG_WAYS + (size_t)way)) < 0)
                return -1;
    c->arena_used = 0;
    return 0;
}

void mr_combiner_restart(struct mr_combiner *c, size_t input)
{
    memset(c->shorts, 0, c->short_sets * sizeof *c->shorts);
    /* A short key and what ends it are 2 bytes at least, but mostly more. */
    c->short_sets = c->short_capacity;
    while (c->short_sets > 16 && c->short_sets / 2 > input / 4)
        c->short_sets /= 2;
    c->long_sets = c->long_capacity;
    while (c->long_sets > 16 && c->long_sets / 2 > input / MR_SHORT_KEY)
        c->long_sets /= 2;
}

/* ---- entering the table ----------------------------------------------------------------- */

/* The slot of a set that holds the key, or MR_SHORT_WAYS. All are compared: which one it is cannot
 * be predicted, and a mispredicted branch costs more than the comparisons. */
static int find_short(const struct mr_short_set *set, struct mr_short key)
{
    unsigned same = 1 << MR_SHORT_WAYS;
    for (int i = 0; i < MR_SHORT_WAYS; i++)
        same |= (unsigned)mr_short_same(set->keys[i], key) << i;
    return __builtin_ctz(same);
}

/* The slot to evict: a free one, whose value is 0, or one with the smallest value. */
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

static inline void swap_slots(struct mr_short_set *set, int way, int other, uint64_t *places)
{
    if (places != NULL) {
        uint64_t place = places[way];
        places[way] = places[other];
        places[other] = place;
    }
    struct mr_short key = set->keys[way];
    uint32_t value = set->values[way];
    set->keys[way] = set->keys[other];
    set->values[way] = set->values[other];
    set->keys[other] = key;
    set->values[other] = value;
}

/* Evicts a value that is too large to be held. */
static int evict_large(struct mr_combiner *c, struct mr_short_set *set, int way, uint64_t value,
                       const uint64_t *place)
{
    struct mr_short key = set->keys[way];
    set->keys[way] = (struct mr_short){ 0, 0 };
    set->values[way] = 0;
    return evict_placed(c, key, value, place);
}

static __attribute__((noinline)) int overflow(const struct mr_combiner *c, struct mr_short key)
{
    unsigned char bytes[sizeof key];
    memcpy(bytes, &key, sizeof key);
    struct mr_record r = { bytes, mr_short_size(key), false, 0 };
    return mr_record_overflow(&r, 0, c->out->err);
}

/* places are those of the set's slots, place is that of the key's token. Compiled with and without
 * them. */
static inline __attribute__((always_inline)) int add_short(struct mr_combiner *c,
                                                           struct mr_short_set *set,
                                                           struct mr_short key, uint64_t value,
                                                           uint64_t *places, const uint64_t *place)
{
    int way = find_short(set, key);
    if (way < MR_SHORT_WAYS) {
        if (!mr_combine(c->combine, &value, set->values[way]))
            return overflow(c, key);
        if (value > UINT32_MAX)
            return evict_large(c, set, way, value, place_of(places, (size_t)way));
    } else if (value > UINT32_MAX) {
        return evict_placed(c, key, value, place);
    } else {
        way = least_short(set);
        if (evict_placed(c, set->keys[way], set->values[way], place_of(places, (size_t)way)) < 0)
            return -1;
        set->keys[way] = key;
        if (places != NULL)
            places[way] = *place;
    }
    set->values[way] = (uint32_t)value;
    if (way > 0 && value > set->values[way - 1])
        swap_slots(set, way, way - 1, places);
    return 0;
}

int mr_combiner_add_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                          uint64_t value)
{
    return add_short(c, set, key, value, NULL, NULL);
}

int mr_combiner_place_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                            uint64_t value)
{
    const uint64_t place = c->out->emissions++;
    uint64_t *places = c->short_places + (size_t)(set - c->shorts) * MR_SHORT_WAYS;
    return add_short(c, set, key, value, places, &place);
}

int mr_combiner_watch_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                            uint64_t value)
{
    struct mr_short_class *class = &c->watch.classes[mr_short_class(key)];
    const uint64_t before = c->collected + c->evicted_count;
    int result = mr_combiner_add_short(c, set, key, value);
    class->added++;
    class->evicting += c->collected + c->evicted_count > before;
    return result;
}

int mr_combiner_bypass_short(struct mr_combiner *c, struct mr_short key, uint64_t value)
{
    return evict(c, key, value);
}

void mr_combiner_turn(struct mr_combiner *c)
{
    struct mr_short_watch *w = &c->watch;
    bool decides = w->watching;
    uint32_t hopeless = 0;
    for (unsigned i = 0; decides && i < MR_SHORT_CLASSES; i++) {
        const struct mr_short_class *class = &w->classes[i];
        bool none = class->added >= KNOWN && class->evicting > class->added / 16 * 15;
        hopeless |= (uint32_t)none << i;
    }
    *w = (struct mr_short_watch){ .hopeless = hopeless, .watching = !decides,
                                  .left = decides ? UNWATCHED : WATCHED };
}

static int add_waiting(struct mr_combiner *c, struct mr_waiting *w)
{
    const struct mr_waiting due = *w;
    w->set = NULL;
    if (due.set == NULL)
        return 0;
    return c->watch.watching ? mr_combiner_watch_short(c, due.set, due.key, due.value)
                             : mr_combiner_add_short(c, due.set, due.key, due.value);
}

int mr_combiner_put_short(struct mr_combiner *c, uint64_t lookup, struct mr_short key,
                          uint64_t value)
{
    mr_combiner_expect(c, 1);
    if (c->watch.hopeless >> mr_short_class(key) & 1)
        return mr_combiner_bypass_short(c, key, value);
    struct mr_waiting *w = &c->waiting[c->waiting_next++ % MR_WAITING];
    int result = add_waiting(c, w);
    *w = (struct mr_waiting){ mr_short_set(c, lookup), key, value };
    __builtin_prefetch(w->set, 1);
    return result;
}

/* Every WATCH long keys, decides whether the table finds enough of them to be worth its time. */
static void watch(struct mr_combiner *c, bool hit)
{
    c->hits += hit;
    if (++c->seen < WATCH)
        return;
    if (c->hits < WATCH / 16)
        c->bypassing = PASS;
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

/* Collects a key that does not enter the table. */
static inline int bypass(struct mr_combiner *c, const unsigned char *key, uint32_t size,
                         uint64_t value, const uint64_t *place)
{
    if (place != NULL)
        c->out->first = *place;
    return mr_collect_long(c->out, mr_hash_long(key, size), key, size, value);
}

/* places are those of all slots, place is that of the key's token. Compiled with and without
 * them. */
static inline __attribute__((always_inline)) int add_long(struct mr_combiner *c, uint64_t lookup,
                                                          const unsigned char *key, uint32_t size,
                                                          uint64_t value, uint64_t *places,
                                                          const uint64_t *place)
{
    if (c->bypassing > 0 || value > UINT32_MAX || size > MR_LONG_MAX) {
        c->bypassing -= c->bypassing > 0;
        return bypass(c, key, size, value, place);
    }
    uint32_t tag = (uint32_t)(lookup >> 40);
    struct mr_long_set *set = mr_long_set(c, lookup);
    struct mr_long_slot *slot = find_long(c, set, tag, key, size);
    watch(c, slot != NULL);
    if (slot != NULL) {
        (void)mr_combine(c->combine, &value, slot->value); /* both have 32 bits: no overflow */
        slot->value = (uint32_t)value;
        if (value <= UINT32_MAX)
            return 0;
        slot->size = 0;
        slot->value = 0;
        return bypass(c, key, size, value, place_of(places, index_of(c, slot)));
    }
    if (c->arena_used + size > c->arena_size && flush_longs(c) < 0)
        return -1;
    slot = least_long(set);
    if (evict_slot(c, slot, place_of(places, index_of(c, slot))) < 0)
        return -1;
    if (places != NULL)
        places[index_of(c, slot)] = *place;
    *slot = (struct mr_long_slot){ .hash = (uint32_t)(mr_hash_long(key, size) >> 32),
                                   .value = (uint32_t)value, .tag = tag & 0xFFFFFF,
                                   .size = size & MR_LONG_MAX,
                                   .at = c->arena_used & (MR_ARENA_MAX - 1) };
    mr_copy_long(c->arena + c->arena_used, key, size);
    c->arena_used += size;
    return 0;
}

int mr_combiner_add_long(struct mr_combiner *c, uint64_t lookup, const unsigned char *key,
                         uint32_t size, uint64_t value)
{
    return add_long(c, lookup, key, size, value, NULL, NULL);
}

int mr_combiner_place_long(struct mr_combiner *c, uint64_t lookup, const unsigned char *key,
                           uint32_t size, uint64_t value)
{
    const uint64_t place = c->out->emissions++;
    return add_long(c, lookup, key, size, value, c->long_places, &place);
}

/* ---- flushing --------------------------------------------------------------------------- */

int mr_combiner_flush(struct mr_combiner *c)
{
    for (size_t i = 0; i < MR_WAITING; i++)
        if (add_waiting(c, &c->waiting[i]) < 0)
            return -1;
    for (size_t i = 0; i < c->short_sets; i++)
        for (int way = 0; way < MR_SHORT_WAYS; way++)
            if (evict_placed(c, c->shorts[i].keys[way], c->shorts[i].values[way],
                             place_of(c->short_places, i * MR_SHORT_WAYS + (size_t)way)) < 0)
                return -1;
    return collect_evicted(c) < 0 ? -1 : flush_longs(c);
}
