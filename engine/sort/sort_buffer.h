/*
 * The sort buffer: a fixed piece of memory in which records gather to be sorted, their bytes and an
 * entry for each.
 *
 *     region   | key value key value ->              <- entries |
 *
 * Keys, with their values where these are bytes, grow from the front, and entries from the back,
 * until they meet: then the buffer is full, and its owner sorts it and writes it to a run.
 */
#ifndef MR_SORT_SORT_BUFFER_H
#define MR_SORT_SORT_BUFFER_H

#include "sort/order.h"
#include "store/value.h"

enum { MR_KEY_SLACK = 8 }; /* room behind a key: its slice is read whole, wherever it ends */
_Static_assert(MR_KEY_SLACK + sizeof(struct mr_entry) >= MR_BLOCK_SLACK,
               "as much may be read behind a record as in a block: it has an entry behind it");

struct mr_sort_buffer {
    unsigned char *region;
    size_t size, used; /* bytes of the region; of keys and values in it */
    uint32_t count;    /* entries */
    bool huge;         /* it is on huge pages, but for its ends */
};

/* Gets a buffer of about memory bytes. Returns 0 or -1; release it in either case. */
int mr_sort_buffer_init(struct mr_sort_buffer *p, size_t memory, struct mr_error *err);

void mr_sort_buffer_release(struct mr_sort_buffer *p);

/* Forgets all records. */
static inline void mr_sort_buffer_clear(struct mr_sort_buffer *p)
{
    p->used = 0;
    p->count = 0;
}

/* The entries, as an array. */
static inline struct mr_entry *mr_sort_buffer_entries(const struct mr_sort_buffer *p)
{
    return (struct mr_entry *)(void *)(p->region + p->size) - p->count;
}

/* Bytes that are in use. */
static inline size_t mr_sort_buffer_bytes(const struct mr_sort_buffer *p)
{
    return p->used + p->count * sizeof(struct mr_entry);
}

/* Whether there is room for so many bytes and their entry. */
static inline bool mr_sort_buffer_has_room(const struct mr_sort_buffer *p, size_t bytes)
{
    return p->used + bytes + (p->count + (size_t)1) * sizeof(struct mr_entry) <= p->size;
}

/* The entry of a record whose key stands at so many bytes, and has this first slice. */
static inline struct mr_entry mr_sort_buffer_entry(const struct mr_record *r, uint64_t slice,
                                                   size_t at)
{
    return (struct mr_entry){
        .value = r->value,
        .slice = slice,
        .at = (uint32_t)at,
        .size = r->size & 0x7FFFFFFF,
        .out_of_line = r->out_of_line,
    };
}

/* Makes an entry for a record, for which there is room, whose key's first slice is given. Returns
 * where the key's bytes go, which count as used. */
static inline unsigned char *mr_sort_buffer_put(struct mr_sort_buffer *p, const struct mr_record *r,
                                                uint64_t slice)
{
    unsigned char *to = p->region + p->used;
    p->count++;
    *mr_sort_buffer_entries(p) = mr_sort_buffer_entry(r, slice, p->used);
    p->used += r->size;
    return to;
}

/* Has a buffer that has become large use huge pages from here on, where the kernel has them: once
 * sorted, its records are read from anywhere in it, and with small pages most of that time goes to
 * misses of the TLB. For a small buffer a huge page costs more than that. To be called now and
 * then. */
void mr_sort_buffer_use_huge(struct mr_sort_buffer *p);

/* Where the next record's key goes, if there is room for a record of so many bytes; else NULL. */
static inline unsigned char *mr_sort_buffer_room(const struct mr_sort_buffer *p, size_t bytes)
{
    return mr_sort_buffer_has_room(p, bytes + MR_KEY_SLACK) ? p->region + p->used : NULL;
}

/* Bytes that a record takes at most, with its value or NULL, besides its entry. */
static inline size_t mr_sort_buffer_takes(const struct mr_record *r, const struct mr_value *value)
{
    return r->size + (value ? MR_VALUE_HEAD_MAX + (size_t)value->size : 0) + MR_KEY_SLACK;
}

/* Copies a record's key, which may stand there, and its value, or NULL, to where they go. Returns
 * the byte behind them. */
static inline unsigned char *mr_sort_buffer_copy(unsigned char *to, const struct mr_record *r,
                                                 const struct mr_value *value)
{
    if (to != r->key)
        memcpy(to, r->key, r->size);
    return value ? mr_value_put(to + r->size, value) : to + r->size;
}

/* Adds a record, whose number is r->value, with its value, which is bytes; NULL: it has none. Its
 * key may stand where it goes. Returns where the value was put, or NULL when the buffer is full. */
unsigned char *mr_sort_buffer_add(struct mr_sort_buffer *p, const struct mr_record *r,
                                  const struct mr_value *value);

/* The record of an entry; its value stands behind its key. */
static inline struct mr_record mr_sort_buffer_record(const struct mr_sort_buffer *p,
                                                     const struct mr_entry *e)
{
    return (struct mr_record){ p->region + e->at, e->size, e->out_of_line, e->value };
}

#endif
