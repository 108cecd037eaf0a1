/* The reducer: shuffle files of several tasks come together to runs, however little memory. */
#include "reduce/prune.h"
#include "reduce/reducer.h"
#include "reduce/values.h"

#include "collide.h"
#include "shuffles.h"
#include "runs.h"

#include <stddef.h>

TestSuite(reducer, .init = make_store, .fini = remove_store);

enum { TASKS = 3, BUCKETS = 12, ROOM = 2048, KEY_MAX = 500, REDUCER_TASK = 1 };

static struct mr_spool shuffles[TASKS];
static const struct mr_shuffles all_shuffles = { .files = shuffles, .count = TASKS };
static const struct mr_shuffles first_shuffle = { .files = shuffles, .count = 1 };
static uint32_t buckets = BUCKETS;
static uint32_t cells; /* of a bucket, in which the files' values are summed; 0: they are not */

/* Adds a record to the file, its key out-of-line where it is so large, and to wanted. */
static void put_record(struct pairs *wanted, const unsigned char *key, size_t size, uint64_t value)
{
    add_pair(wanted, key, size, value);
    if (size <= KEY_MAX) {
        must(mr_shuffle_add(&writing.records, mr_hash(key, size), key, (uint32_t)size, false,
                            value, &err));
        return;
    }
    struct mr_locator l;
    unsigned char bytes[MR_LOCATOR_SIZE];
    must(mr_key_writer_add(&writing.keys, key, size, &err));
    must(mr_key_writer_end(&writing.keys, &l, &err));
    mr_locator_put(bytes, &l);
    must(mr_shuffle_add(&writing.records, l.hash, bytes, sizeof bytes, true, value, &err));
}

static void begin_file(uint32_t task, bool compress)
{
    begin_shuffle(&shuffles[task], task, buckets, ROOM, compress);
    if (cells > 0)
        must(mr_shuffle_sum_cells(&writing.records, cells, &err));
}

/* Makes the key of a number, some short, some long and some so large that they are out-of-line.
 * Returns its size. */
static size_t make_key(unsigned char key[5000], size_t number)
{
    memset(key, 'x', 5000);
    const char *start = number % 3 ? "" : "many/keys/begin/so/";
    size_t size = (size_t)snprintf((char *)key, 5000, "%s%zu", start, number * 77);
    key[size] = 'x';
    size += number % 5 == 0 ? number % 90 : 0;
    if (number % 211 == 0)
        size += KEY_MAX + number % 3000;
    return size;
}

/* Writes each task's shuffle file: random records, which wanted gets, too. key_count of the
 * keys' names are drawn from. */
static void write_shuffles(struct pairs *wanted, size_t records, size_t key_count, bool one_bucket,
                           bool compress)
{
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_file(task, compress);
        for (size_t i = 0; i < records; i++) {
            unsigned char key[5000];
            size_t size = make_key(key, draw_below(key_count));
            uint64_t value = draw_below(100);
            if (!one_bucket || mr_bucket(mr_hash(key, size), buckets) == 2)
                put_record(wanted, key, size, value);
        }
        end_shuffle(&shuffles[task]);
    }
}

/* The same with keys that a table without a seed looks for in one place, short and long, and large
 * ones that have one hash. Between them come others. */
static void write_crowding(struct pairs *wanted, size_t records, size_t key_count)
{
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_shuffle(&shuffles[task], task, buckets, ROOM, false);
        for (size_t i = 0; i < records; i++) {
            unsigned char key[2 * KEY_MAX];
            size_t number = draw_below(key_count), size = MR_SHORT_KEY;
            if (number % 97 == 0)
                large_of_one_hash(key, size = 2 * KEY_MAX, number);
            else if (number % 3 == 0)
                size = (size_t)snprintf((char *)key, sizeof key, "another %zu", number);
            else
                short_of_one_place(key, number);
            put_record(wanted, key, size, draw_below(100));
        }
        end_shuffle(&shuffles[task]);
    }
}

static void drop_shuffles(void)
{
    for (int i = 0; i < TASKS; i++)
        mr_spool_drop(&shuffles[i], store);
}

