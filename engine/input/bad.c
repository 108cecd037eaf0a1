/* Bad records: few, so lists that are looked through. */
#include "input/bad.h"

#include "base/memory.h"

#include <stdlib.h>

bool mr_spots_have(const struct mr_spots *s, uint64_t source, uint64_t offset)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i].offset == offset && s->at[i].source == source)
            return true;
    return false;
}

int mr_spots_add(struct mr_spots *s, const struct mr_spot *spot, struct mr_error *err)
{
    if (mr_spots_have(s, spot->source, spot->offset))
        return 0;
    struct mr_spot *at = mr_memory_grow(s->at, &s->room, s->count, sizeof *at, "bad records", err);
    if (at == NULL)
        return -1;
    s->at = at;
    s->at[s->count++] = *spot;
    return 1;
}

void mr_bad_free(struct mr_bad *bad)
{
    free(bad->suspects.at);
    free(bad->records.at);
    *bad = (struct mr_bad){ { NULL, 0, 0 }, { NULL, 0, 0 } };
}
