/* Pruning: the least of the first values so far is known at any time. */
#include "reduce/prune.h"

#include "support.h"

TestSuite(prune);

static int descending(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? 1 : *x > *y ? -1 : 0;
}

/* Takes note of values as a reducer does, and compares with all of them sorted. */
static void check_floor(size_t top, uint64_t least, uint64_t largest)
{
    enum { VALUES = 300 };
    const struct mr_reduce_plan plan = { .count = 1, .cells = 1, .prune_top = top, .prune_least = least };
    struct mr_prune p;
    uint64_t values[VALUES];
    must(mr_prune_init(&p, &plan, &err));
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = least + draw_below(largest);
        if (draw_below(50) == 0)
            values[i] = UINT64_MAX - draw_below(2);
        if (values[i] >= p.admits)
            mr_prune_keep(&p, values[i]);
        qsort(values, i + 1, sizeof *values, descending);
        uint64_t wanted = top > 0 && i + 1 >= top ? values[top - 1] : least;
        check_for(p.floor == wanted, "%zu of %zu: %llu, not %llu", top, i + 1,
                  (unsigned long long)p.floor, (unsigned long long)wanted);
    }
    mr_prune_release(&p);
}

Test(prune, the_floor_is_the_last_of_the_first_so_far)
{
    for (size_t top = 0; top < 320; top += 1 + top / 4)
        for (uint64_t largest = 1; largest < UINT64_C(1) << 62; largest *= 1000)
            check_floor(top, top % 2 ? 0 : 5, largest);
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
    mr_prune_keep(&p, 7);
    check(!mr_prune_passes(&p, &b, &sum) && mr_prune_wanted(&p, &a) == 3);
    mr_prune_keep(&p, 1);
    check(!mr_prune_passes(&p, &c, &sum) && mr_prune_wanted(&p, &c) == 3);
    mr_prune_keep(&p, 2); /* as many as bucket 1 may have of a word */
    check(!mr_prune_passes(&p, &b, &sum) && mr_prune_wanted(&p, &b) == 3);
    mr_prune_keep(&p, 5);
    check(mr_prune_passes(&p, &b, &sum) && sum == 4);
    check(!mr_prune_passes(&p, &c, &sum) && !mr_prune_passes(&p, &a, &sum));
    check(mr_prune_wanted(&p, &a) == 1);
    mr_prune_release(&p);
}
