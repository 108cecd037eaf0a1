/* A ranking of a result's values. */
#include "base/ranking.h"

#include <string.h>

/* Whether the first is to stand before the second. */
static bool is_before(uint64_t value, const struct mr_fingerprint *key, uint64_t source,
                      const struct mr_ranked *other)
{
    const struct mr_fingerprint *k = &other->key;
    if (value != other->value)
        return value > other->value;
    int order = memcmp(key->bytes, k->bytes, key->shown < k->shown ? key->shown : k->shown);
    if (order != 0)
        return order < 0;
    if (key->size != k->size)
        return key->size < k->size;
    return source != other->source ? source < other->source : key->hash < k->hash;
}

bool mr_ranking_is_behind(const struct mr_ranking *r, uint64_t value, const unsigned char *bytes,
                          size_t size)
{
    const struct mr_ranked *last = &r->first[MR_RANKING_FIRST - 1];
    if (bytes == NULL || r->first_count < MR_RANKING_FIRST || value != last->value)
        return false;
    return memcmp(bytes, last->key.bytes, size < last->key.shown ? size : last->key.shown) > 0;
}

void mr_ranking_put(struct mr_ranking *r, uint64_t value, const struct mr_fingerprint *key,
                    uint64_t source)
{
    uint32_t place = r->first_count;
    while (place > 0 && is_before(value, key, source, &r->first[place - 1]))
        place--;
    if (place == MR_RANKING_FIRST)
        return;
    if (r->first_count < MR_RANKING_FIRST)
        r->first_count++;
    memmove(&r->first[place + 1], &r->first[place],
            (r->first_count - 1 - place) * sizeof *r->first);
    r->first[place] = (struct mr_ranked){ .value = value, .source = source, .key = *key };
}

void mr_ranking_add(struct mr_ranking *to, const struct mr_ranking *from)
{
    for (uint32_t i = 0; i < from->first_count; i++)
        mr_ranking_put(to, from->first[i].value, &from->first[i].key, from->first[i].source);
    for (unsigned step = 0; step < MR_RANKING_STEPS; step++) {
        if (from->keys[step] == 0)
            continue;
        if (to->keys[step] == 0 || from->least[step] < to->least[step])
            to->least[step] = from->least[step];
        to->keys[step] += from->keys[step];
    }
    to->all += from->all;
    to->missing += from->missing;
}

size_t mr_ranking_curve(const struct mr_ranking *r, struct mr_rank *at)
{
    size_t count = 0;
    uint64_t rank = 0;
    for (; count < r->first_count; count++)
        at[count] = (struct mr_rank){ count + 1, r->first[count].value };
    for (unsigned step = MR_RANKING_STEPS; step-- > 0;) {
        rank += r->keys[step];
        if (r->keys[step] > 0 && rank > r->first_count)
            at[count++] = (struct mr_rank){ rank, r->least[step] };
    }
    return count;
}
