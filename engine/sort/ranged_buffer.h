/*
 * A sort buffer that has become large: from there on, its records stand by ranges of their keys.
 *
 * Where records stand as they come, each step to the next in order is one to another end of the
 * memory. So those that have gathered show which ranges there are (key_ranges.h), and each record
 * after them goes to a piece of memory that is of its range, keys from the front and entries from
 * the back, as in the buffer. A range fits in the cache when it is sorted and read:
 *
 *     region   | the first ones | k k <- e e | b a <- e e | p o <- e e | d -> <- e |     room |
 *                                  range 1      range 0      range 2     range 0       to sort in
 *
 * Of the first ones only the entries go to pieces. Ranges are sorted one after another, the entries
 * of each side by side at the region's end, where room for the largest is always left. Should one
 * get most of the records, as when these come sorted, there is nothing to gain: then all entries
 * are put there, and the buffer goes on as it began.
 */
#ifndef MR_SORT_RANGED_BUFFER_H
#define MR_SORT_RANGED_BUFFER_H

#include "sort/key_ranges.h"
#include "sort/sort_buffer.h"

/* When a buffer is to be ranged, and how. */
struct mr_ranged_plan {
    size_t least;   /* its size */
    size_t first;   /* bytes that are in use of it */
    uint32_t piece; /* bytes of a piece, a multiple of 64 */
};

/* What pays: of fewer bytes, much is in the cache in any order. Pieces are no power of two, so that
 * what is written of many at the same time is in different sets of it. */
extern const struct mr_ranged_plan mr_ranged_plan;

/* Where the next record of a range goes. */
struct mr_range {
    uint32_t front, back; /* of what is free of its newest piece, which */
    uint32_t piece;       /* stands here; 0: there is none */
    uint32_t count;       /* of its entries */
};

struct mr_ranged_buffer {
    bool open;      /* records go to ranges, */
    bool tried;     /* or did, or do */
    uint32_t next;  /* range that is given */
    uint32_t piece; /* bytes of one */
    size_t room;    /* bytes that are left at the region's end, to sort in */
    size_t look_at; /* at so many bytes of records it is looked whether ranges pay */
    struct mr_range range[MR_KEY_RANGES];
    struct mr_key_ranges keys;
};

/* Forgets all records, as the buffer does. */
static inline void mr_ranged_clear(struct mr_ranged_buffer *r)
{
    r->open = r->tried = false;
}

/* Whether to open ranges pays now. */
static inline bool mr_ranged_pays(const struct mr_ranged_buffer *r, const struct mr_sort_buffer *p,
                                  const struct mr_ranged_plan *plan)
{
    enum { SMALL = 1 << 10 };
    return !r->tried && p->size >= plan->least && mr_sort_buffer_bytes(p) >= plan->first &&
           p->used / SMALL < p->count;
}

/* Copies a sample of the entries to free memory of the buffer; *count is how many they are. Returns
 * them, or NULL where there are too few, or too little room. They are sorted then, and ranges
 * opened. */
struct mr_entry *mr_ranged_sample(const struct mr_sort_buffer *p, const struct mr_ranged_plan *plan,
                                  size_t *count);

/* Has the buffer's further records go to ranges, by such a sample in order; the keys of all have
 * their first `shared` bytes in common, and those that are out-of-line stand in place, a spool with
 * its task. Returns 0 or -1. */
int mr_ranged_open(struct mr_ranged_buffer *r, struct mr_sort_buffer *p,
                   const struct mr_ranged_plan *plan, const struct mr_entry *sample, size_t count,
                   uint32_t shared, struct mr_key_place place, struct mr_key_pair *readers,
                   struct mr_error *err);

/* Adds a record to a range, as mr_sort_buffer_add does. */
unsigned char *mr_ranged_add(struct mr_ranged_buffer *r, struct mr_sort_buffer *p, uint32_t range,
                             const struct mr_record *record, const struct mr_value *value);

/* Looks now and then whether ranges pay, and closes them where one has most of the records, as when
 * these come sorted: further ones are to be added to the buffer as before, which has all of them
 * then. */
void mr_ranged_look(struct mr_ranged_buffer *r, struct mr_sort_buffer *p,
                    const struct mr_ranged_plan *plan);

/* Gives the entries of the next range that has some, from the first on, which stand until the next
 * call; *count is how many they are. Returns NULL after the last. */
struct mr_entry *mr_ranged_next(struct mr_ranged_buffer *r, const struct mr_sort_buffer *p,
                                size_t *count);

#endif
