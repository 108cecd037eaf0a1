/*
 * The combine table: brings equal keys together before they leave the mapper.
 *
 * It is a set-associative cache of a fixed size, near that of the processor's. A key belongs to one
 * set of a few slots; when the set is full, the slot with the smallest value is evicted to the
 * shuffle, so frequent keys stay and rare ones pass through. With sets of two slots and the words
 * a b a c a, all in one set: a=1 | a=1 b=1 | a=2 b=1 | b=1 is evicted: a=2 c=1 | a=3 c=1. The table
 * never grows, and what was evicted early is added to its equals in the reducer. A slot whose value
 * has become larger than that before it is swapped with it: nearly all look-ups end at the first.
 *
 * Short keys (15 bytes at most) stand in their slots; longer ones in an arena, and the whole
 * table of long keys is evicted when the arena is full. Where hardly any long key is seen twice,
 * they bypass the table for a while: it could only slow them. So do short keys, by their class: how
 * many bytes they have, and whether they begin with a digit. Now and then a few thousand keys are
 * watched; in a table of sales, where each begins with a number of its own,
 *
 *     1000001,2024-07-25,Bree,5    1000002,2024-03-13,Dale,1    1000003,2024-07-25,Bree,2
 *
 * those of 7 bytes that begin with a digit are hopeless, and bypass the table until the next time.
 *
 * Where it matters where a key first stands (collector.h), another array has a place for each slot:
 * that of the key's first token since it entered. What was evicted before has an earlier one.
 */
#ifndef MR_MAP_COMBINE_H
#define MR_MAP_COMBINE_H

#include "map/collector.h"

enum { MR_SHORT_WAYS = 3, MR_LONG_WAYS = 4 }; /* slots in a set */
enum { MR_WAITING = 16 }; /* short keys whose sets are being prefetched */

/* One line of the cache: looking up a rare key costs a cache miss a line. So values have 32 bits
 * here, and one that needs more is evicted. */
struct mr_short_set {
    struct mr_short keys[MR_SHORT_WAYS]; /* all zeros: free */
    uint32_t values[MR_SHORT_WAYS];
    uint32_t unused;
};

/* The key's hash is computed when it enters, while its bytes are in the cache. */
struct mr_long_slot {
    uint32_t hash; /* the upper half of mr_hash_long: which bucket the key leaves for */
    uint32_t value;
    uint64_t tag : 24;  /* of mr_lookup_long */
    uint64_t size : 13; /* 0: free */
    uint64_t at : 27;   /* in the arena */
};

enum { MR_LONG_MAX = (1 << 13) - 1, MR_ARENA_MAX = 1 << 27 }; /* what a slot's fields hold */

/* One line, too. */
struct mr_long_set {
    struct mr_long_slot slots[MR_LONG_WAYS];
};

/* A short key that is to be added to its set. */
struct mr_waiting {
    struct mr_short_set *set; /* NULL: there is none */
    struct mr_short key;
    uint64_t value;
};

enum { MR_SHORT_CLASSES = 32 };

/* How many keys of a class were added, and how many of them made the table evict another. */
struct mr_short_class {
    uint32_t added, evicting;
};

/* Which short keys bypass the table. */
struct mr_short_watch {
    uint32_t hopeless; /* their classes, a bit each */
    bool watching;     /* what follows is watched instead, and all enter the table */
    size_t left;       /* tokens until this changes */
    struct mr_short_class classes[MR_SHORT_CLASSES];
};

struct mr_combiner {
    struct mr_short_set *shorts;
    struct mr_long_set *longs;
    unsigned char *arena;
    uint64_t *short_places, *long_places; /* of each slot, where places matter; else NULL */
    size_t short_sets, long_sets; /* in use, powers of two */
    size_t short_capacity, long_capacity; /* sets that there is memory for */
    size_t arena_size, arena_used;
    uint32_t seen, hits, bypassing; /* long keys: looked up; found; yet to bypass the table */
    uint64_t (*combine)(uint64_t, uint64_t);
    struct mr_seed seed;
    struct mr_collector *out; /* where evicted keys go */
    struct mr_short_record evicted[MR_COLLECTED]; /* on their way there, */
    uint64_t evicted_places[MR_COLLECTED];        /* and their places */
    size_t evicted_count;
    uint64_t collected; /* evicted ones that are there */
    struct mr_waiting waiting[MR_WAITING];
    size_t waiting_next; /* the oldest */
    struct mr_short_watch watch;
};

