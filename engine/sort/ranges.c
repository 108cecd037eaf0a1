/* Cutting the total order into ranges. */
#include "sort/ranges.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

struct weighted {
    struct mr_point point;
    uint64_t weight; /* of its run's records until the next point */
};

static int compare(const void *a, const void *b, void *order)
{
    const struct weighted *x = a, *y = b;
    return mr_points_compare(&x->point, &y->point, *(struct mr_ordering *)order);
}

/* Adds a run's points to all. */
static int add_run(struct mr_buffer *all, struct mr_block_reader *reader,
                   const struct mr_runs *file, const struct mr_run *run, struct mr_point *points,
                   struct mr_error *err)
{
    int count = mr_run_points(reader, file->spool, file->task, run, points, err);
    for (int i = 0; i < count; i++) {
        uint64_t end = i + 1 < count ? points[i + 1].before : run->weight;
        struct weighted w = { points[i], end - points[i].before };
        if (mr_buffer_add(all, &w, sizeof w) < 0)
            return mr_error_memory(err, sizeof w, "the runs' points");
    }
    return count < 0 ? -1 : 0;
}

/* Picks the bounds from all points in order. */
static int pick(struct mr_point *bounds, size_t ranges, const struct weighted *all, size_t count,
                struct mr_ordering order)
{
    uint64_t total = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        total += all[i].weight;
    int found = 0;
    for (size_t i = 0; i < count && (size_t)found + 1 < ranges; i++) {
        uint64_t wanted = (uint64_t)((unsigned __int128)total * (unsigned)(found + 1) / ranges);
        if (sum >= wanted && sum > 0 &&
            (found == 0 || mr_points_compare(&all[i].point, &bounds[found - 1], order) > 0))
            bounds[found++] = all[i].point;
        sum += all[i].weight;
    }
    return found;
}

int mr_ranges_find(struct mr_point *bounds, size_t ranges, const struct mr_runs *files,
                   size_t file_count, const struct mr_store *store, struct mr_ordering order,
                   struct mr_error *err)
{
    if (ranges < 2)
        return 0;
    struct mr_buffer all = MR_BUFFER_INIT;
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, store, MR_INDEX_MAX);
    struct mr_point *points = malloc(MR_POINTS * sizeof *points);
    int found = 0;
    if (points == NULL) {
        mr_error_memory(err, MR_POINTS * sizeof *points, "points");
        found = -1;
    }
    for (size_t f = 0; f < file_count && found == 0; f++)
        for (size_t i = 0; i < files[f].count && found == 0; i++)
            found = add_run(&all, &reader, &files[f], &files[f].at[i], points, err);
    if (found == 0) {
        struct weighted *at = (struct weighted *)(void *)all.at;
        size_t count = all.size / sizeof *at;
        if (count > 0)
            qsort_r(at, count, sizeof *at, compare, &order);
        found = pick(bounds, ranges, at, count, order);
    }
    free(points);
    mr_buffer_free(&all);
    mr_block_reader_release(&reader);
    return found;
}