/* A plan that spills: a table for a few hundred keys only, or an ample one. */
static struct mr_reduce_plan small_plan(size_t table)
{
    return (struct mr_reduce_plan){
        .buckets = buckets, .first = 0, .count = buckets, .bucket_payload = ROOM, .run_payload = ROOM,
        .key_max = KEY_MAX, .key_payload = ROOM, .table = table, .fan_in = 3, .runs_max = 4,
        .order = { .by_value = true }, .top = MR_ALL,
    };
}

/* Reduces; what the runs hold goes to got, the figures to result. Each run must be in order. */
static void reduce(struct pairs *got, const struct mr_job *job, const struct mr_reduce_plan *plan,
                   struct mr_reduce_result *result)
{
    struct mr_spool spool;
    struct mr_runs runs;
    struct mr_block_reader keys;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&spool, store, "reduced", 0);
    must(mr_reduce_run(job, NULL, plan, &all_shuffles, REDUCER_TASK, &spool, store, result,
                       &progress, &err));
    /* Each block that was read, at least, and there is a file's last one that is larger. */
    uint64_t bytes = 0;
    for (int i = 0; i < TASKS && plan->count == buckets && plan->cells == 0; i++)
        bytes += shuffles[i].size - plan->buckets * 12;
    check_for(progress >= bytes / (MR_BLOCK_HEAD + ROOM) / 2, "progress %llu for %llu bytes",
              (unsigned long long)progress, (unsigned long long)bytes);
    must(mr_spool_commit(&spool, store, &err));
    must(mr_runs_read(&runs, &spool, store, REDUCER_TASK, result->runs, &err));
    check_for(runs.count <= plan->runs_max, "%zu runs are left", runs.count);
    mr_block_reader_init(&keys, store, plan->key_payload);
    for (size_t i = 0; i < runs.count; i++) {
        struct mr_merge m;
        struct mr_run_reader *next;
        int more;
        size_t first = got->count;
        must(mr_merge_init(&m, 1, plan->run_payload, store, plan->order, &err));
        must(mr_merge_add(&m, &runs, &runs.at[i], 0, NULL));
        while ((more = mr_merge_next(&m, &next)) > 0)
            add_record(got, &next->current.record,
                       (struct mr_key_place){ &spool, REDUCER_TASK, &keys });
        must(more);
        mr_merge_release(&m);
        plain_order = plan->order;
        for (size_t j = first; j + 1 < got->count; j++)
            check(compare_pairs(&got->at[j], &got->at[j + 1]) < 0);
    }
    mr_block_reader_release(&keys);
    free(runs.at);
    mr_spool_drop(&spool, store);
}

static const struct mr_job adding = { .name = "adding" };
static const struct mr_job maximum = { .name = "maximum", .combine = larger };

/* Reduces the shuffle files, which have wanted's records, and drops both. */
static void check_result(const struct mr_job *job, const struct mr_reduce_plan *plan,
                         struct pairs *wanted)
{
    struct pairs got = { NULL, 0, 0 };
    struct mr_reduce_result result;
    combine_pairs(wanted, job->combine ? job->combine : sum);
    reduce(&got, job, plan, &result);
    sort_by_key(&got);
    check_same_pairs(&got, wanted);
    mr_total all = 0;
    for (size_t i = 0; i < wanted->count; i++)
        all += wanted->at[i].value;
    check(result.sum == all && result.distinct == wanted->count && result.kept == wanted->count);
    free_pairs(&got);
    free_pairs(wanted);
    drop_shuffles();
}

static void check_reduced(const struct mr_job *job, const struct mr_reduce_plan *plan,
                          size_t records, size_t key_count, bool one_bucket)
{
    struct pairs wanted = { NULL, 0, 0 };
    write_shuffles(&wanted, records, key_count, one_bucket, plan->compress);
    check_result(job, plan, &wanted);
}

enum { TINY = 64 << 10, AMPLE = 8 << 20 };

Test(reducer, more_buckets_than_it_knows_the_places_of_at_a_time)
{
    for (buckets = 1000; buckets <= 4000; buckets += 750) {
        struct mr_reduce_plan plan = small_plan(AMPLE);
        check_reduced(&adding, &plan, 3000, 2000, false);
    }
}

Test(reducer, records_of_all_tasks_meet)
{
    for (int i = 0; i < UNGROUPED; i++) {
        struct mr_reduce_plan plan = small_plan(AMPLE);
        plan.order = all_orderings[i];
        plan.compress = i % 2;
        check_reduced(i % 2 ? &adding : &maximum, &plan, 5000, 2000, false);
    }
}

