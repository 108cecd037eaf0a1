/* Sorting entries by rank and key. */
#include "sort/entries.h"

#include "sort/long_keys.h"
#include "sort/numbers.h"
#include "store/value.h"

enum { AHEAD = 8 }; /* keys are fetched so far ahead of their use */

/* How many bytes from `from` on the keys of n entries share. */
static uint32_t share(const struct mr_sorting *s, const struct mr_entry *e, size_t n, size_t from)
{
    const unsigned char *first = s->arena + e[0].at + from;
    uint32_t shared = e[0].size - (uint32_t)from;
    for (size_t i = 1; i < n && shared > 0; i++) {
        uint32_t left = e[i].size - (uint32_t)from;
        if (i + AHEAD < n)
            __builtin_prefetch(s->arena + e[i + AHEAD].at + from);
        shared = mr_common(first, s->arena + e[i].at + from, left < shared ? left : shared);
    }
    return shared;
}

/* Has n entries hold their keys' slices from byte `from` on. Returns whether all are the same. */
static bool load_slices(const struct mr_sorting *s, struct mr_entry *e, size_t n, size_t from)
{
    uint64_t first = mr_slice(s->arena + e[0].at, e[0].size, from), differ = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(s->arena + e[i + AHEAD].at + from);
        e[i].slice = mr_slice(s->arena + e[i].at, e[i].size, from);
        differ |= e[i].slice ^ first;
    }
    return differ == 0;
}

/* Sorts n entries of equal rank, the first wanted <= n of them at least, whose keys are equal
 * before byte `depth` and whose slices are those from there. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as a record's key has slices */
static int sort_keys(const struct mr_sorting *s, struct mr_entry *e, size_t n, size_t wanted,
                     size_t depth)
{
    mr_sort_by(e, n, wanted, s->reverse ? MR_BY_SLICE_DOWN : MR_BY_SLICE_UP);
    for (size_t from = 0, to; from < wanted; from = to) {
        bool out_of_line = false;
        for (to = from; to < n && e[to].slice == e[from].slice; to++)
            out_of_line |= e[to].out_of_line;
        if (to - from == 1)
            continue;
        size_t group = wanted - from < to - from ? wanted - from : to - from;
        if (!mr_slice_continues(e[from].slice)) {
            if (s->equals != NULL && s->equals(s, e + from, to - from) < 0)
                return -1;
            continue;
        }
        if (out_of_line) {
            if (mr_sort_long_keys(s, e + from, to - from, group) < 0)
                return -1;
            continue;
        }
        size_t next = depth + MR_SLICE_BYTES;
        /* To find how many bytes all share pays only where these are many. */
        if (load_slices(s, e + from, to - from, next) && mr_slice_continues(e[from].slice)) {
            next += MR_SLICE_BYTES;
            next += share(s, e + from, to - from, next);
            load_slices(s, e + from, to - from, next);
        }
        if (sort_keys(s, e + from, to - from, group, next) < 0)
            return -1;
    }
    return 0;
}

/* ---- entries of one key ----------------------------------------------------------------- */

static int sort_numbers(const struct mr_sorting *s, struct mr_entry *e, size_t n)
{
    (void)s;
    mr_sort_by(e, n, n, MR_BY_VALUE_UP);
    return 0;
}

/* How far behind a key its value's bytes stand. */
static uint32_t value_head(const struct mr_value *v)
{
    unsigned char head[MR_VARINT_MAX];
    return (uint32_t)(mr_value_put_head(head, v) - head);
}

