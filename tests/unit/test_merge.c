/* Merging: runs of several files, merged, are what sorting all their records would give. */
#include "runs.h"
#include "values.h"

TestSuite(merge, .init = make_store, .fini = remove_store);

static void check_merged(struct mr_ordering order, size_t runs, size_t records, uint64_t values)
{
    struct run_files f;
    struct pairs got = { NULL, 0, 0 };
    make_runs(&f, order, runs, records, values, draw_below(2), draw_below(2));
    merge_all(&got, &f, NULL, NULL);
    check_same_pairs(&got, &f.all);
    free_pairs(&got);
    free_runs(&f);
}

Test(merge, any_number_of_runs_gives_all_records_in_order)
{
    for (size_t order = 0; order < ORDERINGS; order++)
        for (size_t runs = 0; runs < 12; runs++)
            check_merged(all_orderings[order], runs, 60, 1 + draw_below(20));
}

Test(merge, long_runs_and_many_are_merged)
{
    for (size_t order = 0; order < ORDERINGS; order++) {
        check_merged(all_orderings[order], 2, 5000, 50);
        check_merged(all_orderings[order], 60, 50, 3);
    }
}

/* Keys of a byte or two again and again, so that they begin each other, end wherever a word may
 * and are equal across runs. */
Test(merge, keys_that_begin_each_other_are_merged_in_all_orders)
{
    for (int round = 0; round < 200; round++) {
        struct mr_block_writer blocks;
        struct mr_key_writer keys;
        struct mr_run_writer w;
        struct mr_run runs[8];
        struct run_files f = { .order = all_orderings[round % UNGROUPED] };
        struct pairs got = { NULL, 0, 0 };
        size_t count = 1 + draw_below(8);
        mr_spool_create(&f.spools[0], store, "runs", 0);
        must(mr_block_writer_init(&blocks, &f.spools[0], store, 0, false, &err));
        must(mr_key_writer_init(&keys, &blocks, RUN_ROOM, &err));
        must(mr_run_writer_init(&w, &blocks, RUN_ROOM, &err));
        for (size_t i = 0; i < count; i++) {
            struct pairs p = { NULL, 0, 0 };
            for (size_t size = 0; size < 40; size++) {
                unsigned char key[40];
                memset(key, round % 3 ? '\0' : '\xFF', sizeof key);
                if (size > 0 && draw_below(2))
                    key[size - 1] = (unsigned char)(draw_below(2) * 255);
                if (draw_below(3) == 0)
                    continue;
                add_pair(&p, key, size, round % 5 ? 1 : draw_below(2));
                add_pair(&f.all, key, size, p.at[p.count - 1].value);
            }
            sort_pairs(&p, f.order);
            write_run(&w, &keys, &p, (uint32_t)i, &runs[i]);
            free_pairs(&p);
        }
        mr_run_writer_release(&w);
        mr_key_writer_release(&keys);
        mr_block_writer_release(&blocks);
        f.runs[0] = (struct mr_runs){ &f.spools[0], 0, runs, count };
        sort_pairs(&f.all, f.order);
        merge_all(&got, &f, NULL, NULL);
        check_same_pairs(&got, &f.all);
        free_pairs(&got);
        f.runs[0].at = NULL;
        free_runs(&f);
    }
}

/* The place in the order of a random record, cut as a point's key is. */
static struct mr_point random_point(const struct pairs *all)
{
    const struct pair *p = &all->at[draw_below(all->count)];
    struct mr_point point = { .value = p->value };
    point.size = (uint32_t)(p->size < MR_POINT_KEY ? p->size : MR_POINT_KEY);
    if (draw_below(3) == 0)
        point.size = (uint32_t)draw_below(point.size + 1);
    memcpy(point.key, p->key, point.size);
    return point;
}

Test(merge, points_cut_the_order_so_that_each_record_is_in_one_part)
{
    for (int round = 0; round < 60; round++) {
        struct run_files f;
        struct pairs got = { NULL, 0, 0 };
        struct mr_point points[6];
        make_runs(&f, all_orderings[round % ORDERINGS], 6, 300, round % 3 ? 3 : 1000, round % 2,
                  round % 5 == 0);
        if (f.all.count > 0) {
            for (int i = 0; i < 6; i++)
                points[i] = random_point(&f.all);
            for (int i = 1; i < 6; i++) /* in order */
                for (int j = i; j > 0 && mr_points_compare(&points[j - 1], &points[j],
                                                           f.order) > 0; j--) {
                    struct mr_point t = points[j];
                    points[j] = points[j - 1];
                    points[j - 1] = t;
                }
            for (int i = 0; i <= 6; i++)
                merge_all(&got, &f, i ? &points[i - 1] : NULL, i < 6 ? &points[i] : NULL);
        }
        check_same_pairs(&got, &f.all);
        free_pairs(&got);
        free_runs(&f);
    }
}

