/*
 * The total order of results, and the entries that records have in memory to be sorted.
 *
 * Two numbers decide nearly every comparison: a record's rank (its value, inverted where larger
 * ones come first) and a slice of its key, as in Masstree (Mao, Kohler and Morris, EuroSys 2012):
 * 7 of its bytes, big-endian, and in the lowest byte how many of them are the key's, or 8 if the
 * key continues behind them. Slices compare as the keys do, whatever bytes these have and wherever
 * they end; only two that are equal and continue leave it to the keys' next slices.
 *
 *     "to" = 74 6F 00 00 00 00 00 02      "tomorrow" = 74 6F 6D 6F 72 72 6F 08, then 77 00 .. 01
 */
#ifndef MR_SORT_ORDER_H
#define MR_SORT_ORDER_H

#include "mapreduce.h"
#include "store/group.h"
#include "store/keys.h"

/* As a limit to the first records of an order: none. */
#define MR_ALL UINT64_MAX

struct mr_ordering {
    bool by_value; /* else by key alone */
    bool reverse;
    bool values;   /* records have values that are bytes (store/value.h), and so many may have the
                      same key: these are in the order of their numbers, or where */
    bool by_bytes; /* is set in that of their values' bytes, reversed as the keys are */
    bool by_group; /* keys begin with a group (store/group.h), which decides before all else,
                      whatever is reversed */
};

enum {
    MR_SLICE_BYTES = 7, /* of the key, in a slice */
    MR_SLICE_CONTINUES = 8
};
_Static_assert((int)MR_GROUP_SIZE == (int)MR_SLICE_BYTES, "a group is a key's first slice");

/* The slice of the key's bytes from `from` <= size on. */
static inline uint64_t mr_slice(const unsigned char *key, size_t size, size_t from)
{
    size_t left = size - from;
    uint64_t number = 0;
    if (left > MR_SLICE_BYTES) { /* one load: a copy of unknown size would be a call */
        memcpy(&number, key + from, sizeof number);
        return (be64toh(number) & ~(uint64_t)0xFF) | MR_SLICE_CONTINUES;
    }
    number = htole64(mr_get_few(key + from, left));
    return be64toh(number) | left;
}

/* Whether keys with this slice continue behind it: else all of them are equal. */
static inline bool mr_slice_continues(uint64_t slice)
{
    return (slice & 0xFF) == MR_SLICE_CONTINUES;
}

/* The first slice of a record's key. */
static inline uint64_t mr_record_slice(const struct mr_record *r)
{
    return r->out_of_line ? mr_slice(r->key + 24, 8, 0) : mr_slice(r->key, r->size, 0);
}

/* What is compared first: 0 where values do not matter. */
static inline uint64_t mr_rank(struct mr_ordering o, uint64_t value)
{
    return !o.by_value ? 0 : o.reverse ? value : ~value;
}

/* How many bytes of keys are not the job's. */
static inline size_t mr_key_head(struct mr_ordering o)
{
    return o.by_group ? MR_GROUP_SIZE : 0;
}

/* What is compared before that: 0 where there are no groups. */
static inline uint64_t mr_group(struct mr_ordering o, const struct mr_record *r)
{
    return o.by_group ? mr_group_of(r) : 0;
}

/* Out-of-line keys are read by these two while they are compared. */
struct mr_key_pair {
    struct mr_block_reader first, second;
};

/* A record of a file, and which file that is: an out-of-line key stands there. */
struct mr_file_record {
    struct mr_record record;
    const struct mr_spool *spool;
    uint32_t task;
};

/* Compares two records' keys, bytes ascending. Returns 0, or -1 with *order undefined. */
int mr_compare_keys(const struct mr_file_record *a, const struct mr_file_record *b,
                    struct mr_key_pair *readers, int *order, struct mr_error *err);

/* Compares their values, which are bytes and stand behind the keys, in the same way. */
int mr_compare_values(const struct mr_file_record *a, const struct mr_file_record *b,
                      struct mr_key_pair *readers, int *order, struct mr_error *err);

/* A record in memory. */
struct mr_entry {
    uint64_t value;
    uint64_t slice; /* the first of the key; sorting changes it */
    uint32_t at;     /* of the key in the arena */
    uint32_t size : 31;
    uint32_t out_of_line : 1; /* the arena has a locator of it */
};

#endif
