/*
 * Groups: where each file is counted apart, keys begin with a number, its highest byte first, of
 * which all but two bits are the rank of their file among all inputs. So the same word of two files
 * is two keys, and in the order of keys those of a file are together.
 *
 *     "to" of the third file    00 00 00 00 00 00 0A 't' 'o'        10 = 4 * 2 + MR_GROUP_KEYS
 *
 * Where shares of a file are shown, there are other keys before those of the file, whose values are
 * how much there is of it: parts, from each map task that reads it, which only the writer adds, as
 * all of a file may be more than 64 bits hold. So no two of these keys are the same: behind the
 * number they have that of the task, and one of its own.
 */
#ifndef MR_STORE_GROUP_H
#define MR_STORE_GROUP_H

#include "store/record.h"

enum { MR_GROUP_SIZE = 7, MR_GROUP_PART_SIZE = MR_GROUP_SIZE + 8 };

/* The two bits: what a value is. */
enum mr_group_kind {
    MR_GROUP_ALL,     /* a part of what of the file's was emitted */
    MR_GROUP_DROPPED, /* a part of what the job dropped of that, as if it had never been */
    MR_GROUP_KEYS     /* a key's */
};

static inline uint64_t mr_group_make(uint64_t source, enum mr_group_kind kind)
{
    return source << 2 | kind;
}

static inline uint64_t mr_group_source(uint64_t group)
{
    return group >> 2;
}

static inline enum mr_group_kind mr_group_kind(uint64_t group)
{
    return (enum mr_group_kind)(group & 3);
}

static inline void mr_group_put(unsigned char *to, uint64_t group)
{
    uint64_t bytes = htobe64(group << 8);
    memcpy(to, &bytes, MR_GROUP_SIZE);
}

/* The number that a record's key begins with. */
static inline uint64_t mr_group_of(const struct mr_record *r)
{
    uint64_t bytes = 0;
    memcpy(&bytes, r->out_of_line ? r->key + MR_LOCATOR_SIZE - 8 : r->key, MR_GROUP_SIZE);
    return be64toh(bytes) >> 8;
}

/* How many keys of each file are wanted, of records that come in the order of the groups. */
struct mr_quota {
    uint64_t limit;
    uint64_t group, count; /* the group at hand, and how many of it there were */
};

/* Whether the next record is wanted. */
static inline bool mr_quota_take(struct mr_quota *q, const struct mr_record *r)
{
    uint64_t group = mr_group_of(r);
    if (mr_group_kind(group) != MR_GROUP_KEYS)
        return true;
    if (q->count == 0 || group != q->group) {
        q->group = group;
        q->count = 0;
    }
    q->count += q->count <= q->limit;
    return q->count <= q->limit;
}

#endif