/* Sorts them by their values, as keys are: for as long, an entry is that of its value. */
/* NOLINTNEXTLINE(misc-no-recursion): values have none of their own */
static int sort_values(const struct mr_sorting *s, struct mr_entry *e, size_t n)
{
    const struct mr_sorting by_value = { s->arena, s->reverse, NULL, s->place, s->readers, s->err };
    const uint32_t key_size = e->size, key_out_of_line = e->out_of_line;
    for (size_t i = 0; i < n; i++) {
        struct mr_record r = { s->arena + e[i].at, key_size, key_out_of_line, 0 };
        struct mr_value v = mr_record_value(&r);
        struct mr_record value = { v.bytes, v.size, v.out_of_line, 0 };
        e[i].slice = mr_record_slice(&value);
        e[i].at += key_size + value_head(&v);
        e[i].size = v.size & 0x7FFFFFFF;
        e[i].out_of_line = v.out_of_line;
    }
    int result = sort_keys(&by_value, e, n, n, 0);
    for (size_t i = 0; i < n; i++) {
        struct mr_value v = { NULL, e[i].size, e[i].out_of_line };
        e[i].at -= key_size + value_head(&v);
        e[i].size = key_size & 0x7FFFFFFF;
        e[i].out_of_line = key_out_of_line & 1;
    }
    return result;
}

/* ---- all -------------------------------------------------------------------------------- */

/* Sorts n entries of one group and equal rank by what is behind the group in their keys. */
static int sort_group_keys(const struct mr_sorting *s, struct mr_entry *e, size_t n)
{
    bool out_of_line = false;
    for (size_t i = 0; i < n; i++)
        out_of_line |= e[i].out_of_line;
    if (n == 1)
        return 0;
    if (out_of_line)
        return mr_sort_long_keys(s, e, n, n);
    load_slices(s, e, n, MR_GROUP_SIZE);
    return sort_keys(s, e, n, n, MR_GROUP_SIZE);
}

/* Sorts n entries of one group. */
static int sort_group(const struct mr_sorting *s, struct mr_entry *e, size_t n, bool by_value)
{
    if (!by_value)
        return sort_group_keys(s, e, n);
    mr_sort_by(e, n, n, s->reverse ? MR_BY_VALUE_UP : MR_BY_VALUE_DOWN);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && e[to].value == e[from].value; to++)
            ;
        if (sort_group_keys(s, e + from, to - from) < 0)
            return -1;
    }
    return 0;
}

/* The group of an entry whose slice is its key's first: all of that but how many bytes it has. */
static uint64_t group_of(const struct mr_entry *e)
{
    return e->slice >> 8;
}

static int sort_groups(const struct mr_sorting *s, struct mr_entry *e, size_t n, bool by_value)
{
    mr_sort_by(e, n, n, MR_BY_SLICE_UP);
    for (size_t from = 0, to; from < n; from = to) {
        uint64_t group = group_of(&e[from]);
        for (to = from; to < n && group_of(&e[to]) == group; to++)
            ;
        if (sort_group(s, e + from, to - from, by_value) < 0)
            return -1;
    }
    return 0;
}

static struct mr_sorting sorting_of(const unsigned char *arena, struct mr_ordering order,
                                    struct mr_key_place place, struct mr_key_pair *readers,
                                    struct mr_error *err)
{
    struct mr_sorting s = { arena, order.reverse, NULL, place, readers, err };
    if (order.values)
        s.equals = order.by_bytes ? sort_values : sort_numbers;
    return s;
}

int mr_sort_entries(struct mr_entry *entries, size_t count, size_t first,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err)
{
    const struct mr_sorting s = sorting_of(arena, order, place, readers, err);
    if (order.by_group)
        return sort_groups(&s, entries, count, order.by_value);
    size_t wanted = first < count ? first : count;
    if (!order.by_value)
        return sort_keys(&s, entries, count, wanted, 0);
    mr_sort_by(entries, count, wanted, order.reverse ? MR_BY_VALUE_UP : MR_BY_VALUE_DOWN);
    for (size_t from = 0, to; from < wanted; from = to) {
        for (to = from; to < count && entries[to].value == entries[from].value; to++)
            ;
        size_t group = wanted - from < to - from ? wanted - from : to - from;
        if (sort_keys(&s, entries + from, to - from, group, 0) < 0)
            return -1;
    }
    return 0;
}

int mr_sort_by_keys(struct mr_entry *entries, size_t count, uint32_t shared,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err)
{
    if (shared < MR_SLICE_BYTES || count == 0)
        return mr_sort_entries(entries, count, count, arena, order, place, readers, err);
    const struct mr_sorting s = sorting_of(arena, order, place, readers, err);
    load_slices(&s, entries, count, shared);
    return sort_keys(&s, entries, count, count, shared);
}