/* Merges the first run of a file alone. Returns its records or -1. */
static int merge_one(const struct run_files *f)
{
    struct mr_merge m;
    struct mr_run_reader *next;
    int records = 0;
    must(mr_merge_init(&m, 1, RUN_ROOM, store, f->order, &err));
    int more = mr_merge_add(&m, &f->runs[0], &f->runs[0].at[0], 0, NULL);
    while (more >= 0 && (more = mr_merge_next(&m, &next)) > 0)
        records++;
    mr_merge_release(&m);
    return more < 0 ? -1 : records;
}

Test(merge, a_spoiled_run_is_an_error)
{
    struct run_files f;
    store->allowed = 0; /* on disk, to be spoiled */
    random_state = 4;   /* a seed that gives the first file a long run */
    make_runs(&f, all_orderings[0], 3, 500, 50, false, false);
    check(f.runs[0].count > 0 && f.runs[0].at[0].records > 100);
    cr_assert_eq((uint64_t)merge_one(&f), f.runs[0].at[0].records);
    int fd = open(scratch("runs-0"), O_WRONLY);
    check(pwrite(fd, "damage", 6, (off_t)f.runs[0].at[0].end - 20) == 6);
    close(fd);
    must_fail(merge_one(&f), "damaged");
    free_runs(&f);
}

Test(merge, a_record_that_no_writer_makes_is_an_error)
{
    unsigned char block[MR_BLOCK_HEAD + RUN_ROOM] = { 0 };
    struct run_files f = { .order = all_orderings[0] };
    struct mr_block_writer blocks;
    struct mr_run run = { .offset = MR_FILE_HEAD };
    mr_spool_create(&f.spools[0], store, "runs-0", 0);
    f.runs[0] = (struct mr_runs){ &f.spools[0], 0, &run, 1 };
    must(mr_block_writer_init(&blocks, &f.spools[0], store, 0, false, &err));
    /* A key as large as a block, so that it fits with a small value only. */
    uint32_t size = RUN_ROOM - 3;
    const unsigned char *key = mr_record_put_head(block + MR_BLOCK_HEAD, size, false, 1);
    uint32_t all = (uint32_t)(key - block - MR_BLOCK_HEAD) + size;
    check(all <= RUN_ROOM);
    must(mr_block_write(&blocks, MR_BLOCK_RUN, 0, block, all, &run.points, &err));
    run.end = f.spools[0].size;
    must_fail(merge_one(&f), "holds no records");
    mr_block_writer_release(&blocks);
    mr_spool_drop(&f.spools[0], store);
}

Test(merge, each_block_that_is_read_is_progress)
{
    struct run_files f;
    struct mr_merge m;
    struct mr_run_reader *next;
    _Atomic uint64_t progress = 0;
    size_t count = 0;
    uint64_t bytes = 0;
    int more;
    make_runs(&f, all_orderings[0], 6, 2000, 100, false, false);
    for (int i = 0; i < RUN_FILES; i++)
        count += f.runs[i].count;
    must(mr_merge_init(&m, count, RUN_ROOM, store, f.order, &err));
    mr_merge_watch(&m, &progress);
    for (int i = 0; i < RUN_FILES; i++)
        for (size_t k = 0; k < f.runs[i].count; k++) {
            must(mr_merge_add(&m, &f.runs[i], &f.runs[i].at[k], 0, NULL));
            bytes += f.runs[i].at[k].end - f.runs[i].at[k].offset;
        }
    while ((more = mr_merge_next(&m, &next)) > 0)
        ;
    must(more);
    cr_assert_geq(mr_progress_bytes(progress), bytes);
    cr_assert_gt(bytes, 100 * RUN_ROOM);
    mr_merge_release(&m);
    free_runs(&f);
}

/* ---- values that are bytes -------------------------------------------------------------- */

enum { VALUE_RUNS = 7 };

/* Runs of records with values, in one file, and all of them in order. */
struct value_runs {
    struct mr_spool spool;
    struct mr_run runs[VALUE_RUNS];
    struct entries all;
    struct mr_ordering order;
};

