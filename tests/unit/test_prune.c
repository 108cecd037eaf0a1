/* Pruning: the last of the first records so far is known at any time. */
#include "reduce/prune.h"

#include "support.h"

TestSuite(prune);

enum { RECORDS = 300, KEY_MAX = 300 };

/* A record of the result. */
struct one {
    uint64_t value;
    size_t size;
    unsigned char key[KEY_MAX];
};

static int compare_keys(const struct one *x, const struct one *y)
{
    int order = memcmp(x->key, y->key, x->size < y->size ? x->size : y->size);
    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

static int in_order(const void *a, const void *b)
{
    const struct one *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value) - (x->value > y->value) : compare_keys(x, y);
}

/* A record with its key, or with a locator where it is to be out-of-line. */
static struct mr_record record_at(const struct one *one, bool out_of_line,
                                  unsigned char bytes[MR_LOCATOR_SIZE])
{
    struct mr_locator l = { 0, one->size, 0, { 0 } };
    if (!out_of_line)
        return (struct mr_record){ one->key, (uint32_t)one->size, false, one->value };
    memcpy(l.prefix, one->key, sizeof l.prefix);
    mr_locator_put(bytes, &l);
    return (struct mr_record){ bytes, MR_LOCATOR_SIZE, true, one->value };
}

/* Offers records to be noted in turn, and compares with all of them sorted. Their keys begin alike
 * for so many bytes; out-of-line ones have as many more as records hold. */
static void check_takes(size_t top, uint64_t least, uint64_t largest, size_t alike, bool large)
{
    const struct mr_reduce_plan plan = { .count = 1, .cells = 1, .prune_top = top, .prune_least = least };
    struct mr_prune p;
    static struct one all[RECORDS];
    must(mr_prune_init(&p, &plan, &err));
    for (size_t i = 0; i < RECORDS; i++) {
        struct one *now = &all[i];
        unsigned char bytes[MR_LOCATOR_SIZE];
        bool out_of_line = large && draw_below(2);
        now->value = draw_below(50) == 0 ? UINT64_MAX - draw_below(2) : least + draw_below(largest);
        memset(now->key, 'k', sizeof now->key);
        now->size = alike + draw_below(12);
        draw_bytes(now->key + alike, now->size - alike, draw_below(2) ? "ab" : NULL);
        now->size = out_of_line ? KEY_MAX : now->size;
        const struct one offered = *now;
        struct mr_record r = record_at(&offered, out_of_line, bytes);
        bool behind = mr_prune_is_behind(&p, r.value, mr_record_slice(&r));
        bool takes = mr_prune_takes(&p, &r);
        check_for(!(behind && takes), "%zu of %zu is behind, and taken", i, top);
        qsort(all, i + 1, sizeof *all, in_order);
        const struct one *last = i + 1 >= top ? &all[top - 1] : NULL;
        bool first = last == NULL || in_order(&offered, last) <= 0;
        check_for(takes || !first, "%zu of %zu is left out", i, top);
        if (!large && alike + 12 <= MR_PRUNE_KEY)
            check_for(takes == first, "%zu of %zu is taken", i, top);
        uint64_t floor = last && last->value > least ? last->value : least;
        check_for(p.floor == floor, "%zu of %zu: %llu, not %llu", i, top,
                  (unsigned long long)p.floor, (unsigned long long)floor);
    }
    mr_prune_release(&p);
}

Test(prune, what_comes_after_the_last_of_the_first_so_far_is_not_taken)
{
    static const size_t alike[] = { 0, 7, 30, 52, 60, 64, 100 };
    for (size_t top = 1; top < RECORDS + 20; top += 1 + top / 3)
        for (uint64_t largest = 1; largest < UINT64_C(1) << 62; largest *= 1000)
            for (size_t i = 0; i < 7; i++)
                check_takes(top, top % 2 ? 0 : 5, largest, alike[i], draw_below(2));
}

static void take(struct mr_prune *p, const char *key, uint64_t value)
{
    const struct mr_record r = { (const unsigned char *)key, (uint32_t)strlen(key), false, value };
    check(mr_prune_takes(p, &r));
}

/* The example of the header's: three buckets of two cells each, and the two most frequent. */
Test(prune, buckets_are_passed_over_whose_cells_have_too_little)
{
    const struct mr_reduce_plan plan = { .count = 3, .cells = 2, .prune_top = 2 };
    const uint64_t first[] = { 7, 1 }, second[] = { 2, 2 }, third[] = { 5, 6 };
    const struct mr_prune_bucket a = { 0, 7, first }, b = { 1, 2, second }, c = { 2, 6, third };
    struct mr_prune p;
    mr_total sum = 0;
    must(mr_prune_init(&p, &plan, &err));
    take(&p, "the", 7);
    check(!mr_prune_passes(&p, &b, &sum) && mr_prune_wanted(&p, &a) == 3);
    take(&p, "be", 1);
    check(!mr_prune_passes(&p, &c, &sum) && mr_prune_wanted(&p, &c) == 3);
    take(&p, "or", 2); /* as many as bucket 1 may have of a word */
    check(!mr_prune_passes(&p, &b, &sum) && mr_prune_wanted(&p, &b) == 3);
    take(&p, "of", 5);
    check(mr_prune_passes(&p, &b, &sum) && sum == 4);
    check(!mr_prune_passes(&p, &c, &sum) && !mr_prune_passes(&p, &a, &sum));
    check(mr_prune_wanted(&p, &a) == 1);
    mr_prune_release(&p);
}

/* The other one: the two least of words that come once. */
Test(prune, of_keys_with_as_much_those_that_come_later_are_forgotten)
{
    const struct mr_reduce_plan plan = { .count = 2, .cells = 1, .prune_top = 2 };
    const char *const keys[] = { "b1", "a1", "c1", "b0", "c0", "c2" };
    struct mr_prune p;
    must(mr_prune_init(&p, &plan, &err));
    for (size_t i = 0; i < 6; i++) {
        const struct mr_record r = { (const unsigned char *)keys[i], 2, false, 1 };
        check(mr_prune_takes(&p, &r) == (keys[i][0] != 'c'));
    }
    mr_prune_release(&p);
}