Test(reducer, buckets_that_do_not_fit_are_brought_together_by_sorting)
{
    for (int i = 0; i < UNGROUPED; i++) {
        struct mr_reduce_plan plan = small_plan(TINY);
        plan.order = all_orderings[i];
        plan.compress = i % 2;
        check_reduced(i % 2 ? &maximum : &adding, &plan, 12000, 30000, false);
    }
}

Test(reducer, one_bucket_may_hold_everything)
{
    struct mr_reduce_plan plan = small_plan(TINY);
    check_reduced(&adding, &plan, 100000, 60000, true);
}

Test(reducer, keys_that_crowd_the_table_are_brought_together_by_sorting)
{
    for (size_t table = TINY; table <= AMPLE; table *= 128)
        for (int i = 0; i < UNGROUPED; i++) {
            struct mr_reduce_plan plan = small_plan(table); /* without a seed */
            struct pairs wanted = { NULL, 0, 0 };
            plan.order = all_orderings[i];
            write_crowding(&wanted, 6000, 5000);
            check_result(i % 2 ? &maximum : &adding, &plan, &wanted);
        }
}

/* Two tasks' values of a key, in the table or, where others fill that between them, in two runs. */
static void check_overflow(size_t table, size_t others, uint64_t first, uint64_t second,
                           const char *words)
{
    struct mr_reduce_plan plan = small_plan(table);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct pairs all = { NULL, 0, 0 };
    _Atomic uint64_t progress = 0;
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_file(task, false);
        if (task < 2)
            put_record(&all, (const unsigned char *)"counted", 7, task == 0 ? first : second);
        for (size_t i = 0; i < others; i++) {
            unsigned char key[32];
            int size = snprintf((char *)key, sizeof key, "%u/%zu", task, i);
            put_record(&all, key, (size_t)size, 1);
        }
        end_shuffle(&shuffles[task]);
    }
    mr_spool_create(&spool, store, "reduced", 0);
    int done = mr_reduce_run(&adding, NULL, &plan, &all_shuffles, REDUCER_TASK, &spool, store,
                             &result, &progress, &err);
    if (words != NULL)
        check_for(done < 0 && strstr(err.text, words) && err.final, "%s", err.text);
    else
        check(done == 0 && result.sum == (mr_total)first + second + TASKS * others);
    mr_spool_drop(&spool, store);
    drop_shuffles();
    free_pairs(&all);
}

Test(reducer, sums_of_64_bits_are_right_and_larger_ones_an_error_that_names_the_key)
{
    buckets = 1;
    for (size_t others = 0; others <= 20000; others += 20000) {
        check_overflow(TINY, others, UINT64_MAX - 5, 5, NULL);
        check_overflow(TINY, others, UINT64_MAX, 5, "of the key 'counted' add up to more than 64");
        check_overflow(TINY, others, 5, UINT64_MAX, "of the key 'counted' add up to more than 64");
    }
}

Test(reducer, nothing_is_reduced_to_nothing)
{
    struct mr_reduce_plan plan = small_plan(TINY);
    check_reduced(&adding, &plan, 0, 1, false);
}

Test(reducer, each_partition_has_its_own_buckets_and_no_others)
{
    struct pairs wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    uint64_t all = 0;
    write_shuffles(&wanted, 5000, 2000, false, false);
    for (uint32_t first = 0; first < BUCKETS; first += 4) {
        struct mr_reduce_plan plan = small_plan(AMPLE);
        struct mr_reduce_result result;
        size_t before = got.count;
        plan.first = first;
        plan.count = 4;
        reduce(&got, &adding, &plan, &result);
        all += result.sum;
        for (size_t i = before; i < got.count; i++)
            check(mr_bucket(mr_hash(got.at[i].key, got.at[i].size), BUCKETS) / 4 == first / 4);
    }
    combine_pairs(&wanted, sum);
    sort_by_key(&got);
    check_same_pairs(&got, &wanted);
    for (size_t i = 0; i < wanted.count; i++)
        all -= wanted.at[i].value;
    cr_assert_eq(all, 0);
    free_pairs(&got);
    free_pairs(&wanted);
    drop_shuffles();
}

