/* Prepares sets for the scan kernels and chooses the kernel. */
#include "map/scan.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

void mr_scan_set_init(struct mr_scan_set *set, const struct mr_byteset *bytes)
{
    memset(set, 0, sizeof *set);
    for (unsigned b = 0; b < 256; b++) {
        unsigned count = 0;
        for (unsigned char bit = 0; bit < 8; bit++)
            if (b >> bit & 1)
                set->places[b][count++] = bit;
        if (!bytes->has[b])
            continue;
        set->has[b] = 1;
        unsigned char *table = b < 128 ? set->below : set->above;
        table[b & 15] |= (unsigned char)(1u << (b >> 4 & 7));
    }
}

const struct mr_scan_kernel *mr_scan_choose(struct mr_error *err)
{
    const struct mr_scan_kernel *wide = NULL;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt"))
        wide = &mr_scan_avx2;
#endif
    const char *name = getenv("WC_MR_KERNEL");
    if (name == NULL || *name == '\0' || strcmp(name, "auto") == 0)
        return wide ? wide : &mr_scan_portable;
    if (strcmp(name, mr_scan_portable.name) == 0)
        return &mr_scan_portable;
    if (wide != NULL && strcmp(name, wide->name) == 0)
        return wide;
    mr_error_set(err, "this machine has no scan kernel '%s' (WC_MR_KERNEL); there is 'portable'%s",
                 name, wide ? " and 'avx2'" : "");
    mr_error_final(err);
    return NULL;
}