/* Gets a table with so many sets (powers of two) and bytes of arena. Its errors are the
 * collector's. Returns 0 or -1; release it in either case. */
int mr_combiner_init(struct mr_combiner *c, size_t short_sets, size_t long_sets,
                     size_t arena_size, struct mr_seed seed, struct mr_collector *out);

/* Adds value to a short key in its set, where places do not matter. Returns 0 or -1. */
int mr_combiner_add_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                          uint64_t value);

/* Prefetches the set of a short key, and adds the key when MR_WAITING others have been put, as its
 * set is in the cache then; a hopeless one bypasses the table. Returns 0, or -1 where one that was
 * put before cannot be added. */
int mr_combiner_put_short(struct mr_combiner *c, uint64_t lookup, struct mr_short key,
                          uint64_t value);

/* The class of a short key. */
static inline unsigned mr_short_class(struct mr_short key)
{
    unsigned first = (unsigned)(le64toh(key.low) & 0xFF);
    return mr_short_size(key) | (unsigned)(first - '0' < 10) << 4;
}

/* Takes note that a short key was found, where keys are watched. */
static inline void mr_combiner_watch_found(struct mr_combiner *c, struct mr_short key)
{
    c->watch.classes[mr_short_class(key)].added++;
}

/* Adds it to a short key in its set, and watches what becomes of it. Returns 0 or -1. */
int mr_combiner_watch_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                            uint64_t value);

/* Has a short key bypass the table. Returns 0 or -1. */
int mr_combiner_bypass_short(struct mr_combiner *c, struct mr_short key, uint64_t value);

/* Begins to watch short keys, or decides which of them are hopeless. */
void mr_combiner_turn(struct mr_combiner *c);

/* Says that so many tokens are to come, before they do. */
static inline void mr_combiner_expect(struct mr_combiner *c, size_t count)
{
    if (c->watch.left < count)
        mr_combiner_turn(c);
    c->watch.left -= count;
}

/* Adds value to a key of more than MR_SHORT_KEY and at most key_max bytes; lookup is that of
 * mr_lookup_long, and of no use while long keys bypass the table. Returns 0 or -1. */
int mr_combiner_add_long(struct mr_combiner *c, uint64_t lookup, const unsigned char *key,
                         uint32_t size, uint64_t value);

/* The same where places matter: tokens are to be added in the order of the input. */
int mr_combiner_place_short(struct mr_combiner *c, struct mr_short_set *set, struct mr_short key,
                            uint64_t value);
int mr_combiner_place_long(struct mr_combiner *c, uint64_t lookup, const unsigned char *key,
                           uint32_t size, uint64_t value);

/* Evicts all keys; the table may only be restarted, or released, then. Returns 0 or -1. */
int mr_combiner_flush(struct mr_combiner *c);

/* Begins with an empty table, no larger than so many bytes of input need, so that flushing it takes
 * little: it is done for each of many small files. */
void mr_combiner_restart(struct mr_combiner *c, size_t input);

void mr_combiner_release(struct mr_combiner *c);

static inline struct mr_short_set *mr_short_set(const struct mr_combiner *c, uint64_t lookup)
{
    return c->shorts + (lookup & (c->short_sets - 1));
}

static inline struct mr_long_set *mr_long_set(const struct mr_combiner *c, uint64_t lookup)
{
    return c->longs + (lookup & (c->long_sets - 1));
}

static inline bool mr_short_same(struct mr_short a, struct mr_short b)
{
    return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
}

#endif
