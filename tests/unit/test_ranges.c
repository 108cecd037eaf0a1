/* Ranges: bounds in order that cut all runs into parts of about equal size. */
#include "sort/ranges.h"

#include "runs.h"

TestSuite(ranges, .init = make_store, .fini = remove_store);

Test(ranges, they_hold_every_record_once)
{
    for (int round = 0; round < 40; round++) {
        struct run_files f;
        struct pairs got = { NULL, 0, 0 };
        struct mr_point bounds[16];
        size_t ranges = draw_below(17);
        make_runs(&f, all_orderings[round % ORDERINGS], 5, 400, round % 3 ? 4 : 1000, round % 2,
                  round % 3 == 0);
        int found = mr_ranges_find(bounds, ranges, f.runs, RUN_FILES, RUN_ROOM, store, f.order,
                                   &err);
        must(found);
        check(found == 0 || (size_t)found < ranges);
        for (int i = 0; i + 1 < found; i++)
            check(mr_points_compare(&bounds[i], &bounds[i + 1], f.order) < 0);
        for (int i = 0; i <= found; i++)
            merge_all(&got, &f, i ? &bounds[i - 1] : NULL, i < found ? &bounds[i] : NULL);
        check_same_pairs(&got, &f.all);
        free_pairs(&got);
        free_runs(&f);
    }
}

/* Cuts runs into 8 ranges, each of which must have about an eighth of the records. */
static void check_equal(struct run_files *f)
{
    struct mr_point bounds[8];
    int found = mr_ranges_find(bounds, 8, f->runs, RUN_FILES, RUN_ROOM, store, f->order, &err);
    must(found);
    check_for(found == 7 || f->all.count < 1000, "%d bounds for %zu records", found,
              f->all.count);
    for (int i = 0; i <= found && f->all.count >= 1000; i++) {
        struct pairs part = { NULL, 0, 0 };
        merge_all(&part, f, i ? &bounds[i - 1] : NULL, i < found ? &bounds[i] : NULL);
        check_for(part.count > f->all.count / 16 && part.count < f->all.count / 4,
                  "part %d has %zu of %zu", i, part.count, f->all.count);
        free_pairs(&part);
    }
}

/* By value: the test's keys are too often alike in all that a point keeps of them. */
Test(ranges, they_are_about_equal)
{
    for (size_t order = 0; order < 2; order++) {
        struct run_files f;
        make_runs(&f, all_orderings[order], 6, 4000, 100000, false, false);
        check_equal(&f);
        free_runs(&f);
    }
}

Test(ranges, they_are_about_equal_of_many_runs_of_a_block_each)
{
    for (size_t order = 0; order < 2; order++) {
        struct run_files f;
        make_runs(&f, all_orderings[order], 400, 20, 100000, false, false);
        check_equal(&f);
        free_runs(&f);
    }
}

Test(ranges, one_range_or_no_runs_need_no_bounds)
{
    struct mr_point bounds[4];
    struct run_files f;
    make_runs(&f, all_orderings[0], 3, 100, 100, false, false);
    cr_assert_eq(mr_ranges_find(bounds, 1, f.runs, RUN_FILES, RUN_ROOM, store, f.order, &err), 0);
    cr_assert_eq(mr_ranges_find(bounds, 0, f.runs, RUN_FILES, RUN_ROOM, store, f.order, &err), 0);
    cr_assert_eq(mr_ranges_find(bounds, 4, f.runs, 0, RUN_ROOM, store, f.order, &err), 0);
    free_runs(&f);
}