Test(reducer, the_more_runs_there_are_the_more_gathers_for_the_next)
{
    enum { MANY = 512 };
    const size_t mb = 1 << 20, ample = 100 * mb;
    check(mr_result_gather(ample, 0, MANY) == 4 * mb);
    check(mr_result_gather(ample, MANY / 8, MANY) == 8 * mb);
    for (size_t runs = 3 * MANY / 8; runs <= 4 * MANY; runs++)
        check(mr_result_gather(ample, runs, MANY) == 16 * mb);
    for (size_t runs = 0; runs < MANY; runs++)
        check(mr_result_gather(ample, runs, MANY) <= mr_result_gather(ample, runs + 1, MANY));
    check(mr_result_gather(ample, 0, 1) == 4 * mb && mr_result_gather(ample, 1, 1) == 16 * mb);
    check(mr_result_gather(6 * mb, 0, MANY) == 3 * mb); /* no more than memory has room for */
    check(mr_result_gather(6 * mb, MANY, MANY) == 3 * mb);
}

Test(reducer, each_run_need_only_hold_the_first_wanted)
{
    for (size_t table = TINY; table <= AMPLE; table *= 128) {
        struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(table);
        struct mr_reduce_result result;
        plan.top = 25;
        write_shuffles(&all, 8000, 5000, false, false);
        combine_pairs(&all, sum);
        reduce(&got, &adding, &plan, &result);
        check(result.distinct == all.count);
        sort_pairs(&got, plan.order);
        sort_pairs(&all, plan.order);
        cr_assert_geq(got.count, 25);
        cr_assert_lt(got.count, all.count);
        struct pairs first = { got.at, 25, 0 }, wanted = { all.at, 25, 0 };
        check_same_pairs(&first, &wanted);
        free_pairs(&got);
        free_pairs(&all);
        drop_shuffles();
    }
}

/* Drops odd sums and keys that begin with 7, triples the others. */
static bool plain_keep(const struct pair *p)
{
    return p->value % 2 == 0 && p->key[0] != '7';
}

static int keep_some(const void *state, struct mr_key *key, uint64_t *value,
                     struct mr_context *context)
{
    const unsigned char *bytes = NULL;
    size_t size = 0;
    (void)context, (void)state;
    int more = mr_key_next(key, &bytes, &size);
    if (more <= 0)
        return more;
    struct pair p = { (unsigned char *)(uintptr_t)bytes, size, *value };
    if (!plain_keep(&p))
        return 0;
    *value *= 3;
    return 1;
}

Test(reducer, the_job_decides_on_each_key_once_with_all_its_values)
{
    struct mr_job job = { .name = "some", .reduce = keep_some };
    for (size_t table = TINY; table <= AMPLE; table *= 128) {
        struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(table);
        struct mr_reduce_result result;
        uint64_t before = 0;
        write_shuffles(&all, 8000, 5000, false, false);
        combine_pairs(&all, sum);
        for (size_t i = 0; i < all.count; i++) {
            before += all.at[i].value;
            if (plain_keep(&all.at[i]))
                add_pair(&wanted, all.at[i].key, all.at[i].size, 3 * all.at[i].value);
        }
        reduce(&got, &job, &plan, &result);
        sort_by_key(&got);
        check_same_pairs(&got, &wanted);
        check(result.sum == before && result.distinct == all.count &&
              result.kept == wanted.count);
        free_pairs(&got);
        free_pairs(&wanted);
        free_pairs(&all);
        drop_shuffles();
    }
}

/* ---- pruned ----------------------------------------------------------------------------- */

/* The same with few frequent keys and many that are not, and many of equal sums. */
static void write_skewed(struct pairs *wanted, size_t records, bool compress)
{
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_file(task, compress);
        for (size_t i = 0; i < records; i++) {
            unsigned char key[5000];
            size_t size = make_key(key, draw_below(UINT64_C(1) << draw_below(13)));
            put_record(wanted, key, size, draw_below(3));
        }
        end_shuffle(&shuffles[task]);
    }
}

static mr_total sum_of(const struct pairs *p)
{
    mr_total all = 0;
    for (size_t i = 0; i < p->count; i++)
        all += p->at[i].value;
    return all;
}

/* Checks that the first of got, once it is in order, are the first of all. */
static void check_first(struct pairs *got, struct pairs *all, struct mr_ordering order, size_t top)
{
    sort_pairs(got, order);
    sort_pairs(all, order);
    size_t first = top < all->count ? top : all->count;
    check_for(got->count >= first, "%zu of %zu", got->count, first);
    check_same_pairs(&(struct pairs){ got->at, first, 0 }, &(struct pairs){ all->at, first, 0 });
}

