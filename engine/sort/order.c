/*
 * Sorting entries in memory.
 *
 * Quicksort by one 64-bit number at a time: first the rank, then, among equal ranks, the key's
 * first word, and among equal words the next, and so on (multikey quicksort: Bentley and
 * Sedgewick, "Fast algorithms for sorting and searching strings", SODA 1997, with 7 bytes for
 * its one). The word is cached in the entry, so keys are visited once for each word that decides
 * nothing:
 *
 *     1 to                   3 tomorrow-b            3 tomorro|w-b            3 tomorrow-a
 *     3 tomorrow-b   rank    3 tomorrow-a   word 1   3 tomorro|w-a   word 2   3 tomorrow-b
 *     3 tomorrow-a   --->    1 to           ----->   1 to            ----->   1 to
 *
 * When only the first few entries are wanted, parts that lie behind them are left unsorted.
 */
#include "sort/order.h"

#include "base/error.h"

#include <string.h>

enum {
    SMALL = 16, /* so many are sorted by insertion */
    AHEAD = 8   /* keys are fetched so far ahead of their use */
};

int mr_compare_keys(const struct mr_placed *a, const struct mr_placed *b,
                    struct mr_key_pair *readers, int *order, struct mr_error *err)
{
    if (!a->record.out_of_line && !b->record.out_of_line) {
        uint32_t left = a->record.size, right = b->record.size;
        *order = memcmp(a->record.key, b->record.key, left < right ? left : right);
        if (*order == 0)
            *order = (left > right) - (left < right);
        return 0;
    }
    struct mr_key left, right;
    mr_key_open(&left, &a->record,
                (struct mr_key_place){ a->spool, a->task, &readers->first }, err);
    mr_key_open(&right, &b->record,
                (struct mr_key_place){ b->spool, b->task, &readers->second }, err);
    return mr_key_compare(&left, &right, order);
}

/* ---- by one number ---------------------------------------------------------------------- */

/* Which number is sorted by; turned, so that smaller always comes first. */
enum field { BY_VALUE_DOWN, BY_VALUE_UP, BY_WORD_UP, BY_WORD_DOWN };

static inline __attribute__((always_inline)) uint64_t number(const struct mr_entry *e,
                                                             enum field field)
{
    switch (field) {
    case BY_VALUE_DOWN: return ~e->value;
    case BY_VALUE_UP: return e->value;
    case BY_WORD_UP: return e->word;
    case BY_WORD_DOWN: return ~e->word;
    }
    return 0;
}

static inline void swap(struct mr_entry *a, struct mr_entry *b)
{
    struct mr_entry t = *a;
    *a = *b;
    *b = t;
}

static inline __attribute__((always_inline)) void insertion_sort(struct mr_entry *e, size_t n,
                                                                 enum field field)
{
    for (size_t i = 1; i < n; i++) {
        struct mr_entry moving = e[i];
        size_t j = i;
        for (; j > 0 && number(&e[j - 1], field) > number(&moving, field); j--)
            e[j] = e[j - 1];
        e[j] = moving;
    }
}

/* A number below n that depends on where the entries stand in memory, which nobody outside knows:
 * so no order of them can be made for which the choice is bad again and again. */
static inline size_t draw_below(const struct mr_entry *e, size_t n)
{
    uint64_t drawn = ((uint64_t)(uintptr_t)e ^ n) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((unsigned __int128)(drawn ^ drawn >> 32) * n >> 64);
}

static inline uint64_t middle(uint64_t a, uint64_t b, uint64_t c)
{
    if (a > b) {
        uint64_t t = a;
        a = b;
        b = t;
    }
    return c <= a ? a : c >= b ? b : c;
}

/* The median of three medians of three, spread over the entries. */
static inline __attribute__((always_inline)) uint64_t pivot(const struct mr_entry *e, size_t n,
                                                            enum field field)
{
    uint64_t m[3];
    const struct mr_entry *from = e + draw_below(e, n / 9);
    for (size_t i = 0; i < 3; i++) {
        const struct mr_entry *third = from + i * (n / 3);
        m[i] = middle(number(third, field), number(third + n / 9, field),
                      number(third + 2 * (n / 9), field));
    }
    return middle(m[0], m[1], m[2]);
}

static inline __attribute__((always_inline)) void sift(struct mr_entry *e, size_t root, size_t n,
                                                       enum field field)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && number(&e[child], field) < number(&e[child + 1], field))
            child++;
        if (number(&e[root], field) >= number(&e[child], field))
            return;
        swap(&e[root], &e[child]);
    }
}

/* For inputs made to defeat quicksort's choice of pivots. */
static inline __attribute__((always_inline)) void heap_sort(struct mr_entry *e, size_t n,
                                                            enum field field)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(e, i, n, field);
    for (size_t i = n; i-- > 1;) {
        swap(&e[0], &e[i]);
        sift(e, 0, i, field);
    }
}

