/*
 * The scanning algorithm, once for all kernels. A kernel's file defines
 *
 *     struct tables, load_tables(set)    what it keeps in registers
 *     mask_of(tables, set, at)           the mask of the 64 bytes at `at`
 *     put_bits(set, mask, base, to)      writes the positions of a mask's bits, plus base, and
 *                                        up to MR_SCAN_SLACK more; returns their end;
 *                                        scan_bits.h has one that any processor can do
 *
 * and includes this.
 */
#include <string.h>

/* The bits of a mask that stand for size bytes. */
static inline uint64_t low_bits(size_t size)
{
    return size >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << size) - 1;
}

static size_t members(const struct mr_scan_set *set, const unsigned char *data, size_t size,
                      uint32_t base, uint32_t *to)
{
    struct tables tables = load_tables(set);
    uint32_t *end = to;
    for (size_t at = 0; at < size; at += 64) {
        uint64_t mask = mask_of(&tables, set, data + at) & low_bits(size - at);
        if (mask != 0) /* of rare bytes, few are; of common ones, nearly all */
            end = put_bits(set, mask, base + (uint32_t)at, end);
    }
    return (size_t)(end - to);
}

static size_t edges(const struct mr_scan_set *set, const unsigned char *data, size_t size,
                    uint32_t base, uint64_t *inside, uint32_t *to)
{
    struct tables tables = load_tables(set);
    uint32_t *end = to;
    uint64_t before = *inside;
    for (size_t at = 0; at < size; at += 64) {
        uint64_t in_word = ~mask_of(&tables, set, data + at);
        uint64_t mask = (in_word ^ (in_word << 1 | before)) & low_bits(size - at);
        size_t last = size - at < 64 ? size - at - 1 : 63;
        before = in_word >> last & 1;
        end = put_bits(set, mask, base + (uint32_t)at, end);
    }
    *inside = before;
    return (size_t)(end - to);
}
