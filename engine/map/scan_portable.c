/* The scan kernel for any machine: a table look-up a byte. */
#include "map/scan_bits.h"

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

#include "map/scan_body.h"

const struct mr_scan_kernel mr_scan_portable = { "portable", members, edges };
