/* A key's lines. */
#include "join_group.h"

#include <string.h>

static int hold(struct join_group *g, size_t file, const unsigned char *line, size_t size)
{
    const size_t max = mr_reduce_memory(g->pair.out);
    if (!bytes_add(&g->held, &size, sizeof size, max) || !bytes_add(&g->held, line, size, max))
        return mr_fail_for_good(g->pair.out, "the lines with the same key are more than %zu bytes, "
                                             "which is what a reducer has memory for: give more "
                                             "(-S), or have fewer reducers (-r)", max);
    if (file == 0)
        g->end = g->held.size;
    return 0;
}

/* Has the next of a file's lines that are held at hand. Returns false after the last. */
static bool next_held(struct join_group *g, size_t file, size_t *at)
{
    size_t size;
    if (*at == (file == 0 ? g->end : g->held.size))
        return false;
    memcpy(&size, g->held.at + *at, sizeof size);
    *at += sizeof size;
    join_pair_set(&g->pair, file, g->held.at + *at, size);
    *at += size;
    return true;
}

/* Emits what is held: each of the first file's lines with each of the second's, or alone. */
static int emit_held(struct join_group *g, bool alone)
{
    for (size_t first = 0; next_held(g, 0, &first);) {
        if (alone && join_pair_emit(&g->pair, true, false) < 0)
            return -1;
        for (size_t second = g->end; !alone && next_held(g, 1, &second);)
            if (join_pair_emit(&g->pair, true, true) < 0)
                return -1;
    }
    return 0;
}

/* Takes the lines in their order: what the first file has one or none for is done at once. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): one look at each line, in order */
static int take_values(struct join_group *g, const struct join *j, struct mr_value_list *values)
{
    const unsigned char *bytes;
    size_t size, count[JOIN_FILES] = { 0, 0 }, at = 0;
    int more;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        size_t file = bytes[--size] == 0 ? 0 : 1;
        count[file]++;
        if (file == 1 && (count[0] > 0 ? j->only_unpaired : !j->unpaired[1]))
            return 0;
        if (file == 0 && j->only_unpaired && !j->unpaired[0])
            continue;
        if (file == 0 || count[0] > 1) {
            if (hold(g, file, bytes, size) < 0)
                return -1;
            continue;
        }
        if (count[1] == 1)
            (void)next_held(g, 0, &at); /* where there is none, there is no partner */
        join_pair_set(&g->pair, 1, bytes, size);
        if (join_pair_emit(&g->pair, count[0] > 0, true) < 0)
            return -1;
    }
    if (more < 0 || (count[1] == 0 ? !j->unpaired[0] : count[0] < 2))
        return more;
    return emit_held(g, count[1] == 0);
}

int join_group_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                      struct mr_context *out)
{
    const struct join *j = state;
    struct join_group *g = mr_task(out);
    (void)key;
    g->held.size = g->end = 0;
    g->pair.j = j;
    g->pair.out = out;
    g->pair.separator = j->separator == WHITE ? ' ' : (unsigned char)j->separator;
    if (mr_has_columns(out))
        g->pair.separator = '\n'; /* which no field has */
    return take_values(g, j, values);
}
