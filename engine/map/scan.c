/* Prepares sets for the scan kernels and chooses the kernel. */
#include "map/scan.h"

#include "base/error.h"

#include <string.h>

void mr_scan_set_init(struct mr_scan_set *set, const struct mr_byteset *bytes)
{
    memset(set, 0, sizeof *set);
    for (unsigned b = 0; b < 256; b++) {
        unsigned count = 0;
        for (unsigned char bit = 0; bit < 8; bit++)
            if (b >> bit & 1)
                set->bits[b][count++] = bit;
        if (!bytes->has[b])
            continue;
        set->has[b] = 1;
        unsigned char *table = b < 128 ? set->below : set->above;
        table[b & 15] |= (unsigned char)(1u << (b >> 4 & 7));
    }
}

/* The kernel with this machine's wide instructions, or NULL. */
static const struct mr_scan_kernel *wide_kernel(void)
{
#if defined __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt"))
        return &mr_scan_avx2;
#elif defined __aarch64__
    return &mr_scan_neon;
#endif
    return NULL;
}

const struct mr_scan_kernel *mr_scan_choose(const char *name, struct mr_error *err)
{
    const struct mr_scan_kernel *wide = wide_kernel();
    if (name == NULL || *name == '\0' || strcmp(name, "auto") == 0)
        return wide ? wide : &mr_scan_portable;
    if (strcmp(name, mr_scan_portable.name) == 0)
        return &mr_scan_portable;
    if (wide != NULL && strcmp(name, wide->name) == 0)
        return wide;
    mr_error_set(err, "this machine has no scan kernel '%s' (--kernel); it has portable%s%s",
                 name, wide ? " and " : "", wide ? wide->name : "");
    mr_error_final(err);
    return NULL;
}
