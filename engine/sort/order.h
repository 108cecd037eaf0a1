/*
 * The total order of results, and entries that stand in memory to be sorted.
 *
 * Two numbers decide nearly every comparison: a record's rank (its value, turned so that smaller
 * comes first) and the first 8 bytes of its key as a big-endian number. Only where both are
 * equal are the keys looked at.
 */
#ifndef MR_SORT_ORDER_H
#define MR_SORT_ORDER_H

#include "mapreduce.h"
#include "partition/keys.h"

struct mr_ordering {
    bool by_value; /* else by key alone */
    bool reverse;
};

/* Key bytes [from, from + 8) as a number that compares as they do; zeros behind the end. */
static inline uint64_t mr_prefix(const unsigned char *key, size_t size, size_t from)
{
    unsigned char bytes[8] = { 0 };
    if (from < size)
        memcpy(bytes, key + from, size - from < 8 ? size - from : 8);
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return be64toh(number);
}

/* The first 8 bytes of a record's key as a number. */
static inline uint64_t mr_record_prefix(const struct mr_record *r)
{
    return r->beside ? mr_prefix(r->key + 24, 8, 0) : mr_prefix(r->key, r->size, 0);
}

/* What is compared first: 0 where values do not matter. */
static inline uint64_t mr_rank(struct mr_ordering o, uint64_t value)
{
    return !o.by_value ? 0 : o.reverse ? value : ~value;
}

/* Keys beside records are read by these two while they are compared. */
struct mr_key_pair {
    struct mr_block_reader first, second;
};

/* A record and where a key beside it stands. */
struct mr_placed {
    struct mr_record record;
    const struct mr_spool *spool;
    uint32_t task;
};

/* Compares two records' keys, bytes ascending. Returns 0, or -1 with *order undefined. */
int mr_compare_keys(const struct mr_placed *a, const struct mr_placed *b,
                    struct mr_key_pair *readers, int *order, struct mr_error *err);

/* A record in memory. */
struct mr_entry {
    uint64_t value;
    uint64_t prefix; /* of the key; sorting changes it */
    uint32_t at;     /* of the key in the arena */
    uint32_t size : 31;
    uint32_t beside : 1; /* the arena has a locator of it */
};

/* Sorts entries so that the first `first` of them are right, and puts them in front. Keys
 * beside them stand in place, a spool with its task. Returns 0 or -1. */
int mr_sort_entries(struct mr_entry *entries, size_t count, size_t first,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err);

#endif
