/*
 * The scan kernels: the portable one and this machine's find what a loop over the bytes finds, in
 * any bytes and for any set.
 *
 * An input is
 *
 *     how         1 byte    bit 0: the set is what the list leaves out; bit 1: a word goes on
 *     set         a list    (its size in a byte) of members
 *     base        1 byte    times 4096, added to each position
 *     behind      1 byte    what lies behind the bytes
 *     the bytes   what is left
 */
#include "fuzz.h"
#include "map/scan.h"

struct text {
    struct mr_byteset members;
    struct mr_scan_set set;
    unsigned char *at; /* and behind size bytes up to the next multiple of 64, as kernels read */
    size_t size;
    uint32_t base;
    uint64_t inside;
};

static void choose_text(struct text *t, struct choices c)
{
    unsigned how = choose(&c);
    struct choices list = choose_list(&c);
    memset(t->members.has, how & 1, sizeof t->members.has);
    while (list.left > 0)
        t->members.has[choose(&list)] = !(how & 1);
    mr_scan_set_init(&t->set, &t->members);
    t->inside = how >> 1 & 1;
    t->base = choose(&c) << 12;
    int behind = (int)choose(&c);
    size_t room = (c.left + 63) / 64 * 64;
    t->size = c.left;
    t->at = get_memory(room);
    memset(t->at, behind, room);
    if (t->size > 0)
        memcpy(t->at, c.at, t->size);
}

static void check_members(const struct text *t, const struct mr_scan_kernel *kernel, uint32_t *got)
{
    size_t count = kernel->members(&t->set, t->at, t->size, t->base, got), n = 0;
    for (size_t i = 0; i < t->size; i++)
        if (t->members.has[t->at[i]])
            hold(n < count && got[n++] == t->base + i);
    hold(n == count);
}

static void check_edges(const struct text *t, const struct mr_scan_kernel *kernel, uint32_t *got)
{
    uint64_t inside = t->inside, before = t->inside;
    size_t count = kernel->edges(&t->set, t->at, t->size, t->base, &inside, got), n = 0;
    for (size_t i = 0; i < t->size; i++) {
        uint64_t now = !t->members.has[t->at[i]];
        if (now != before)
            hold(n < count && got[n++] == t->base + i);
        before = now;
    }
    hold(n == count && inside == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct text t;
    choose_text(&t, (struct choices){ bytes, size });
    const struct mr_scan_kernel *kernels[] = { &mr_scan_portable, mr_scan_choose(NULL, &failure) };
    uint32_t *got = get_memory((t.size + MR_SCAN_SLACK) * sizeof *got);
    for (size_t i = 0; i < 2; i++) {
        hold(kernels[i] != NULL);
        check_members(&t, kernels[i], got);
        check_edges(&t, kernels[i], got);
    }
    free(got);
    free(t.at);
    return 0;
}
