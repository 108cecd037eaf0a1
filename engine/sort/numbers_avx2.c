/*
 * Sorting by one number with AVX2: few entries are put where their ranks say. These are found by
 * comparing all with all, four at a time, so that no branch depends on what is compared. A rank is
 * an entry's place, less those before it that are above it, plus those behind that are below:
 *
 *     numbers   5  1  4  2
 *     place     0  1  2  3
 *     before    0 -1 -1 -2
 *     behind   +3  0 +1  0
 *     rank      3  0  2  1    -->  1 2 4 5
 */
#include "sort/numbers_ways.h"

#ifdef __x86_64__

#include <immintrin.h>

enum {
    LANES = 4, /* numbers of a register */
    FEW = 24
};

/* Moves ranks of numbers x for one that stands before them, or behind them. */
static inline __m256i move_for_before(__m256i ranks, __m256i x, __m256i one)
{
    return _mm256_add_epi64(ranks, _mm256_cmpgt_epi64(one, x));
}

static inline __m256i move_for_behind(__m256i ranks, __m256i x, __m256i one)
{
    return _mm256_sub_epi64(ranks, _mm256_cmpgt_epi64(x, one));
}

/* The same for the one in a lane of their own register. */
static inline __m256i move_for_own(__m256i ranks, __m256i x, __m256i one, size_t lane)
{
    const __m256i lanes = _mm256_setr_epi64x(0, 1, 2, 3);
    const __m256i behind = _mm256_cmpgt_epi64(lanes, _mm256_set1_epi64x((long long)lane));
    return _mm256_blendv_epi8(move_for_behind(ranks, x, one), move_for_before(ranks, x, one),
                              behind);
}

/* Finds the ranks of the numbers of so many registers, which is a constant here. */
static inline __attribute__((always_inline)) void rank_registers(const uint64_t *numbers,
                                                                 uint64_t *ranks, size_t registers)
{
    const __m256i flip = _mm256_set1_epi64x(INT64_MIN); /* comparisons are of signed ones */
    __m256i x[FEW / LANES], rank[FEW / LANES];
#pragma GCC unroll 6
    for (size_t i = 0; i < registers; i++) {
        x[i] = _mm256_xor_si256(_mm256_load_si256((const __m256i *)numbers + i), flip);
        const long long at = LANES * (long long)i;
        rank[i] = _mm256_setr_epi64x(at, at + 1, at + 2, at + 3);
    }
#pragma GCC unroll 24
    for (size_t at = 0; at < LANES * registers; at++) {
        const __m256i one = _mm256_xor_si256(_mm256_set1_epi64x((long long)numbers[at]), flip);
#pragma GCC unroll 6
        for (size_t i = 0; i < registers; i++)
            rank[i] = i < at / LANES   ? move_for_behind(rank[i], x[i], one)
                      : i > at / LANES ? move_for_before(rank[i], x[i], one)
                                       : move_for_own(rank[i], x[i], one, at % LANES);
    }
#pragma GCC unroll 6
    for (size_t i = 0; i < registers; i++)
        _mm256_store_si256((__m256i *)ranks + i, rank[i]);
}

static void find_ranks(const uint64_t *numbers, uint64_t *ranks, size_t registers)
{
    switch (registers) {
    case 1: rank_registers(numbers, ranks, 1); break;
    case 2: rank_registers(numbers, ranks, 2); break;
    case 3: rank_registers(numbers, ranks, 3); break;
    case 4: rank_registers(numbers, ranks, 4); break;
    case 5: rank_registers(numbers, ranks, 5); break;
    default: rank_registers(numbers, ranks, 6);
    }
}

static inline __attribute__((always_inline)) void sort_few(struct mr_entry *e, size_t n,
                                                           enum mr_number field)
{
    struct mr_entry copy[FEW];
    _Alignas(32) uint64_t numbers[FEW];
    _Alignas(32) uint64_t ranks[FEW];
    size_t i = 0;
    for (; i < n; i++) {
        copy[i] = e[i];
        numbers[i] = mr_sort_number(&e[i], field);
    }
    for (; i % LANES != 0; i++)
        numbers[i] = UINT64_MAX; /* none is above it */
    find_ranks(numbers, ranks, i / LANES);
    for (i = 0; i < n; i++)
        e[ranks[i]] = copy[i];
}

#include "sort/numbers_body.h"

void mr_sort_by_avx2(struct mr_entry *e, size_t n, size_t wanted, enum mr_number field)
{
    sort_by(e, n, wanted, field);
}

#endif
