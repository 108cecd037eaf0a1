/* The scan kernel for any machine: a table look-up a byte. */
#include "map/scan.h"

struct tables {
    int none;
};

static inline struct tables load_tables(const struct mr_scan_set *set)
{
    (void)set;
    return (struct tables){ 0 };
}

static inline uint64_t mask_of(const struct tables *tables, const struct mr_scan_set *set,
                               const unsigned char *at)
{
    (void)tables;
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++)
        mask |= (uint64_t)set->has[at[i]] << i;
    return mask;
}

/* Writes the positions of a mask's bits. Eight at a time, whether there are so many or not: the
 * few wasted stores cost less than a branch a bit that is often mispredicted. */
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

#include "map/scan_body.h"

const struct mr_scan_kernel mr_scan_portable = { "portable", members, edges };