/* The first of the result are the same whatever is pruned, and so is the sum of all. */
Test(reducer, what_cannot_be_among_the_first_is_left_out)
{
    static const size_t tops[] = { 1, 2, 10, 60, 5000 };
    size_t left_out = 0;
    for (int round = 0; round < 30; round++) {
        struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 };
        struct mr_reduce_result result;
        buckets = round % 3 ? 48 : 2;
        cells = 1U << round % 6;
        struct mr_reduce_plan plan = small_plan(round % 4 ? AMPLE : TINY);
        plan.cells = cells;
        plan.compress = round % 7 == 0;
        plan.links = round % 5 ? 64 << 10 : 0; /* else the places of one bucket are known */
        plan.top = plan.prune_top = tops[draw_below(5)];
        write_skewed(&all, 4000, plan.compress);
        combine_pairs(&all, sum);
        reduce(&got, &adding, &plan, &result);
        check(result.sum == sum_of(&all) && result.distinct <= all.count);
        left_out += all.count - result.distinct;
        check(plan.top < 5000 || result.distinct == all.count);
        check_first(&got, &all, plan.order, plan.top);
        free_pairs(&got);
        free_pairs(&all);
        drop_shuffles();
    }
    check_for(left_out > 30 * 400, "only %zu keys were left out", left_out);
}

/* Keys that mostly have a cell of their own, and have as much as the last of the first: these are
 * the least by their bytes. */
Test(reducer, of_keys_with_equal_sums_none_is_left_out)
{
    buckets = 64;
    cells = 16;
    for (size_t table = TINY; table <= AMPLE; table *= 128) {
        struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(table);
        struct mr_reduce_result result;
        plan.cells = cells;
        plan.links = 64 << 10;
        plan.top = plan.prune_top = 20;
        for (uint32_t task = 0; task < TASKS; task++) {
            begin_file(task, false);
            for (size_t i = 0; i < 500; i++) {
                unsigned char key[5000];
                size_t size = make_key(key, i);
                put_record(&all, key, size, i % 100 == 0 ? 9 : i % 4 == 0 ? 2 : 4);
            }
            end_shuffle(&shuffles[task]);
        }
        combine_pairs(&all, sum);
        reduce(&got, &adding, &plan, &result);
        check(result.sum == sum_of(&all) && result.distinct < all.count);
        check_first(&got, &all, plan.order, plan.top);
        free_pairs(&got);
        free_pairs(&all);
        drop_shuffles();
    }
}

/* Many keys with one sum each, which begin alike for so many bytes: few but the least are sorted. */
static void check_ties(size_t alike, size_t top, size_t kept_at_most)
{
    struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    plan.cells = cells;
    plan.links = 64 << 10;
    plan.top = plan.prune_top = top;
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_file(task, false);
        for (size_t i = 0; i < 2000; i++) {
            unsigned char key[5000];
            memset(key, '/', alike);
            int size = snprintf((char *)key + alike, sizeof key - alike, "%zu", i * 7919 % 6007);
            put_record(&all, key, alike + (size_t)size, 3);
        }
        end_shuffle(&shuffles[task]);
    }
    combine_pairs(&all, sum);
    reduce(&got, &adding, &plan, &result);
    check(result.sum == sum_of(&all) && result.distinct == all.count);
    check_for(result.kept >= top && result.kept <= kept_at_most, "%llu of %zu, %zu alike",
              (unsigned long long)result.kept, all.count, alike);
    check_first(&got, &all, plan.order, top);
    free_pairs(&got);
    free_pairs(&all);
    drop_shuffles();
}

Test(reducer, of_keys_with_equal_sums_few_but_the_least_are_kept)
{
    cells = 4;
    for (size_t top = 1; top <= 60; top = 2 * top + 3) {
        check_ties(0, top, 400);
        check_ties(MR_PRUNE_KEY - 4, top, 400);
        check_ties(MR_PRUNE_KEY, top, 2000);  /* what differs is too far behind, */
        check_ties(KEY_MAX + 20, top, 2000);  /* or is out-of-line */
    }
}

static int keep_from_50(const void *state, struct mr_key *key, uint64_t *value,
                        struct mr_context *context)
{
    (void)state, (void)key, (void)context;
    return *value >= 50;
}

