/* A ranking of parts, added up, is that of the whole; its points are of the whole's order. */
#include "base/ranking.h"

#include "support.h"

enum { KEYS = 5000, PARTS = 3 };

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static struct mr_fingerprint name_of(unsigned number)
{
    struct mr_fingerprint key = { .hash = number };
    key.shown = (uint32_t)snprintf((char *)key.bytes, sizeof key.bytes, "%05u", number);
    key.size = key.shown;
    return key;
}

static void rank(struct mr_ranking *r, uint64_t value, const struct mr_fingerprint *key)
{
    mr_ranking_count(r, value);
    if (mr_ranking_may_be_first(r, value) &&
        !mr_ranking_is_behind(r, value, key->bytes, key->size))
        mr_ranking_put(r, value, key, 0);
}

Test(ranking, steps_grow_with_values_and_are_as_many_as_are_said)
{
    unsigned last = 0;
    for (uint64_t value = 1; value != 0; value = value < 4096 ? value + 1 : value << 1) {
        unsigned step = mr_ranking_step(value);
        check(step >= last && (value > 15 || step == value));
        last = step;
    }
    cr_assert_eq(mr_ranking_step(UINT64_MAX), MR_RANKING_STEPS - 1);
    cr_assert_eq(mr_ranking_step(0), 0);
}

Test(ranking, each_point_is_one_of_the_order)
{
    static uint64_t values[KEYS];
    static struct mr_ranking parts[PARTS], all;
    struct mr_rank points[MR_RANKS_MAX];
    for (unsigned i = 0; i < KEYS; i++) {
        struct mr_fingerprint key = name_of(KEYS - i);
        values[i] = i % 7 == 0 ? (uint64_t)1 << i % 63 : i % 500;
        rank(&parts[i % PARTS], values[i], &key);
    }
    for (unsigned i = 0; i < PARTS; i++)
        mr_ranking_add(&all, &parts[i]);
    qsort(values, KEYS, sizeof *values, by_value);
    cr_assert_eq(all.all, KEYS);
    size_t count = mr_ranking_curve(&all, points);
    cr_assert_geq(count, 60);
    for (size_t i = 0; i < count; i++)
        check(points[i].value == values[points[i].rank - 1] &&
              (i == 0 || points[i].rank > points[i - 1].rank));
    cr_assert_eq(points[0].rank, 1);
    cr_assert_eq(points[count - 1].rank, KEYS);
}

Test(ranking, of_equal_values_the_first_keys_are_kept_however_they_come)
{
    static struct mr_ranking r;
    for (unsigned i = 0; i < KEYS; i++) {
        struct mr_fingerprint key = name_of(i * 7919 % KEYS);
        rank(&r, 1, &key);
    }
    for (unsigned i = 0; i < MR_RANKING_FIRST; i++)
        check(r.first[i].key.hash == i);
    struct mr_fingerprint longer = name_of(3);
    longer.size = 1 << 20; /* the same first bytes */
    mr_ranking_put(&r, 1, &longer, 0);
    cr_assert_eq(r.first[3].key.size, 5);
    cr_assert_eq(r.first[4].key.size, 1 << 20);
    struct mr_fingerprint other = name_of(1);
    other.hash = 0; /* the same word of another file */
    mr_ranking_put(&r, 1, &other, 7);
    cr_assert(r.first[1].source == 0 && r.first[2].source == 7 && r.first[2].key.hash == 0);
}
