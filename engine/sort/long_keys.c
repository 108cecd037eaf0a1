/* Sorting by keys that are read from files. */
#include "sort/long_keys.h"

#include "sort/numbers.h"

/*
 * A code, from its highest bit:
 *
 *      1 bit     whether the key comes behind the pivot
 *     20 bits    the offset at which it leaves the pivot, inverted behind the pivot, as there a
 *                larger one comes first
 *     40 bits    the key's 5 bytes from that offset on
 *      3 bits    how many bytes it has there, 5 at most
 *
 * Keys that leave the pivot beyond the largest offset have the same code on either side of it.
 */
enum { CODE_BYTES = 5, COUNT_BITS = 3, LOW_BITS = 8 * CODE_BYTES + COUNT_BITS, OFFSET_BITS = 20 };

#define FARTHEST ((UINT64_C(1) << OFFSET_BITS) - 1)
#define BEHIND (UINT64_C(1) << (OFFSET_BITS + LOW_BITS))
#define EQUAL (BEHIND - 1) /* no other code is this */

/* A key being read, a piece at a time. */
struct reading {
    struct mr_key key;
    const unsigned char *bytes;
    size_t size; /* of the piece; 0: the key has ended */
};

struct pivot {
    struct mr_entry entry;
    struct reading first; /* its first piece */
    bool read;            /* that stands in memory */
};

static int read_on(struct reading *r)
{
    r->size = 0;
    return mr_key_next(&r->key, &r->bytes, &r->size) < 0 ? -1 : 0;
}

static int begin(const struct mr_sorting *s, const struct mr_entry *e,
                 struct mr_block_reader *blocks, struct reading *r)
{
    struct mr_record record = { s->arena + e->at, e->size, e->out_of_line, e->value };
    struct mr_key_place place = { s->place.spool, s->place.task, blocks };
    mr_key_open(&r->key, &record, place, s->err);
    return read_on(r);
}

/* Reads two keys up to where they differ, or one of them ends: after *offset bytes. Where that is
 * beyond the first key's piece in memory, its next pieces take that one's place. Returns 0 or
 * -1. */
static int read_common(struct reading *a, struct reading *b, uint64_t *offset)
{
    *offset = 0;
    while (a->size > 0 && b->size > 0) {
        size_t least = a->size < b->size ? a->size : b->size;
        uint32_t same = mr_common(a->bytes, b->bytes, (uint32_t)least);
        *offset += same;
        a->bytes += same;
        a->size -= same;
        b->bytes += same;
        b->size -= same;
        if (same < least)
            return 0;
        if ((a->size == 0 && read_on(a) < 0) || (b->size == 0 && read_on(b) < 0))
            return -1;
    }
    return 0;
}

/* The key's next bytes as the lower bits of a code. Returns 0 or -1. */
static int read_code_bytes(struct reading *r, uint64_t *low)
{
    uint64_t count = 0;
    *low = 0;
    for (size_t i = 0; i < CODE_BYTES; i++) {
        if (r->size == 0 && read_on(r) < 0)
            return -1;
        *low <<= 8;
        if (r->size == 0)
            continue; /* the key has ended */
        *low |= *r->bytes++;
        r->size--;
        count++;
    }
    *low = *low << COUNT_BITS | count;
    return 0;
}

/* Sets the entry's slice to its code. Returns 0 or -1. */
static int compare(const struct mr_sorting *s, struct pivot *p, struct mr_entry *e)
{
    struct reading left, right;
    uint64_t offset, low;
    if (!p->read && begin(s, &p->entry, &s->readers->first, &p->first) < 0)
        return -1;
    left = p->first;
    if (begin(s, e, &s->readers->second, &right) < 0 || read_common(&left, &right, &offset) < 0)
        return -1;
    p->read = left.key.left == p->first.key.left; /* else another piece has taken its place */
    e->slice = EQUAL;
    if (left.size == 0 && right.size == 0)
        return 0;
    bool behind = left.size == 0 || (right.size > 0 && *right.bytes > *left.bytes);
    if (read_code_bytes(&right, &low) < 0)
        return -1;
    if (offset >= FARTHEST) {
        offset = FARTHEST;
        low = 0;
    }
    e->slice = (behind ? BEHIND | (FARTHEST - offset) << LOW_BITS : offset << LOW_BITS) | low;
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): about log2 n deep, as the pivot is drawn */
int mr_sort_long_keys(const struct mr_sorting *s, struct mr_entry *e, size_t n, size_t wanted)
{
    struct pivot pivot = { .entry = e[mr_sort_draw(e, n)] };
    for (size_t i = 0; i < n; i++)
        if (compare(s, &pivot, &e[i]) < 0)
            return -1;
    mr_sort_by(e, n, wanted, s->reverse ? MR_BY_SLICE_DOWN : MR_BY_SLICE_UP);
    for (size_t from = 0, to; from < wanted; from = to) {
        for (to = from; to < n && e[to].slice == e[from].slice; to++)
            ;
        size_t group = wanted - from < to - from ? wanted - from : to - from;
        if (to - from == 1)
            continue;
        if (e[from].slice != EQUAL ? mr_sort_long_keys(s, e + from, to - from, group) < 0
                                  : s->equals != NULL && s->equals(s, e + from, to - from) < 0)
            return -1;
    }
    return 0;
}
