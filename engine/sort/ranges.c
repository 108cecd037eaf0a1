/* Cutting the total order into ranges. */
#include "sort/ranges.h"

#include "base/error.h"
#include "sort/merge.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHORT = 8,   /* blocks: a run of no more has too few points, and is read */
    SAMPLES = 32 /* of its records that are taken for points then, about */
};

struct weighted {
    struct mr_point point;
    uint64_t weight; /* of its run's records until the next point */
};

/* The points of all runs. */
struct sampling {
    const struct mr_store *store;
    struct mr_ordering order;
    size_t payload_max; /* bytes of a run's blocks */
    struct mr_buffer all;
    struct mr_block_reader reader;
    struct mr_point *points; /* room for those of one run */
    struct mr_error *err;
};

static int compare(const void *a, const void *b, void *order)
{
    const struct weighted *x = a, *y = b;
    return mr_points_compare(&x->point, &y->point, *(struct mr_ordering *)order);
}

static int add_point(struct sampling *s, const struct mr_point *point, uint64_t weight)
{
    struct weighted w = { *point, weight };
    return mr_buffer_add(&s->all, &w, sizeof w) < 0
               ? mr_error_memory(s->err, sizeof w, "the runs' points")
               : 0;
}

/* Adds a run's own points. */
static int add_points(struct sampling *s, const struct mr_runs *file, const struct mr_run *run)
{
    int count = mr_run_points(&s->reader, file->spool, file->task, run, s->points, s->err);
    for (int i = 0; i < count; i++) {
        uint64_t end = i + 1 < count ? s->points[i + 1].before : run->weight;
        if (add_point(s, &s->points[i], end - s->points[i].before) < 0)
            return -1;
    }
    return count < 0 ? -1 : 0;
}

/* Adds a record as a point. One whose key is out-of-line is none, as in runs. */
static int add_record(struct sampling *s, const struct mr_record *r, uint64_t weight)
{
    struct mr_point p = { .value = r->value, .size = r->size };
    if (r->out_of_line)
        return 0;
    if (p.size > MR_POINT_KEY)
        p.size = MR_POINT_KEY;
    memcpy(p.key, r->key, p.size);
    return add_point(s, &p, weight);
}

/* Adds every so manyth record of a short run, as if all weighed the same. */
static int add_samples(struct sampling *s, const struct mr_runs *file, const struct mr_run *run)
{
    struct mr_merge m;
    struct mr_run_reader *next;
    uint64_t stride = run->records / SAMPLES + 1, i = 0;
    if (run->records == 0)
        return 0;
    int result = mr_merge_init(&m, 1, s->payload_max, s->store, s->order, s->err);
    if (result == 0)
        result = mr_merge_add(&m, file, run, 0, NULL);
    while (result == 0 && (result = mr_merge_next(&m, &next)) > 0)
        result = i++ % stride == 0
                     ? add_record(s, &next->current.record, run->weight * stride / run->records)
                     : 0;
    mr_merge_release(&m);
    return result;
}

static int add_run(struct sampling *s, const struct mr_runs *file, const struct mr_run *run)
{
    return run->end - run->offset > SHORT * s->payload_max ? add_points(s, file, run)
                                                           : add_samples(s, file, run);
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

static int add_file(struct sampling *s, const struct mr_runs *file)
{
    for (size_t i = 0; i < file->count; i++)
        if (add_run(s, file, &file->at[i]) < 0)
            return -1;
    return 0;
}

static int add_all(struct sampling *s, const struct mr_runs *files, size_t file_count)
{
    size_t damaged = 0;
    s->points = malloc(MR_POINTS * sizeof *s->points);
    if (s->points == NULL)
        return mr_error_memory(s->err, MR_POINTS * sizeof *s->points, "points");
    for (size_t f = 0; f < file_count; f++) {
        if (add_file(s, &files[f]) == 0)
            continue;
        if (!mr_spool_mark_damaged(files[f].spool, s->err)) /* all are made again together */
            return -1;
        damaged++;
    }
    return damaged > 0 ? -1 : 0;
}

int mr_ranges_find(struct mr_point *bounds, size_t ranges, const struct mr_runs *files,
                   size_t file_count, size_t payload_max, const struct mr_store *store,
                   struct mr_ordering order, struct mr_error *err)
{
    if (ranges < 2)
        return 0;
    struct sampling s = { .store = store, .order = order, .payload_max = payload_max,
                          .all = MR_BUFFER_INIT, .err = err };
    mr_block_reader_init(&s.reader, store, MR_INDEX_MAX);
    int found = add_all(&s, files, file_count);
    if (found == 0) {
        struct weighted *at = (struct weighted *)(void *)s.all.at;
        size_t count = s.all.size / sizeof *at;
        if (count > 0)
            qsort_r(at, count, sizeof *at, compare, &order);
        found = pick(bounds, ranges, at, count, order);
    }
    free(s.points);
    mr_buffer_free(&s.all);
    mr_block_reader_release(&s.reader);
    return found;
}