Test(reducer, what_the_job_would_drop_for_its_value_is_left_out)
{
    static const struct mr_job job = { .name = "from 50", .reduce = keep_from_50 };
    size_t left_out = 0;
    buckets = 200;
    cells = 8;
    for (int i = 0; i < 8; i++) {
        struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(i % 2 ? TINY : AMPLE);
        struct mr_reduce_result result;
        plan.cells = cells;
        plan.links = 1 << 20;
        plan.prune_least = 50;
        plan.order = all_orderings[i % 4];
        if (plan.order.by_value && !plan.order.reverse && i >= 4)
            plan.top = plan.prune_top = 7; /* both */
        write_skewed(&all, 4000, false);
        combine_pairs(&all, sum);
        for (size_t j = 0; j < all.count; j++)
            if (all.at[j].value >= 50)
                add_pair(&wanted, all.at[j].key, all.at[j].size, all.at[j].value);
        reduce(&got, &job, &plan, &result);
        check(result.sum == sum_of(&all));
        left_out += all.count - result.distinct;
        if (plan.top == MR_ALL)
            check(result.kept == wanted.count && got.count == wanted.count);
        check_first(&got, &wanted, plan.order, plan.top < 7 ? 0 : plan.top);
        free_pairs(&got);
        free_pairs(&wanted);
        free_pairs(&all);
        drop_shuffles();
    }
    check_for(left_out > 1000, "only %zu keys were left out", left_out);
}

/* Many values of one cell that are more than 64 bits hold, though none of its keys has so much; and
 * a key that has, which is an error even where it would be far from the first. */
Test(reducer, cells_may_have_more_than_64_bits_hold)
{
    struct pairs all = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    struct mr_reduce_result result;
    buckets = cells = 1;
    struct mr_reduce_plan plan = small_plan(AMPLE);
    plan.cells = cells;
    plan.links = 1 << 10;
    plan.prune_top = plan.top = 2;
    for (uint32_t task = 0; task < TASKS; task++) {
        begin_file(task, false);
        for (size_t i = 0; i < 3; i++)
            put_record(&all, (const unsigned char *)"abc" + i, 1, UINT64_MAX / TASKS - i);
        end_shuffle(&shuffles[task]);
    }
    combine_pairs(&all, sum);
    reduce(&got, &adding, &plan, &result);
    check(result.sum == sum_of(&all));
    check_first(&got, &all, plan.order, 2);
    free_pairs(&got);
    free_pairs(&all);
    drop_shuffles();
    check_overflow(AMPLE, 0, UINT64_MAX, 5, "of the key 'counted' add up to more than 64");
}

/* Tries to reduce what stands in the files. */
static int try_to_reduce(const struct mr_reduce_plan *plan)
{
    struct mr_reduce_result result;
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&spool, store, "reduced", 0);
    int done = mr_reduce_run(&adding, NULL, plan, &all_shuffles, 1, &spool, store, &result,
                             &progress, &err);
    mr_spool_drop(&spool, store);
    return done;
}

Test(reducer, cells_that_are_damaged_missing_or_others_fail_the_task)
{
    struct pairs all = { NULL, 0, 0 };
    store->allowed = 0;
    cells = 4;
    struct mr_reduce_plan plan = small_plan(AMPLE);
    plan.cells = cells;
    plan.links = 1 << 10;
    plan.prune_top = plan.top = 3;
    write_skewed(&all, 300, false);
    must(try_to_reduce(&plan));
    size_t size, block = MR_BLOCK_HEAD + 8 * (size_t)cells * buckets;
    char *file = read_file(scratch("map-1"), &size);
    size_t table = MR_BLOCK_HEAD + 12 * (size_t)buckets;
    for (size_t at = size - table - block; at < size; at += 1 + draw_below(4)) {
        char right = file[at];
        file[at] = (char)(right ^ 1 << draw_below(8));
        write_file("map-1", file, size);
        check_for(try_to_reduce(&plan) < 0 && strstr(err.text, "'map-1' is damaged"),
                  "byte %zu of %zu: %s", at, size, err.text);
        file[at] = right;
    }
    free(file);
    drop_shuffles();
    cells = 0; /* none are written */
    write_skewed(&all, 300, false);
    must_fail(try_to_reduce(&plan), "'map-0' is damaged");
    drop_shuffles();
    cells = 8; /* more than are asked for */
    write_skewed(&all, 300, false);
    must_fail(try_to_reduce(&plan), "'map-0' is damaged");
    drop_shuffles();
    free_pairs(&all);
}

