/* Scanning: each kernel against a byte at a time, for any set, size, offset and content. */
#include "map/scan.h"

#include "support.h"

enum { SIZE_MAX_TRIED = 300, OFFSETS = 64, ROOM = 512 };

static const struct mr_scan_kernel *kernels[2];
static size_t kernel_count;

static void find_kernels(void)
{
    kernel_count = 0;
    kernels[kernel_count++] = &mr_scan_portable;
    const struct mr_scan_kernel *best = mr_scan_choose(NULL, &err);
    if (best != &mr_scan_portable)
        kernels[kernel_count++] = best;
}

TestSuite(scan, .init = find_kernels);

static size_t plain_members(const struct mr_byteset *set, const unsigned char *data, size_t size,
                            uint32_t base, uint32_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        if (set->has[data[i]])
            to[n++] = base + (uint32_t)i;
    return n;
}

static size_t plain_edges(const struct mr_byteset *set, const unsigned char *data, size_t size,
                          uint32_t base, uint64_t *inside, uint32_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        uint64_t now = !set->has[data[i]];
        if (now != *inside)
            to[n++] = base + (uint32_t)i;
        *inside = now;
    }
    return n;
}

/* All kernels find in data what a loop over its bytes finds. */
static void check_scan(const struct mr_byteset *set, const unsigned char *data, size_t size)
{
    struct mr_scan_set prepared;
    uint32_t wanted[ROOM], got[ROOM + MR_SCAN_SLACK], base = (uint32_t)draw_below(1 << 30);
    mr_scan_set_init(&prepared, set);
    for (size_t k = 0; k < kernel_count; k++) {
        size_t n = plain_members(set, data, size, base, wanted);
        size_t found = kernels[k]->members(&prepared, data, size, base, got);
        check_for(found == n && memcmp(got, wanted, n * sizeof *got) == 0,
                  "%s finds %zu members of %zu in %zu bytes", kernels[k]->name, found, n, size);
        for (uint64_t before = 0; before < 2; before++) {
            uint64_t inside = before, wanted_inside = before;
            n = plain_edges(set, data, size, base, &wanted_inside, wanted);
            found = kernels[k]->edges(&prepared, data, size, base, &inside, got);
            check_for(found == n && memcmp(got, wanted, n * sizeof *got) == 0,
                      "%s finds %zu edges of %zu in %zu bytes", kernels[k]->name, found, n, size);
            check_for(inside == wanted_inside, "%s after %zu bytes", kernels[k]->name, size);
        }
    }
}

static void random_set(struct mr_byteset *set, unsigned out_of_256)
{
    for (int b = 0; b < 256; b++)
        set->has[b] = draw_below(256) < out_of_256;
}

Test(scan, both_kernels_are_tried_where_there_are_two)
{
#ifdef __x86_64__
    if (!__builtin_cpu_supports("avx2"))
        cr_skip("this machine has no AVX2");
#endif
#if defined __x86_64__ || defined __aarch64__
    cr_assert_eq(kernel_count, 2);
#endif
}

Test(scan, every_size_is_scanned_to_its_last_byte)
{
    struct mr_byteset set;
    unsigned char *data = malloc(SIZE_MAX_TRIED + 64);
    for (size_t size = 0; size <= SIZE_MAX_TRIED; size++)
        for (unsigned often = 1; often <= 256; often *= 4) {
            random_set(&set, often);
            draw_bytes(data, SIZE_MAX_TRIED + 64, NULL);
            check_scan(&set, data, size);
        }
    free(data);
}

Test(scan, every_offset_is_as_good)
{
    struct mr_byteset set;
    unsigned char *data = malloc(OFFSETS + SIZE_MAX_TRIED + 64);
    for (size_t offset = 0; offset < OFFSETS; offset++)
        for (int round = 0; round < 20; round++) {
            random_set(&set, 64);
            draw_bytes(data, OFFSETS + SIZE_MAX_TRIED + 64, NULL);
            check_scan(&set, data + offset, draw_below(SIZE_MAX_TRIED));
        }
    free(data);
}

Test(scan, every_byte_value_alone_is_a_set)
{
    unsigned char data[256 + 64];
    for (int i = 0; i < 256 + 64; i++)
        data[i] = (unsigned char)(i * 77);
    for (int b = 0; b < 256; b++) {
        struct mr_byteset set = { { 0 } };
        set.has[b] = 1;
        check_scan(&set, data, 256);
    }
}

Test(scan, sets_of_nothing_and_of_everything_work)
{
    unsigned char data[256 + 64];
    struct mr_byteset set;
    draw_bytes(data, sizeof data, NULL);
    memset(set.has, 0, sizeof set.has);
    check_scan(&set, data, 256);
    memset(set.has, 1, sizeof set.has);
    check_scan(&set, data, 256);
}

Test(scan, what_lies_behind_the_data_changes_nothing)
{
    struct mr_byteset set;
    unsigned char data[128];
    for (int round = 0; round < 2000; round++) {
        random_set(&set, 128);
        draw_bytes(data, sizeof data, NULL);
        size_t size = draw_below(65);
        struct mr_scan_set prepared;
        uint32_t one[ROOM], two[ROOM];
        mr_scan_set_init(&prepared, &set);
        for (size_t k = 0; k < kernel_count; k++) {
            uint64_t inside = 0, again = 0;
            size_t n = kernels[k]->edges(&prepared, data, size, 0, &inside, one);
            draw_bytes(data + size, sizeof data - size, NULL);
            check(kernels[k]->edges(&prepared, data, size, 0, &again, two) == n);
            check(inside == again && memcmp(one, two, n * sizeof *one) == 0);
        }
    }
}

Test(scan, scanned_in_pieces_it_finds_the_same)
{
    struct mr_byteset set;
    unsigned char data[448 + 64];
    for (int round = 0; round < 1000; round++) {
        random_set(&set, 100);
        draw_bytes(data, sizeof data, NULL);
        struct mr_scan_set prepared;
        uint32_t wanted[ROOM], got[ROOM + MR_SCAN_SLACK];
        mr_scan_set_init(&prepared, &set);
        uint64_t inside = 0, wanted_inside = 0;
        size_t n = plain_edges(&set, data, 448, 0, &wanted_inside, wanted), found = 0;
        for (size_t at = 0, size; at < 448; at += size) {
            size = 64 * (1 + draw_below(3));
            if (size > 448 - at)
                size = 448 - at;
            found += kernels[round % kernel_count]->edges(&prepared, data + at, size,
                                                         (uint32_t)at, &inside, got + found);
        }
        check(found == n && inside == wanted_inside && memcmp(got, wanted, n * sizeof *got) == 0);
    }
}

Test(scan, a_kernel_is_chosen_by_its_name)
{
    cr_assert_eq(mr_scan_choose("portable", &err), &mr_scan_portable);
    cr_assert_eq(mr_scan_choose("auto", &err), mr_scan_choose(NULL, &err));
    cr_assert_eq(mr_scan_choose("", &err), mr_scan_choose(NULL, &err));
    cr_assert_null(mr_scan_choose("no-such", &err));
    cr_assert_not_null(strstr(err.text, "no-such"));
    cr_assert(err.final);
}