/* Brings those entries to the front whose number is below limit, or not above it. Returns how
 * many there are. Without a branch on what is compared, as it could not be foreseen. */
static inline __attribute__((always_inline)) size_t part(struct mr_entry *e, size_t n,
                                                         uint64_t limit, bool equal_too,
                                                         enum field field)
{
    size_t front = 0;
    for (size_t i = 0; i < n; i++) {
        struct mr_entry moving = e[i];
        uint64_t x = number(&moving, field);
        e[i] = e[front];
        e[front] = moving;
        front += equal_too ? x <= limit : x < limit;
    }
    return front;
}

/* Quicksort, of the wanted entries only. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): its stack is its own */
static inline __attribute__((always_inline)) void quick_sort(struct mr_entry *e, size_t n,
                                                             size_t wanted, enum field field)
{
    struct {
        struct mr_entry *at;
        size_t n;
        uint64_t low;
        int tries;
    } stack[64];
    size_t depth = 0, same = 1;
    while (same < n && number(&e[same], field) == number(&e[0], field))
        same++;
    if (same >= n)
        return;
    struct mr_entry *end = e + wanted;
    uint64_t low = 0; /* no number is below it */
    int tries = 4 * (64 - __builtin_clzll((uint64_t)n | 1));
    for (;;) {
        while (n > SMALL && tries-- > 0) {
            uint64_t p = pivot(e, n, field);
            if (p == low) { /* those equal to it are in place then */
                size_t equal = part(e, n, p, true, field);
                e += equal;
                n = e < end ? n - equal : 0;
                continue;
            }
            size_t less = part(e, n, p, false, field);
            /* The smaller side first, the other waits: the stack stays below log2 n. */
            struct mr_entry *right = e + less;
            size_t right_n = right < end ? n - less : 0;
            bool left_first = less < right_n;
            stack[depth].at = left_first ? right : e;
            stack[depth].n = left_first ? right_n : less;
            stack[depth].low = left_first ? p : low;
            stack[depth++].tries = tries;
            e = left_first ? e : right;
            n = left_first ? less : right_n;
            low = left_first ? low : p;
        }
        if (n > SMALL)
            heap_sort(e, n, field);
        else if (n > 1)
            insertion_sort(e, n, field);
        if (depth == 0)
            return;
        depth--;
        e = stack[depth].at;
        n = stack[depth].n;
        low = stack[depth].low;
        tries = stack[depth].tries;
    }
}

static void sort_by(struct mr_entry *e, size_t n, size_t wanted, enum field field)
{
    switch (field) {
    case BY_VALUE_DOWN: quick_sort(e, n, wanted, BY_VALUE_DOWN); break;
    case BY_VALUE_UP: quick_sort(e, n, wanted, BY_VALUE_UP); break;
    case BY_WORD_UP: quick_sort(e, n, wanted, BY_WORD_UP); break;
    case BY_WORD_DOWN: quick_sort(e, n, wanted, BY_WORD_DOWN); break;
    }
}

/* ---- by keys ---------------------------------------------------------------------------- */

struct sorter {
    const unsigned char *arena;
    bool reverse, values;
    struct mr_key_place place;
    struct mr_key_pair *readers;
    struct mr_error *err;
};

static struct mr_placed placed(const struct sorter *s, const struct mr_entry *e)
{
    return (struct mr_placed){ { s->arena + e->at, e->size, e->out_of_line, e->value },
                               s->place.spool, s->place.task };
}

/* The first piece of a key, in memory; all of it where `whole`. */
struct piece {
    const unsigned char *bytes;
    size_t size;
    bool whole;
};

static int read_piece(const struct sorter *s, const struct mr_entry *e,
                      struct mr_block_reader *blocks, struct piece *piece)
{
    struct mr_placed p = placed(s, e);
    struct mr_key key;
    mr_key_open(&key, &p.record, (struct mr_key_place){ p.spool, p.task, blocks }, s->err);
    if (mr_key_next(&key, &piece->bytes, &piece->size) < 0)
        return -1;
    piece->whole = key.left == 0;
    return 0;
}

/* Compares the keys of two entries, of which the first is read already, as what it has in *a. */
static int compare_out_of_line(const struct sorter *s, const struct mr_entry *first,
                               struct piece *a, const struct mr_entry *second, int *order)
{
    struct piece b;
    if (read_piece(s, second, &s->readers->second, &b) < 0)
        return -1;
    *order = memcmp(a->bytes, b.bytes, a->size < b.size ? a->size : b.size);
    if (*order == 0 && a->whole && b.whole)
        *order = (a->size > b.size) - (a->size < b.size);
    else if (*order == 0) {
        struct mr_placed x = placed(s, first), y = placed(s, second);
        if (mr_compare_keys(&x, &y, s->readers, order, s->err) < 0 ||
            read_piece(s, first, &s->readers->first, a) < 0)
            return -1;
    }
    if (s->reverse)
        *order = (*order < 0) - (*order > 0);
    return 0;
}