/* ---- what fails ------------------------------------------------------------------------- */

static int fail(const void *state, struct mr_key *key, uint64_t *value,
                struct mr_context *context)
{
    (void)context, (void)state, (void)key, (void)value;
    strcpy(err.text, "no decision");
    return -1;
}

Test(reducer, a_job_that_cannot_decide_and_a_spoiled_shuffle_fail_the_task)
{
    struct mr_job job = { .name = "fails", .reduce = fail };
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct pairs all = { NULL, 0, 0 };
    _Atomic uint64_t progress = 0;
    store->allowed = 0; /* on disk, to be spoiled */
    write_shuffles(&all, 1000, 500, false, false);
    mr_spool_create(&spool, store, "reduced", 0);
    must_fail(mr_reduce_run(&job, NULL, &plan, &all_shuffles, 1, &spool, store, &result,
                            &progress, &err), "no decision");
    mr_spool_drop(&spool, store);
    int fd = open(scratch("map-1"), O_WRONLY);
    check(pwrite(fd, "damage", 6, 5000) == 6);
    close(fd);
    mr_spool_create(&spool, store, "reduced", 0);
    must_fail(mr_reduce_run(&adding, NULL, &plan, &all_shuffles, 1, &spool, store, &result,
                            &progress, &err), "'map-1' is damaged");
    mr_spool_drop(&spool, store);
    free_pairs(&all);
    drop_shuffles();
}

static int take_none(const void *state, struct mr_key *key, struct mr_value_list *values,
                     struct mr_context *context)
{
    (void)state, (void)key, (void)values, (void)context;
    return 0;
}

