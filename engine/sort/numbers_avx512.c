/*
 * Sorting entries by one number, eight at a time.
 *
 * Eight entries are three registers of eight lanes. Their numbers are brought into a register of
 * their own and compared with the pivot at once. In each of the three, what is not above the pivot
 * goes to the front and what is above it to the back, by a permutation that the comparison's bits
 * choose. The whole register is then stored at both ends of the room there is, and what of it does
 * not belong there is overwritten by what comes next. Of the first of the three, where b is above:
 *
 *     a a a b b b c c  -->  a a a c c b b b    left: a a a c c . . .    right: . . . . . b b b
 *
 * So there is no branch on what is compared. The least and the largest number on each side are
 * known then: where these are the same, it is sorted. Few entries are put where their ranks say:
 * how many come before each is counted by comparing all with all.
 */
#include "sort/numbers_ways.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

enum {
    LANES = 8,         /* quadwords of a register; and so many entries are a block */
    QUADS = 3,         /* of an entry */
    BLOCKS = 2 * LANES, /* entries of two */
    CHUNK = 4 * LANES, /* entries, read from one end before it is seen which has less room */
    ENDS = 2 * CHUNK,
    KEPT = 3 * CHUNK, /* those of both ends, and less than a chunk that is left */
    FEW = 4 * LANES   /* so many are sorted by rank */
};
_Static_assert(sizeof(struct mr_entry) == QUADS * sizeof(uint64_t), "an entry is three quadwords");

/* Which number of entries is meant: where it stands, and the bits that are inverted to have what
 * comes first be less. */
struct field {
    size_t at;
    uint64_t flip;
};

struct block {
    __m512i low, middle, high;
};

/* The least and the largest number of all, on the left and on the right of a pivot. */
struct bounds {
    uint64_t least, left_largest, right_least, largest;
};

/* Where blocks are parted to: lanes from `left` to `right` are free. */
struct parting {
    uint64_t *at;
    size_t left, right;
    __m512i limit; /* the largest number on the left */
    __m512i least, left_largest, right_least, largest;
};

static inline uint64_t number(struct field f, const struct mr_entry *e)
{
    uint64_t quad;
    memcpy(&quad, (const char *)e + f.at, sizeof quad);
    return quad ^ f.flip;
}

/* A bit for each of the lowest lanes. */
static inline __mmask8 low_lanes(unsigned count)
{
    return (__mmask8)((1u << count) - 1);
}

/* A bit for each quadword of the first k <= 8 entries. */
static inline uint32_t quads_of(size_t k)
{
    return (UINT32_C(1) << QUADS * k) - 1;
}

/* The first k <= 8 entries; what is behind them is zero. */
static inline struct block load(const struct mr_entry *e, size_t k)
{
    const char *at = (const char *)e;
    uint32_t quads = quads_of(k);
    return (struct block){ _mm512_maskz_loadu_epi64((__mmask8)quads, at),
                           _mm512_maskz_loadu_epi64((__mmask8)(quads >> 8), at + 64),
                           _mm512_maskz_loadu_epi64((__mmask8)(quads >> 16), at + 128) };
}

static inline void store(struct mr_entry *e, struct block b)
{
    char *at = (char *)e;
    _mm512_storeu_si512(at, b.low);
    _mm512_storeu_si512(at + 64, b.middle);
    _mm512_storeu_si512(at + 128, b.high);
}

static inline __m512i numbers(struct field f, struct block b)
{
    /* Those of the first six entries at most, then of the others, by the field's quadword. */
    const __m512i value = _mm512_setr_epi64(0, 3, 6, 9, 12, 15, 0, 0);
    const __m512i value_high = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 10, 13);
    const __m512i slice = _mm512_setr_epi64(1, 4, 7, 10, 13, 0, 0, 0);
    const __m512i slice_high = _mm512_setr_epi64(0, 1, 2, 3, 4, 8, 11, 14);
    __m512i x = _mm512_permutex2var_epi64(b.low, f.at == 0 ? value : slice, b.middle);
    x = _mm512_permutex2var_epi64(x, f.at == 0 ? value_high : slice_high, b.high);
    return _mm512_xor_si512(x, _mm512_set1_epi64((long long)f.flip));
}

/* ---- few entries ------------------------------------------------------------------------ */

