/* The scan kernel for AArch64, whose processors all have NEON: 16 bytes a look-up, for any set. */
#include "map/scan.h"

#ifdef __aarch64__

#include "map/scan_bits.h"

#include <arm_neon.h>

struct tables {
    uint8x16_t below, above;
};

static inline struct tables load_tables(const struct mr_scan_set *set)
{
    return (struct tables){ vld1q_u8(set->below), vld1q_u8(set->above) };
}

/* For each of 16 bytes its bit in the mask's byte if it is in the set, else 0. */
static inline uint8x16_t bits_in_set(const struct tables *tables, const unsigned char *at)
{
    /* The bit of a high nibble in a row of the tables, and that of a byte in the mask. */
    static const unsigned char bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128,
                                            1, 2, 4, 8, 16, 32, 64, 128 };
    const uint8x16_t bit_of = vld1q_u8(bits), index = vdupq_n_u8(0x8F);
    uint8x16_t bytes = vld1q_u8(at);
    /* A table gives 0 where the index is above 15, so each answers only for its half of the byte
     * values. */
    uint8x16_t row = vorrq_u8(
        vqtbl1q_u8(tables->below, vandq_u8(bytes, index)),
        vqtbl1q_u8(tables->above, vandq_u8(veorq_u8(bytes, vdupq_n_u8(0x80)), index)));
    uint8x16_t bit = vqtbl1q_u8(bit_of, vshrq_n_u8(bytes, 4));
    return vandq_u8(vtstq_u8(row, bit), bit_of);
}

/* NEON has no movemask: each byte holds one bit, and adding neighbours three times puts eight into
 * one byte. */
static inline uint64_t mask_of(const struct tables *tables, const struct mr_scan_set *set,
                               const unsigned char *at)
{
    (void)set;
    uint8x16_t low = vpaddq_u8(bits_in_set(tables, at), bits_in_set(tables, at + 16));
    uint8x16_t high = vpaddq_u8(bits_in_set(tables, at + 32), bits_in_set(tables, at + 48));
    uint8x16_t sums = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

#include "map/scan_body.h"

const struct mr_scan_kernel mr_scan_neon = { "neon", members, edges };
#endif
