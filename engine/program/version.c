/* What --version says. */
#include "program/version.h"

#include "base/choices.h"
#include "base/error.h"
#include "map/scan.h"

#include <stdio.h>
#include <string.h>

#include <unistring/version.h>
#include <xxhash.h>
#include <zlib.h>
#ifdef WCMR_ISAL
#include <isa-l.h>
#pragma weak isal_inflate
#endif
#ifdef WCMR_ZSTD
#include <zstd.h>
#endif
#ifdef WCMR_LZMA
#include <lzma.h>
#endif
#ifdef WCMR_BZIP2
#include <bzlib.h>
#endif
#ifdef WCMR_LZ4
#include <lz4.h>
#endif

static void print_line(const char *name, const char *version)
{
    printf("%-15s %s\n", name, version && *version ? version : "none");
}

/* Prints the kernel that is taken, and the others that this machine could run. */
static void print_kernels(void)
{
    struct mr_error ignored;
    const char *usual = mr_scan_choose(NULL, &ignored)->name;
    printf("%-15s %s", "kernel", usual);
    for (const char *const *name = mr_kernel_names; *name; name++)
        if (strcmp(*name, usual) != 0 && strcmp(*name, "auto") != 0 &&
            mr_scan_choose(*name, &ignored) != NULL)
            printf(" (or %s)", *name);
    putchar('\n');
}

static void print_libraries(void)
{
    char text[32];
    unsigned number = XXH_versionNumber();
    print_line("zlib", zlibVersion());
    snprintf(text, sizeof text, "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
    print_line("xxHash", text);
    int unistring = _libunistring_version;
    snprintf(text, sizeof text, "%d.%d.%d", unistring >> 16, unistring >> 8 & 0xFF,
             unistring & 0xFF);
    print_line("libunistring", text);
#ifdef WCMR_ISAL
    snprintf(text, sizeof text, "%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
             ISAL_PATCH_VERSION); /* of the header: it does not tell its own */
    print_line("ISA-L", isal_inflate != NULL ? text : NULL);
#endif
#ifdef WCMR_ZSTD
    print_line("zstd", ZSTD_versionString());
#endif
#ifdef WCMR_LZMA
    print_line("xz", lzma_version_string());
#endif
#ifdef WCMR_BZIP2
    snprintf(text, sizeof text, "%.*s", (int)strcspn(BZ2_bzlibVersion(), ","), BZ2_bzlibVersion());
    print_line("bzip2", text);
#endif
#ifdef WCMR_LZ4
    print_line("lz4", LZ4_versionString());
#endif
}

void mr_version_print(const char *program)
{
    if (strcmp(program, "wc-mr") == 0)
        puts("wc-mr " WC_MR_VERSION);
    else
        printf("%s (wc-mr %s)\n", program, WC_MR_VERSION);
    if (mr_version_lines != NULL)
        for (const struct mr_version_line *line = mr_version_lines; line->name; line++)
            print_line(line->name, line->tell());
    print_libraries();
    print_kernels();
}
