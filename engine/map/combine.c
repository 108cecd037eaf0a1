/* The combine table's memory; its algorithm is told in combine.h, its use is in emit.c. */
#include "map/combine.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

static size_t short_bytes(const struct mr_combiner *c)
{
    return c->short_sets * sizeof *c->shorts;
}

static size_t long_bytes(const struct mr_combiner *c)
{
    return c->long_sets * sizeof *c->longs;
}

int mr_combiner_init(struct mr_combiner *c, size_t short_sets, size_t long_sets,
                     size_t arena_size, uint64_t (*combine)(uint64_t, uint64_t),
                     struct mr_error *err)
{
    memset(c, 0, sizeof *c);
    c->combine = combine;
    c->short_sets = short_sets;
    c->long_sets = long_sets;
    c->arena_size = arena_size;
    c->shorts = mr_memory_get_huge(short_bytes(c));
    c->longs = mr_memory_get(long_bytes(c));
    c->arena = mr_memory_get(arena_size);
    if (c->shorts == NULL || c->longs == NULL || c->arena == NULL)
        return mr_error_memory(err, short_bytes(c) + long_bytes(c) + arena_size,
                               "a combine table");
    return 0;
}

void mr_combiner_release(struct mr_combiner *c)
{
    mr_memory_release(c->shorts, short_bytes(c));
    mr_memory_release(c->longs, long_bytes(c));
    mr_memory_release(c->arena, c->arena_size);
    memset(c, 0, sizeof *c);
}
