/* The scan kernel for x86-64 with AVX2: 32 bytes a look-up, for any set of bytes. */
#include "map/scan.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

struct tables {
    __m256i below, above;
};

static inline __m256i both_halves(const unsigned char *table)
{
    __m128i half;
    memcpy(&half, table, sizeof half);
    return _mm256_broadcastsi128_si256(half);
}

static inline struct tables load_tables(const struct mr_scan_set *set)
{
    return (struct tables){ both_halves(set->below), both_halves(set->above) };
}

/* A bit for each of 32 bytes that is not in the set. */
static inline uint32_t not_in_set(const struct tables *tables, __m256i bytes)
{
    /* A shuffle gives 0 where the index has its top bit set, so each table answers only for
     * its half of the byte values. */
    const __m256i index = _mm256_set1_epi8((char)0x8F);
    const __m256i flip = _mm256_set1_epi8((char)0x80);
    const __m256i bit_of = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 1, 2, 4, 8, 16, 32,
                                            64, (char)128, 1, 2, 4, 8, 16, 32, 64, (char)128, 1,
                                            2, 4, 8, 16, 32, 64, (char)128);
    __m256i row = _mm256_or_si256(
        _mm256_shuffle_epi8(tables->below, _mm256_and_si256(bytes, index)),
        _mm256_shuffle_epi8(tables->above, _mm256_and_si256(_mm256_xor_si256(bytes, flip), index)));
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(7));
    __m256i bit = _mm256_shuffle_epi8(bit_of, high);
    __m256i out = _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256());
    return (uint32_t)_mm256_movemask_epi8(out);
}

static inline uint64_t mask_of(const struct tables *tables, const struct mr_scan_set *set,
                               const unsigned char *at)
{
    (void)set;
    __m256i first, second;
    memcpy(&first, at, sizeof first);
    memcpy(&second, at + 32, sizeof second);
    return ~((uint64_t)not_in_set(tables, second) << 32 | not_in_set(tables, first));
}

/* Eight bits of the mask at a time, by table: as many steps for a mask with few bits as for one
 * with many, so none that is mispredicted (Lemire, "Iterating over set bits quickly (SIMD
 * edition)", 2022). */
static inline uint32_t *put_bits(const struct mr_scan_set *set, uint64_t mask, uint32_t base,
                                 uint32_t *to)
{
    for (int i = 0; i < 8; i++) {
        unsigned byte = (unsigned)(mask >> 8 * i) & 255;
        int64_t eight;
        memcpy(&eight, set->bits[byte], sizeof eight);
        __m256i positions = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(eight));
        positions = _mm256_add_epi32(positions, _mm256_set1_epi32((int)(base + 8 * (unsigned)i)));
        memcpy(to, &positions, sizeof positions);
        to += __builtin_popcount(byte);
    }
    return to;
}

#include "map/scan_body.h"

const struct mr_scan_kernel mr_scan_avx2 = { "avx2", members, edges };
#endif
