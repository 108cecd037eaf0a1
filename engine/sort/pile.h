/*
 * A pile: records gathered in a fixed piece of memory to be sorted; what they have of bytes, and an
 * entry of each.
 *
 *     region   | key value key value ->              <- entries |
 *
 * Keys, with their values where these are bytes, grow from the front, and entries from the back,
 * until they meet: then the pile is full, and its owner writes it to a run.
 */
#ifndef MR_SORT_PILE_H
#define MR_SORT_PILE_H

#include "sort/order.h"
#include "store/value.h"

struct mr_pile {
    unsigned char *region;
    size_t size, used; /* bytes of the region; of keys and values in it */
    uint32_t count;    /* entries */
    bool huge;         /* it is on huge pages, but for its ends */
};

/* Gets a pile of about memory bytes. Returns 0 or -1; release it in either case. */
int mr_pile_init(struct mr_pile *p, size_t memory, struct mr_error *err);

void mr_pile_release(struct mr_pile *p);

/* Forgets all records. */
static inline void mr_pile_clear(struct mr_pile *p)
{
    p->used = 0;
    p->count = 0;
}

/* The entries, as an array. */
static inline struct mr_entry *mr_pile_entries(const struct mr_pile *p)
{
    return (struct mr_entry *)(void *)(p->region + p->size) - p->count;
}

/* Bytes that are in use. */
static inline size_t mr_pile_bytes(const struct mr_pile *p)
{
    return p->used + p->count * sizeof(struct mr_entry);
}

/* Whether there is room for so many bytes and their entry. */
static inline bool mr_pile_has_room(const struct mr_pile *p, size_t bytes)
{
    return p->used + bytes + (p->count + (size_t)1) * sizeof(struct mr_entry) <= p->size;
}

/* Makes an entry for a record, for which there is room, whose key's first word is at hand. Returns
 * where the key's bytes go, which count as used. */
static inline unsigned char *mr_pile_put(struct mr_pile *p, const struct mr_record *r,
                                         uint64_t word)
{
    unsigned char *to = p->region + p->used;
    p->count++;
    *mr_pile_entries(p) = (struct mr_entry){
        .value = r->value,
        .word = word,
        .at = (uint32_t)p->used,
        .size = r->size & 0x7FFFFFFF,
        .out_of_line = r->out_of_line,
    };
    p->used += r->size;
    return to;
}

/* To be called now and then: a pile that has become large goes on on huge pages, where the kernel
 * has them. Sorted, its records are read from anywhere in it, and with small pages mostly that is
 * what it waits for; but for a small pile a huge page costs more than that. */
void mr_pile_look(struct mr_pile *p);

/* Adds a record, whose number is r->value, with its value, which is bytes. Returns where the value
 * was put, or NULL when the pile is full. */
unsigned char *mr_pile_add(struct mr_pile *p, const struct mr_record *r,
                           const struct mr_value *value);

/* The record of an entry; its value stands behind its key. */
static inline struct mr_record mr_pile_record(const struct mr_pile *p, const struct mr_entry *e)
{
    return (struct mr_record){ p->region + e->at, e->size, e->out_of_line, e->value };
}

#endif
