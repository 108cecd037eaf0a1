/* Ranges of keys. */
#include "sort/key_ranges.h"

#include <string.h>

static uint64_t slice_of(const struct mr_key_ranges *k, uint32_t splitter, uint32_t depth)
{
    const struct mr_splitter *s = &k->splitter[splitter];
    return mr_slice(k->region + s->at, s->size, depth);
}

static void add_node(struct mr_key_ranges *k, uint32_t depth, uint32_t begin, uint32_t end)
{
    k->node[k->nodes++] = (struct mr_key_node){ .depth = depth, .begin = (uint16_t)begin,
                                                .end = (uint16_t)end };
}

/* Adds a node's slice that splitters from begin to end have: they have a node of their own, or end
 * here. */
static void add_slice(struct mr_key_ranges *k, uint64_t slice, uint32_t depth, uint32_t begin,
                      uint32_t end)
{
    const uint32_t behind = depth + MR_SLICE_BYTES;
    const bool leads_on = end - begin > 1 && mr_slice_continues(slice) &&
                          k->nodes < MR_KEY_RANGES;
    k->slice[k->slices] = slice;
    k->child[k->slices] = leads_on ? (uint16_t)k->nodes : 0;
    k->range[k->slices++] = (uint16_t)end;
    if (leads_on)
        add_node(k, behind, begin, end);
    for (uint32_t i = begin; i < end && !leads_on; i++)
        if (k->splitter[i].size > behind)
            k->splitter[i].size = behind;
}

static void fill_node(struct mr_key_ranges *k, struct mr_key_node *n)
{
    n->first = (uint16_t)k->slices;
    for (uint32_t begin = n->begin, end; begin < n->end; begin = end) {
        const uint64_t slice = slice_of(k, begin, n->depth);
        for (end = begin + 1; end < n->end && slice_of(k, end, n->depth) == slice; end++)
            ;
        add_slice(k, slice, n->depth, begin, end);
    }
    n->count = (uint16_t)(k->slices - n->first);
}

void mr_key_ranges_pick(struct mr_key_ranges *k, const struct mr_entry *sorted, size_t count,
                        const unsigned char *region, uint32_t shared)
{
    k->region = region;
    k->nodes = k->slices = 0;
    for (size_t i = 0; i < MR_KEY_SPLITTERS; i++) {
        const struct mr_entry *e = &sorted[(2 * i + 1) * count / ((size_t)2 * MR_KEY_SPLITTERS)];
        k->splitter[i] = (struct mr_splitter){ e->at, e->size };
    }
    add_node(k, shared, 0, MR_KEY_SPLITTERS);
    for (uint32_t i = 0; i < k->nodes; i++)
        fill_node(k, &k->node[i]);
}

/* The range of an inline key. */
static uint32_t range_of_inline(const struct mr_key_ranges *k, const unsigned char *key,
                                uint32_t size)
{
    const uint32_t shared = k->node->depth;
    const int order = memcmp(key, k->region + k->splitter->at, size < shared ? size : shared);
    if (order == 0 && size >= shared)
        return mr_key_range_of(k, key, size);
    return order > 0 ? MR_KEY_SPLITTERS : 0;
}

int mr_key_range_of_any(const struct mr_key_ranges *k, const struct mr_record *r,
                        struct mr_key_place place, struct mr_key_pair *readers, uint32_t *range,
                        struct mr_error *err)
{
    const struct mr_file_record key = { *r, place.spool, place.task };
    uint32_t begin = 0, end = MR_KEY_SPLITTERS;
    if (!r->out_of_line) {
        *range = range_of_inline(k, r->key, r->size);
        return 0;
    }
    while (begin < end) { /* a block of it may be read each time: such keys are few */
        const uint32_t middle = (begin + end) / 2;
        const struct mr_splitter *s = &k->splitter[middle];
        const struct mr_file_record splitter = { .record = { k->region + s->at, s->size, false,
                                                             0 } };
        int order;
        if (mr_compare_keys(&splitter, &key, readers, &order, err) < 0)
            return -1;
        if (order <= 0)
            begin = middle + 1;
        else
            end = middle;
    }
    *range = begin;
    return 0;
}