static inline __m512i add_if(__mmask8 lanes, __m512i counts)
{
    return _mm512_mask_add_epi64(counts, lanes, counts, _mm512_set1_epi64(1));
}

/* Adds to each rank how many of all numbers in so many registers come before its number: of equal
 * ones, those that stand before it. */
static inline __attribute__((always_inline)) void add_ranks(const __m512i *x, __m512i *ranks,
                                                             size_t registers)
{
#pragma GCC unroll 4
    for (size_t from = 0; from < registers; from++)
#pragma GCC unroll 8
        for (unsigned lane = 0; lane < LANES; lane++) {
            __m512i one = _mm512_permutexvar_epi64(_mm512_set1_epi64(lane), x[from]);
            __mmask8 behind = (__mmask8)(0xFE << lane);
#pragma GCC unroll 4
            for (size_t to = 0; to < registers; to++) {
                __mmask8 equal_too = to > from ? 0xFF : to < from ? 0 : behind;
                __mmask8 before = _mm512_mask_cmple_epu64_mask(equal_too, one, x[to]) |
                                  _mm512_mask_cmplt_epu64_mask((__mmask8)~equal_too, one, x[to]);
                ranks[to] = add_if(before, ranks[to]);
            }
        }
}

static inline __attribute__((always_inline)) void rank_sort(struct field f, struct mr_entry *e,
                                                            size_t n, size_t registers)
{
    struct mr_entry copy[FEW];
    _Alignas(64) uint64_t rank[FEW];
    __m512i x[FEW / LANES], ranks[FEW / LANES];
    for (size_t i = 0; i < registers; i++) {
        size_t k = i + 1 < registers ? LANES : n - LANES * i;
        struct block b = load(e + LANES * i, k);
        store(copy + LANES * i, b);
        ranks[i] = _mm512_setzero_si512();
        /* What is behind the last comes after all. */
        x[i] = _mm512_mask_mov_epi64(_mm512_set1_epi64(-1), low_lanes((unsigned)k), numbers(f, b));
    }
    add_ranks(x, ranks, registers);
    for (size_t i = 0; i < registers; i++)
        _mm512_store_si512(rank + LANES * i, ranks[i]);
    for (size_t i = 0; i < n; i++)
        /* cppcheck-suppress uninitvar ; there is one register at least */
        e[rank[i]] = copy[i];
}

static void sort_few(struct field f, struct mr_entry *e, size_t n)
{
    if (n <= LANES)
        rank_sort(f, e, n, 1);
    else if (n <= BLOCKS)
        rank_sort(f, e, n, 2);
    else if (n <= BLOCKS + LANES)
        rank_sort(f, e, n, 3);
    else
        rank_sort(f, e, n, 4);
}

/* ---- parting ---------------------------------------------------------------------------- */

/* The orders into which a register's lanes are brought, by which of its entries a, b, c and d go to
 * the left: a bit for each, those with d's in ORDERS_D. L012 are lanes 0 to 2. */
#define ORDERS(a, b, c, d) \
    { a b c d }, { a b c d }, { b a c d }, { a b c d }, \
    { c a b d }, { a c b d }, { b c a d }, { a b c d }
#define ORDERS_D(a, b, c, d) \
    { d a b c }, { a d b c }, { b d a c }, { a b d c }, \
    { c d a b }, { a c d b }, { b c d a }, { a b c d }
#define L012 0, 1, 2,
#define L345 3, 4, 5,
#define L67 6, 7,
#define L0 0,
#define L123 1, 2, 3,
#define L456 4, 5, 6,
#define L7 7,
#define L01 0, 1,
#define L234 2, 3, 4,
#define L567 5, 6, 7,

static const _Alignas(64) uint64_t low_orders[8][LANES] = { ORDERS(L012, L345, L67, ) };
static const _Alignas(64) uint64_t middle_orders[16][LANES] = { ORDERS(L0, L123, L456, L7),
                                                                ORDERS_D(L0, L123, L456, L7) };
static const _Alignas(64) uint64_t high_orders[8][LANES] = { ORDERS(L01, L234, L567, ) };

static inline __m512i ordered(__m512i lanes, const uint64_t *order)
{
    return _mm512_permutexvar_epi64(_mm512_load_si512(order), lanes);
}

