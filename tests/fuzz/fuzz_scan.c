/*
 * The scan kernels: this machine's wide one finds what the portable one finds, in any bytes and
 * for any set.
 *
 * An input is
 *
 *     how         1 byte    bit 0: the set is what the list leaves out; bit 1: a word goes on
 *     set         a list    (its size in a byte) of members
 *     base        1 byte    added to each position
 *     the bytes   what is left
 */
#include "fuzz.h"
#include "map/scan.h"

/* As mr_byteset, from a list. */
static void choose_set(struct mr_scan_set *set, struct choices members, bool others)
{
    struct mr_byteset bytes;
    memset(bytes.has, others, sizeof bytes.has);
    while (members.left > 0)
        bytes.has[choose(&members)] = !others;
    mr_scan_set_init(set, &bytes);
}

/* Memory of exactly what kernels may read: the bytes, and what is behind them up to 64. */
static unsigned char *padded(struct choices bytes)
{
    size_t room = (bytes.left + 63) / 64 * 64;
    unsigned char *at = get_memory(room);
    memset(at, 0, room);
    if (bytes.left > 0)
        memcpy(at, bytes.at, bytes.left);
    return at;
}

static uint32_t *positions(size_t size)
{
    return get_memory((size + MR_SCAN_SLACK) * sizeof(uint32_t));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct choices c = { bytes, size };
    struct mr_scan_set set;
    unsigned how = choose(&c);
    choose_set(&set, choose_list(&c), how & 1);
    uint32_t base = choose(&c) << 12;
    const struct mr_scan_kernel *wide = mr_scan_choose(&failure);
    hold(wide != NULL);

    unsigned char *data = padded(c);
    uint32_t *wanted = positions(c.left), *got = positions(c.left);
    size_t count = mr_scan_portable.members(&set, data, c.left, base, wanted);
    hold(count <= c.left);
    hold(wide->members(&set, data, c.left, base, got) == count);
    hold(memcmp(got, wanted, count * sizeof *got) == 0);

    uint64_t inside = how >> 1 & 1, wanted_inside = inside;
    count = mr_scan_portable.edges(&set, data, c.left, base, &wanted_inside, wanted);
    hold(count <= c.left);
    hold(wide->edges(&set, data, c.left, base, &inside, got) == count);
    hold(memcmp(got, wanted, count * sizeof *got) == 0 && inside == wanted_inside);

    free(got);
    free(wanted);
    free(data);
    return 0;
}