/* Sorts n entries of one key, where there can be several. */
static void sort_equals(const struct sorter *s, struct mr_entry *e, size_t n)
{
    if (s->values && n > 1)
        sort_by(e, n, n, BY_VALUE_UP);
}

/* Sorts entries some of whose keys are out-of-line. Quicksort by whole keys: the one that the
 * others are compared with stays in memory, so that a comparison is one read. */
/* NOLINTNEXTLINE(misc-no-recursion): the smaller part only, so log2 n deep */
static int sort_out_of_line(const struct sorter *s, struct mr_entry *e, size_t n)
{
    while (n > 1) {
        const struct mr_entry middle = e[draw_below(e, n)];
        struct piece piece;
        size_t less = 0, more = n;
        if (read_piece(s, &middle, &s->readers->first, &piece) < 0)
            return -1;
        for (size_t i = 0; i < more;) {
            int order;
            if (compare_out_of_line(s, &middle, &piece, &e[i], &order) < 0)
                return -1;
            if (order > 0)
                swap(&e[less++], &e[i++]);
            else if (order < 0)
                swap(&e[i], &e[--more]);
            else
                i++;
        }
        sort_equals(s, e + less, more - less);
        bool left = less < n - more;
        if (sort_out_of_line(s, left ? e : e + more, left ? less : n - more) < 0)
            return -1;
        e = left ? e + more : e;
        n = left ? n - more : less;
    }
    return 0;
}

/* How many bytes from `from` on the keys of n entries share. */
static uint32_t share(const struct sorter *s, const struct mr_entry *e, size_t n, size_t from)
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

/* Has n entries hold their keys' words from byte `from` on. Returns whether all are the same. */
static bool load_words(const struct sorter *s, struct mr_entry *e, size_t n, size_t from)
{
    uint64_t first = mr_word(s->arena + e[0].at, e[0].size, from), differ = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(s->arena + e[i + AHEAD].at + from);
        e[i].word = mr_word(s->arena + e[i].at, e[i].size, from);
        differ |= e[i].word ^ first;
    }
    return differ == 0;
}

/* Sorts n entries of equal rank, the first wanted <= n of them at least, whose keys are equal
 * before byte `depth` and whose words are those from there. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as a record's key has words */
static int sort_keys(const struct sorter *s, struct mr_entry *e, size_t n, size_t wanted,
                     size_t depth)
{
    sort_by(e, n, wanted, s->reverse ? BY_WORD_DOWN : BY_WORD_UP);
    for (size_t from = 0, to; from < wanted; from = to) {
        bool out_of_line = false;
        for (to = from; to < n && e[to].word == e[from].word; to++)
            out_of_line |= e[to].out_of_line;
        if (to - from == 1)
            continue;
        if (!mr_word_goes_on(e[from].word)) {
            sort_equals(s, e + from, to - from);
            continue;
        }
        if (out_of_line) {
            if (sort_out_of_line(s, e + from, to - from) < 0)
                return -1;
            continue;
        }
        size_t next = depth + MR_WORD_BYTES;
        /* To look how long they are alike is worth it only where they are alike for long. */
        if (load_words(s, e + from, to - from, next) && mr_word_goes_on(e[from].word)) {
            next += MR_WORD_BYTES;
            next += share(s, e + from, to - from, next);
            load_words(s, e + from, to - from, next);
        }
        size_t group = wanted - from < to - from ? wanted - from : to - from;
        if (sort_keys(s, e + from, to - from, group, next) < 0)
            return -1;
    }
    return 0;
}

int mr_sort_entries(struct mr_entry *entries, size_t count, size_t first,
                    const unsigned char *arena, struct mr_ordering order,
                    struct mr_key_place place, struct mr_key_pair *readers,
                    struct mr_error *err)
{
    struct sorter s = { arena, order.reverse, order.values, place, readers, err };
    size_t wanted = first < count ? first : count;
    if (!order.by_value)
        return sort_keys(&s, entries, count, wanted, 0);
    sort_by(entries, count, wanted, order.reverse ? BY_VALUE_UP : BY_VALUE_DOWN);
    for (size_t from = 0, to; from < wanted; from = to) {
        for (to = from; to < count && entries[to].value == entries[from].value; to++)
            ;
        size_t group = wanted - from < to - from ? wanted - from : to - from;
        if (sort_keys(&s, entries + from, to - from, group, 0) < 0)
            return -1;
    }
    return 0;
}