static inline void put_left(struct parting *p, __m512i lanes, unsigned count, bool last)
{
    if (last)
        _mm512_mask_storeu_epi64(p->at + p->left, low_lanes(count), lanes);
    else
        _mm512_storeu_si512(p->at + p->left, lanes);
    p->left += count;
}

/* Of the lanes that there are, all but the lowest count. */
static inline void put_right(struct parting *p, __m512i lanes, unsigned count, __mmask8 there,
                             bool last)
{
    p->right -= LANES;
    if (last)
        _mm512_mask_storeu_epi64(p->at + p->right, (__mmask8)(there & ~low_lanes(count)), lanes);
    else
        _mm512_storeu_si512(p->at + p->right, lanes);
    p->right += count;
}

/* Parts the first k entries. Before the last 15 of all, k is 8, and there is room for whole
 * registers: for a block on each side of what is unread, or for two where nothing is. */
static inline __attribute__((always_inline)) void
part_block(struct parting *p, struct field f, const struct mr_entry *e, size_t k, bool last)
{
    struct block b = load(e, k);
    __m512i x = numbers(f, b);
    __mmask8 there = low_lanes((unsigned)k);
    __mmask8 left = _mm512_mask_cmple_epu64_mask(there, x, p->limit);
    p->least = _mm512_mask_min_epu64(p->least, there, p->least, x);
    p->largest = _mm512_mask_max_epu64(p->largest, there, p->largest, x);
    p->left_largest = _mm512_mask_max_epu64(p->left_largest, left, p->left_largest, x);
    p->right_least = _mm512_mask_min_epu64(p->right_least, (__mmask8)(there & ~left),
                                           p->right_least, x);
    b.low = ordered(b.low, low_orders[left & 7]);
    b.middle = ordered(b.middle, middle_orders[left >> 2 & 15]);
    b.high = ordered(b.high, high_orders[left >> 5]);
    uint32_t quads = _pdep_u32(left, 0x249249) * 7, all = quads_of(k);
    unsigned low = (unsigned)__builtin_popcount(quads & 0xFF);
    unsigned middle = (unsigned)__builtin_popcount(quads >> 8 & 0xFF);
    unsigned high = (unsigned)__builtin_popcount(quads >> 16);
    put_left(p, b.low, low, last);
    put_left(p, b.middle, middle, last);
    put_left(p, b.high, high, last);
    p->right += QUADS * (LANES - k); /* what is not there, as if it were the right's */
    put_right(p, b.high, high, (__mmask8)(all >> 16), last);
    put_right(p, b.middle, middle, (__mmask8)(all >> 8), last);
    put_right(p, b.low, low, (__mmask8)all, last);
}

/* Copies n entries; up to a block is written. */
static inline void keep(struct mr_entry *to, const struct mr_entry *from, size_t n)
{
    for (size_t i = 0; i < n; i += LANES)
        store(to + i, load(from + i, n - i < LANES ? n - i : LANES));
}

/* Parts whole chunks of what is unread, which is from *from to *to. */
static inline void part_chunks(struct parting *p, struct field f, const struct mr_entry *e,
                               size_t *from, size_t *to)
{
    while (*to - *from >= CHUNK) {
        /* On the side with less room each block that is read makes room for itself, and the other
         * side has room for a chunk. */
        bool first = QUADS * *from - p->left <= p->right - QUADS * *to;
        const struct mr_entry *at = first ? e + *from : e + *to - LANES;
        *from += first ? CHUNK : 0;
        *to -= first ? 0 : CHUNK;
        for (size_t i = 0; i < CHUNK; i += LANES, at += first ? LANES : -LANES)
            part_block(p, f, at, LANES, false);
    }
}

/* Parts what was kept, when nothing else is unread. */
static inline void part_kept(struct parting *p, struct field f, const struct mr_entry *kept,
                             size_t n)
{
    size_t i = 0;
    for (; n - i >= BLOCKS; i += LANES)
        part_block(p, f, kept + i, LANES, false);
    for (; i < n; i += LANES)
        part_block(p, f, kept + i, n - i < LANES ? n - i : LANES, true);
}