/* Damages the file of a task at so many bytes before its end, or makes it whole again. */
static void flip(uint32_t task, size_t before_end)
{
    char name[16], byte;
    snprintf(name, sizeof name, "map-%u", task);
    int fd = open(scratch(name), O_RDWR);
    off_t at = lseek(fd, -(off_t)before_end, SEEK_END);
    check(pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    check(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

/* Whether of all files the first failed task has told of these, by its error or by marks, a bit
 * each. */
static void check_marks(int (*reduce_it)(const struct mr_reduce_plan *plan),
                        const struct mr_reduce_plan *plan, unsigned wanted)
{
    unsigned told = 0;
    for (uint32_t i = 0; i < TASKS; i++)
        atomic_store(&shuffles[i].damaged, false);
    check((reduce_it(plan) < 0) == (wanted != 0));
    for (uint32_t i = 0; i < TASKS; i++)
        if (mr_spool_is_marked(&shuffles[i]) || (wanted && err.damaged == shuffles[i].id))
            told |= 1u << i;
    check_for(told == wanted, "%x, not %x", told, wanted);
}

static int try_values(const struct mr_reduce_plan *plan)
{
    struct mr_job job = { .name = "values", .reduce_values = take_none };
    struct mr_reduce_result result;
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&spool, store, "reduced", 0);
    int done = mr_reduce_values_run(&job, NULL, plan, &all_shuffles, 1, &spool, store, &result,
                                    &progress, &err);
    mr_spool_drop(&spool, store);
    return done;
}

Test(reducer, all_files_that_are_damaged_in_a_partition_are_told_of_at_once)
{
    struct pairs all = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(AMPLE);
    size_t table = MR_BLOCK_HEAD + 12 * (size_t)buckets;
    store->allowed = 0; /* on disk, to be damaged */
    write_shuffles(&all, 1000, 500, false, false);
    for (uint32_t i = 0; i < TASKS; i++)
        shuffles[i].id = 7 + i;
    for (unsigned links = 0; links <= 1 << 10; links += 1 << 10) { /* one bucket a window, or all */
        plan.links = links;
        for (unsigned some = 0; some < 1u << TASKS; some++) {
            /* Two are in the table, others before it, in the last block of the last bucket. */
            for (uint32_t i = 0; i < TASKS; i++)
                if (some >> i & 1)
                    flip(i, i % 2 ? 1 : table + 1);
            check_marks(try_to_reduce, &plan, some);
            check_marks(try_values, &plan, some);
            plan.count = 1; /* of the first bucket, only tables are read */
            check_marks(try_to_reduce, &plan, some & 0xAAAAAAAA);
            plan.count = buckets;
            for (uint32_t i = 0; i < TASKS; i++)
                if (some >> i & 1)
                    flip(i, i % 2 ? 1 : table + 1);
        }
    }
    free_pairs(&all);
    drop_shuffles();
}

Test(reducer, a_key_that_no_mapper_writes_fails_the_task)
{
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct mr_block_writer blocks;
    struct mr_shuffle_writer w;
    unsigned char key[2 * ROOM];
    _Atomic uint64_t progress = 0;
    memset(key, 'k', sizeof key);
    plan.bucket_payload = 2 * sizeof key; /* larger than what runs are written in */
    mr_spool_create(&shuffles[0], store, "map-0", 0);
    must(mr_block_writer_init(&blocks, &shuffles[0], store, 0, false, &err));
    must(mr_shuffle_writer_init(&w, &blocks, BUCKETS, plan.bucket_payload, &err));
    must(mr_shuffle_add(&w, 0, key, sizeof key, false, 1, &err));
    must(mr_shuffle_writer_finish(&w, &err));
    mr_shuffle_writer_release(&w);
    mr_block_writer_release(&blocks);
    mr_spool_create(&spool, store, "reduced", 0);
    must_fail(mr_reduce_run(&adding, NULL, &plan, &first_shuffle, 1, &spool, store, &result,
                            &progress, &err), "holds no records");
    mr_spool_drop(&spool, store);
    mr_spool_drop(&shuffles[0], store);
}

/* Changes up to 4 bytes of a random block of a file, its magic and checksum apart, and makes the
 * checksum right again. Returns false if the block's size is now none. */
static bool forge(unsigned char *file, size_t size)
{
    size_t at = MR_FILE_HEAD;
    for (uint64_t skip = draw_below(40); skip > 0; skip--) {
        size_t next = at + MR_BLOCK_HEAD + mr_get32(file + at + 8);
        at = next < size ? next : MR_FILE_HEAD;
    }
    uint32_t stored = mr_get32(file + at + 8);
    for (uint64_t n = 1 + draw_below(4); n > 0; n--) {
        /* A head's fields, each as likely as a payload's byte. */
        size_t place = stored > 0 && draw_below(3) ? MR_BLOCK_HEAD + draw_below(stored)
                                                   : 4 + draw_below(36);
        file[at + place] = (unsigned char)(draw_below(2) ? draw() : draw_below(2) ? 0 : 0xFF);
    }
    stored = mr_get32(file + at + 8);
    if (stored > size - at - MR_BLOCK_HEAD)
        return false;
    mr_put64(file + at + 40, XXH3_64bits_withSeed(file + at + MR_BLOCK_HEAD, stored,
                                                  XXH3_64bits(file + at, 40)));
    return true;
}

/* Whatever stands in a file, reading it ends, and within bounds, which the sanitizers watch. */
Test(reducer, a_forged_shuffle_file_gives_an_error_or_numbers_but_nothing_worse)
{
    int failed = 0, forged = 0;
    store->allowed = 0;
    cells = 4;
    for (int round = 0; round < 400; round++) {
        struct pairs all = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        struct mr_reduce_result result;
        struct mr_spool spool;
        _Atomic uint64_t progress = 0;
        if (round % 20 == 0)
            write_shuffles(&all, 400, 300, false, round % 40 == 0);
        plan.cells = round % 3 ? cells : 0;
        plan.links = 1 << 10;
        plan.prune_top = 5;
        size_t size;
        char *kept = read_file(scratch("map-1"), &size);
        unsigned char *file = malloc(size);
        memcpy(file, kept, size);
        bool right = forge(file, size);
        forged += right;
        write_file("map-1", file, size);
        mr_spool_create(&spool, store, "reduced", 0);
        failed += mr_reduce_run(&adding, NULL, &plan, &all_shuffles, 1, &spool, store, &result,
                                &progress, &err) < 0;
        mr_spool_drop(&spool, store);
        write_file("map-1", kept, size);
        free(file);
        free(kept);
        free_pairs(&all);
        if (round % 20 == 19)
            drop_shuffles();
    }
    check_for(failed > 50 && forged > 300, "%d of %d forged files failed", failed, forged);
}