static int weigh_value(const struct mr_scale *scale, const struct mr_record *r,
                       const struct mr_key_place *place, uint64_t *weight, struct mr_error *error)
{
    struct mr_value v = mr_record_value(r);
    (void)scale, (void)place, (void)error;
    *weight = 1 + (v.out_of_line ? mr_locator_get(v.bytes).size : v.size);
    return 0;
}

/* Few keys, which come again and again, in every run; numbers go up in each run, and over all. */
static void random_values(struct entries *e, size_t count, size_t keys, size_t key_most)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char key[1000], value[700];
        size_t number = draw_below(keys), size = number * 7 % (key_most + 1);
        memset(key, number % 2 ? 'k' : '\xFF', sizeof key);
        for (size_t at = size, n = number; at > 0 && n > 0; n /= 3)
            key[--at] = (unsigned char)("a\0k"[n % 3]);
        size_t value_size = draw_size(RUN_KEY_MAX, draw_below(9) ? 30 : sizeof value);
        draw_bytes(value, value_size, "v");
        struct entry *added = add_entry(e, key, size, value, value_size);
        added->number = i + 1; /* 0 is the bound's */
    }
}

static void write_values(struct mr_run_writer *w, struct mr_key_writer *keys, struct entries *e,
                         uint32_t number, struct mr_run *run)
{
    struct mr_record *records = malloc((e->count + 1) * sizeof *records);
    uint64_t weight = 0;
    for (size_t i = 0; i < e->count; i++) /* what is out-of-line comes before the run */
        records[i] = stored_entry(&e->at[i], RUN_KEY_MAX, keys);
    w->values = true;
    mr_run_begin(w, number);
    for (size_t i = 0; i < e->count; i++) {
        must(mr_run_add(w, &records[i], 1 + e->at[i].value_size, &err));
        weight += 1 + e->at[i].value_size;
        free((void *)(uintptr_t)records[i].key);
    }
    must(mr_run_end(w, run, &err));
    check(run->records == e->count && run->weight == weight);
    free(records);
}

static void make_value_runs(struct value_runs *f, struct mr_ordering order, size_t count,
                            size_t keys, size_t key_most, bool compress)
{
    struct mr_block_writer blocks;
    struct mr_key_writer writer;
    struct mr_run_writer w;
    struct entries of_run[VALUE_RUNS] = { { NULL, 0, 0 } };
    memset(f, 0, sizeof *f);
    f->order = order;
    entries_by_bytes = order.by_bytes;
    random_values(&f->all, count, keys, key_most);
    for (size_t i = 0; i < count; i++) {
        const struct entry *e = &f->all.at[i];
        struct entry *copy = add_entry(&of_run[draw_below(VALUE_RUNS)], e->key, e->key_size,
                                       e->value, e->value_size);
        copy->number = e->number;
    }
    mr_spool_create(&f->spool, store, "values", 0);
    must(mr_block_writer_init(&blocks, &f->spool, store, 0, compress, &err));
    must(mr_key_writer_init(&writer, &blocks, RUN_ROOM, &err));
    must(mr_run_writer_init(&w, &blocks, RUN_ROOM, &err));
    for (uint32_t i = 0; i < VALUE_RUNS; i++) {
        sort_entries(&of_run[i], order.reverse);
        write_values(&w, &writer, &of_run[i], i, &f->runs[i]);
        free_entries(&of_run[i]);
    }
    mr_run_writer_release(&w);
    mr_key_writer_release(&writer);
    mr_block_writer_release(&blocks);
    must(mr_spool_finish(&f->spool, store, &err));
    must(mr_spool_commit(&f->spool, store, &err));
    sort_entries(&f->all, order.reverse);
}

static void free_value_runs(struct value_runs *f)
{
    mr_spool_drop(&f->spool, store);
    free_entries(&f->all);
}

/* Merges from a point until another; what comes before must weigh what got's records do. */
static void merge_values(struct entries *got, struct value_runs *f,
                         const struct mr_point *from, const struct mr_point *until)
{
    struct mr_runs file = { &f->spool, 0, NULL, 0 };
    struct mr_merge m;
    struct mr_run_reader *next;
    struct mr_block_reader reader;
    uint64_t before = 0;
    int more;
    for (size_t i = 0; i < got->count; i++)
        before += 1 + got->at[i].value_size;
    mr_block_reader_init(&reader, store, RUN_ROOM);
    must(mr_merge_init(&m, VALUE_RUNS, RUN_ROOM, store, f->order, &err));
    m.scale.weigh = weigh_value;
    if (until != NULL)
        mr_merge_until(&m, until);
    /* The runs in another order than their numbers, so that it is these that decide. */
    for (size_t i = VALUE_RUNS; i-- > 0;)
        must(mr_merge_add(&m, &file, &f->runs[i], 0, from));
    check(m.before == before);
    while ((more = mr_merge_next(&m, &next)) > 0) {
        struct entry *e = take_entry(got, &next->current.record,
                                     (struct mr_key_place){ &f->spool, 0, &reader });
        e->number = next->current.record.value;
    }
    must(more);
    mr_merge_release(&m);
    mr_block_reader_release(&reader);
}

