/* A mask's bits as positions, for the kernels that have no better way: see scan_body.h. */
#ifndef MR_MAP_SCAN_BITS_H
#define MR_MAP_SCAN_BITS_H

#include "map/scan.h"

/* Eight at a time, whether there are so many or not: the few wasted stores cost less than a
 * branch a bit that is often mispredicted. */
static inline uint32_t *put_bits(const struct mr_scan_set *set, uint64_t mask, uint32_t base,
                                 uint32_t *to)
{
    (void)set;
    uint32_t *end = to + __builtin_popcountll(mask);
    while (mask != 0) {
        for (int i = 0; i < MR_SCAN_SLACK; i++) {
            to[i] = base + (uint32_t)__builtin_ctzll(mask | UINT64_C(1) << 63);
            mask &= mask - 1;
        }
        to += MR_SCAN_SLACK;
    }
    return end;
}

#endif