/* Brings those entries to the front whose number is not above limit. Returns how many there are. */
static size_t part(struct field f, struct mr_entry *e, size_t n, uint64_t limit,
                   struct bounds *bounds)
{
    const __m512i ones = _mm512_set1_epi64(-1), zero = _mm512_setzero_si512();
    struct parting p = { .at = (uint64_t *)e, .right = QUADS * n,
                         .limit = _mm512_set1_epi64((long long)limit),
                         .least = ones, .left_largest = zero, .right_least = ones,
                         .largest = zero };
    struct mr_entry kept[KEPT]; /* a chunk of each end makes room */
    size_t count = 0, from = 0, to = n;
    if (n > KEPT) {
        keep(kept, e, CHUNK);
        keep(kept + CHUNK, e + n - CHUNK, CHUNK);
        count = ENDS;
        from = CHUNK;
        to = n - CHUNK;
        part_chunks(&p, f, e, &from, &to);
    }
    keep(kept + count, e + from, to - from);
    part_kept(&p, f, kept, count + to - from);
    bounds->least = _mm512_reduce_min_epu64(p.least);
    bounds->left_largest = _mm512_reduce_max_epu64(p.left_largest);
    bounds->right_least = _mm512_reduce_min_epu64(p.right_least);
    bounds->largest = _mm512_reduce_max_epu64(p.largest);
    return p.left / QUADS;
}

/* The fifth of eight numbers, spread over the entries. */
static uint64_t pivot(struct field f, const struct mr_entry *e, size_t n)
{
    size_t step = n / LANES;
    const struct mr_entry *at = e + mr_sort_draw(e, step);
    __m512i x[FEW / LANES], ranks[FEW / LANES];
    ranks[0] = _mm512_setzero_si512();
    x[0] = _mm512_setr_epi64((long long)number(f, at), (long long)number(f, at + step),
                             (long long)number(f, at + 2 * step),
                             (long long)number(f, at + 3 * step),
                             (long long)number(f, at + 4 * step),
                             (long long)number(f, at + 5 * step),
                             (long long)number(f, at + 6 * step),
                             (long long)number(f, at + 7 * step));
    add_ranks(x, ranks, 1);
    __mmask8 fifth = _mm512_cmpeq_epi64_mask(ranks[0], _mm512_set1_epi64(LANES / 2));
    return (uint64_t)_mm512_mask_reduce_or_epi64(fifth, x[0]);
}

/* Sorts n entries, of whose numbers none is above largest, as far as they stand before end. */
/* NOLINTNEXTLINE(misc-no-recursion): below log2 n deep, as the smaller side is sorted so */
static void quick_sort(struct field f, enum mr_number by, struct mr_entry *e, size_t n,
                       const struct mr_entry *end, uint64_t largest, int tries)
{
    while (n > FEW) {
        if (tries-- == 0) { /* it ends in a heap sort */
            mr_sort_by_portable(e, n, n, by);
            return;
        }
        struct bounds b;
        uint64_t p = pivot(f, e, n);
        size_t left = part(f, e, n, p == largest ? p - 1 : p, &b);
        struct mr_entry *right = e + left;
        size_t right_n = right < end && b.right_least < b.largest ? n - left : 0;
        size_t left_n = b.least < b.left_largest ? left : 0;
        if (left_n < right_n) {
            quick_sort(f, by, e, left_n, end, b.left_largest, tries);
            e = right;
            n = right_n;
            largest = b.largest;
        } else {
            quick_sort(f, by, right, right_n, end, b.largest, tries);
            n = left_n;
            largest = b.left_largest;
        }
    }
    if (n > 1)
        sort_few(f, e, n);
}

void mr_sort_by_avx512(struct mr_entry *e, size_t n, size_t wanted, enum mr_number by)
{
    bool slice = by == MR_BY_SLICE_UP || by == MR_BY_SLICE_DOWN;
    bool down = by == MR_BY_VALUE_DOWN || by == MR_BY_SLICE_DOWN;
    struct field f = { slice ? offsetof(struct mr_entry, slice) : 0, down ? UINT64_MAX : 0 };
    size_t same = 1;
    while (same < n && number(f, &e[same]) == number(f, &e[0]))
        same++;
    if (same < n)
        quick_sort(f, by, e, n, e + wanted, UINT64_MAX, 4 * (64 - __builtin_clzll(n | 1)));
}

#endif