static void check_numbers(const struct entries *got, const struct entries *wanted)
{
    check_same_entries(got, wanted);
    for (size_t i = 0; i < got->count; i++)
        check(entries_by_bytes || got->at[i].number == wanted->at[i].number);
}

static const struct mr_ordering value_orders[] = {
    { .values = true },
    { .values = true, .reverse = true },
    { .values = true, .by_bytes = true },
    { .values = true, .by_bytes = true, .reverse = true },
};

Test(merge, records_of_one_key_come_by_their_numbers_or_their_bytes)
{
    for (int round = 0; round < 60; round++) {
        struct value_runs f;
        struct entries got = { NULL, 0, 0 };
        make_value_runs(&f, value_orders[round % 4], round * 20, 1 + draw_below(60),
                        round % 3 ? 40 : 900, round % 5 == 0);
        merge_values(&got, &f, NULL, NULL);
        check_numbers(&got, &f.all);
        free_entries(&got);
        free_value_runs(&f);
    }
}

static int compare_points(const void *a, const void *b)
{
    return mr_points_compare(a, b, value_orders[plain_order.reverse]);
}

/* A point is in front of all records of its key, whatever its value says. */
Test(merge, points_cut_between_keys_and_never_within_one)
{
    for (int round = 0; round < 60; round++) {
        struct value_runs f;
        struct entries got = { NULL, 0, 0 };
        struct mr_point points[5];
        make_value_runs(&f, value_orders[round % 4], 900, 1 + draw_below(40),
                        round % 4 ? 90 : 400, round % 5 == 0);
        for (int i = 0; i < 5; i++) {
            const struct entry *e = &f.all.at[draw_below(f.all.count)];
            points[i] = (struct mr_point){ .value = draw() };
            points[i].size = (uint32_t)(e->key_size < MR_POINT_KEY ? e->key_size : MR_POINT_KEY);
            memcpy(points[i].key, e->key, points[i].size);
        }
        plain_order = f.order;
        qsort(points, 5, sizeof *points, compare_points);
        for (int i = 0; i <= 5; i++)
            merge_values(&got, &f, i ? &points[i - 1] : NULL, i < 5 ? &points[i] : NULL);
        check_numbers(&got, &f.all);
        free_entries(&got);
        free_value_runs(&f);
    }
}

Test(merge, a_value_that_no_writer_makes_is_an_error)
{
    unsigned char block[MR_BLOCK_HEAD + RUN_ROOM] = { 0 };
    unsigned char *start = block + MR_BLOCK_HEAD, value[RUN_ROOM] = { 0 };
    struct run_files f = { .order = value_orders[0] };
    for (uint32_t size = RUN_ROOM - 20; size > RUN_ROOM - 40; size -= 5) {
        struct mr_block_writer blocks;
        struct mr_run run = { .offset = MR_FILE_HEAD };
        mr_spool_create(&f.spools[0], store, "runs-0", 0);
        f.runs[0] = (struct mr_runs){ &f.spools[0], 0, &run, 1 };
        must(mr_block_writer_init(&blocks, &f.spools[0], store, 0, false, &err));
        unsigned char *to = mr_record_put_head(mr_varint_put(start, 0), 1, false, 1);
        *to++ = 'k';
        to = mr_value_put(to, &(struct mr_value){ value, size, false });
        must(mr_block_write(&blocks, MR_BLOCK_RUN, 0, block, (uint32_t)(to - start), &run.points,
                            &err));
        run.end = f.spools[0].size;
        if (size + 3 + MR_RECORD_HEAD_MAX > RUN_ROOM) /* its head has two bytes */
            must_fail(merge_one(&f), "holds no records");
        else
            cr_assert_eq(merge_one(&f), 1);
        mr_block_writer_release(&blocks);
        mr_spool_drop(&f.spools[0], store);
    }
}
