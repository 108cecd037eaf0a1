/* The plan: whatever is asked for, the processes together stay within the memory, and work. */
#include "control/plan.h"

#include "mapping.h"

TestSuite(plan, .init = make_store, .fini = remove_store);

#define MB ((uint64_t)1 << 20)

static const unsigned counts[] = { 1, 2, 3, 8, 64, 500, 1000 };
static const uint64_t memories[] = { 16 * MB, 17 * MB, 64 * MB, 256 * MB, 1024 * MB };
static const uint64_t inputs[] = { 0, 1, 100000, 500 * MB, UINT64_C(1) << 42 };

enum { COUNTS = sizeof counts / sizeof *counts, MEMORIES = sizeof memories / sizeof *memories,
       INPUTS = sizeof inputs / sizeof *inputs };

static const struct mr_job plain = { .name = "plain" };

static int make(struct mr_plan *p, const struct mr_job *job, const struct mr_config *config,
                uint64_t bytes, bool streams, const struct mr_layout *kept)
{
    struct mr_given given = { machine, bytes, streams, kept };
    return mr_plan_make(p, job, config, &given, &err);
}

/* Calls look with every plan of a job, of the grid, that can be made. */
static void for_plans(const struct mr_job *job,
                      void (*look)(const struct mr_plan *p, uint64_t bytes, bool streams))
{
    int made = 0, refused = 0;
    for (int m = 0; m < COUNTS; m++)
        for (int r = 0; r < COUNTS; r++)
            for (int s = 0; s < MEMORIES; s++)
                for (int i = 0; i < INPUTS; i++)
                    for (int streams = 0; streams < 2; streams++) {
                        struct mr_plan p;
                        struct mr_config config = { .mappers = counts[m], .reducers = counts[r],
                                                    .memory = memories[s] };
                        struct mr_given given = { machine, inputs[i], streams, NULL };
                        given.machine.cpus = counts[(m + r + s + i) % COUNTS];
                        if (mr_plan_make(&p, job, &config, &given, &err) < 0) {
                            check_for(strstr(err.text, "-r") && err.final, "%s", err.text);
                            refused++;
                            continue;
                        }
                        made++;
                        look(&p, inputs[i], streams);
                    }
    check(made > 2 * refused && made > 100);
}

static void look_at_sizes(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes;
    check(p->map_at_once >= 1 && p->map_at_once <= p->mappers);
    check(p->reduce_at_once >= 1 && p->reduce_at_once <= p->reducers);
    check(p->merge_at_once >= 1 && p->split_size >= 1);
    check(p->map.buckets >= p->reducers && p->map.buckets % p->reducers == 0);
    check(p->reduce.buckets == p->map.buckets && p->reduce.count * p->reducers == p->map.buckets);
    check(p->reduce.bucket_payload == p->map.bucket_payload);
    /* What one stage writes the next can read. */
    check(p->map.key_max == p->reduce.key_max && p->map.key_payload == p->reduce.key_payload);
    check(p->write.run_payload == p->reduce.run_payload);
    /* A record, or a locator, fits in any block; a key in the arena and the table. */
    check(p->map.key_max > MR_SHORT_KEY && p->map.key_max > MR_LOCATOR_SIZE);
    check(p->map.key_max + MR_RECORD_HEAD_MAX <= p->map.bucket_payload);
    check(p->map.key_max + MR_RECORD_HEAD_MAX <= p->reduce.run_payload);
    check(p->map.arena >= p->map.key_max && p->reduce.table > 16 * p->map.key_max);
    check(p->map.chunk >= 4096 && p->map.chunk < UINT32_MAX);
    check(p->reduce.fan_in >= 2 && p->reduce.runs_max >= 1);
    check(streams ? p->slot_share >= 1 && p->slot_size >= 4096 : p->slots == 0);
    /* All tasks have their shares, and there is a slot to be filled. */
    check(!streams || p->slots > p->slot_share * p->map_at_once);
    for (uint64_t runs = 0; runs < UINT64_C(1) << 40; runs = runs * 3 + 1) {
        size_t ranges = mr_plan_ranges(p, runs);
        check(ranges >= 1 && ranges < 10000);
        /* As many for each process, where there are bytes for that. */
        check(ranges % p->merge_at_once == 0 || ranges == (runs < MB ? 1 : runs / MB));
    }
}

Test(plan, sizes_are_sane_for_whatever_is_asked)
{
    for_plans(&plain, look_at_sizes);
}

static void look_at_sequence(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes, (void)streams;
    const uint64_t payload = p->map.bucket_payload;
    check(p->in_sequence && p->map.buckets == p->reducers);
    check(p->reduce.buckets == p->reducers && p->reduce.count == 1);
    check(payload >= 4 << 10 && payload <= 64 << 10 && p->reduce.bucket_payload == payload);
    check(payload == 4 << 10 || payload * p->reducers <= p->map_memory / 4);
    check(p->map.key_max == p->reduce.key_max && p->map.key_max > MR_LOCATOR_SIZE);
    check(p->map.key_max + MR_RECORD_HEAD_MAX <= payload);
}

Test(plan, a_partition_whose_keys_come_in_order_is_one_bucket)
{
    const struct mr_job job = { .name = "sequence", .values = MR_BYTES, .in_sequence = true };
    const struct mr_config config = { .mappers = 2, .reducers = 2, .memory = 1000 * MB };
    struct mr_plan p;
    for_plans(&job, look_at_sequence);
    must(make(&p, &job, &config, 500 * MB, false, NULL));
    check(p.map.bucket_payload == 64 << 10);
}

/* By the parts that headers tell the sizes of: what is left out is measured below. */
static void look_at_sum(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes, (void)streams;
    uint64_t slots = p->slots * p->slot_size, allowed = p->memory - p->spool_memory;
    uint64_t mapper = p->map.arena + p->map.chunk +
                      mr_shuffle_writer_memory(p->map.buckets, p->map.bucket_payload);
    uint64_t run = mr_merge_memory(p->reduce.run_payload, p->reduce.compress);
    check_for(p->map_at_once * mapper + slots <= allowed,
              "%u mappers of %llu and slots of %llu are more than %llu", p->map_at_once,
              (unsigned long long)mapper, (unsigned long long)slots, (unsigned long long)allowed);
    uint64_t reducer = p->reduce.table + p->reduce.links + p->reduce.fan_in * run;
    check_for(p->reduce_at_once * reducer <= allowed,
              "%u reducers of %zu and %zu runs of %llu", p->reduce_at_once, p->reduce.table,
              p->reduce.fan_in, (unsigned long long)run);
    uint64_t merged = p->reduce.runs_max * (uint64_t)p->reducers * run;
    check_for(p->merge_at_once * merged <= allowed, "%u merges of %llu, -r %u -S %llu",
              p->merge_at_once, (unsigned long long)merged, p->reducers,
              (unsigned long long)p->memory);
}

enum { TASK = 600 << 10 }; /* bytes: more than any of our jobs has */

static int combine_none(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    (void)state, (void)key, (void)values, (void)out;
    return 0;
}

/* Where values are bytes and the job combines them, that has its part of a mapper's memory. */
static void look_at_mapper(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes, (void)streams;
    uint64_t mapper = p->map.task + p->map.fold + p->map.chunk + p->map.record_max +
                      (uint64_t)p->map.buckets * p->map.bucket_payload;
    check_for(mapper <= p->map_memory, "%llu of %llu", (unsigned long long)mapper,
              (unsigned long long)p->map_memory);
}

static void look_at_folding(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    check(p->map.fold > 0);
    look_at_mapper(p, bytes, streams);
}

static void look_at_no_folding(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    check(p->map.fold == 0);
    look_at_mapper(p, bytes, streams);
}

Test(plan, folding_is_part_of_the_memory_of_a_mapper)
{
    const struct mr_job combines = { .name = "combines", .values = MR_BYTES,
                                     .combine_values = combine_none };
    const struct mr_job does_not = { .name = "does not", .values = MR_BYTES };
    for_plans(&combines, look_at_folding);
    for_plans(&does_not, look_at_no_folding);
}

static void look_at_task(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    check(p->map.task == TASK);
    look_at_mapper(p, bytes, streams);
}

static void look_at_sorting_task(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    struct mr_plan fit = *p;
    mr_plan_map_tasks(&fit, streams ? 0 : 1);
    look_at_task(&fit, bytes, streams);
    check(fit.map.result.sorter.memory + fit.map.task + fit.map.chunk + fit.map.record_max <=
          fit.map_memory);
}

Test(plan, what_a_job_has_for_each_task_is_part_of_the_memory_of_a_mapper)
{
    const struct mr_job adds = { .name = "adds", .task_size = TASK };
    const struct mr_job combines = { .name = "combines", .values = MR_BYTES, .task_size = TASK,
                                     .combine_values = combine_none };
    const struct mr_job sorts = { .name = "sorts", .values = MR_BYTES, .task_size = TASK };
    for_plans(&adds, look_at_task);
    for_plans(&combines, look_at_task);
    for_plans(&sorts, look_at_sorting_task);
}

/* As many mappers work at once as leave each the memory for that. Hundreds of reducers may each need
 * a buffer of the same memory. */
static void look_at_whole_records(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes, (void)streams;
    if (p->reducers > 200)
        return;
    for (uint64_t tasks = 0; tasks <= 10; tasks += 10) {
        struct mr_plan decided = *p;
        mr_plan_map_tasks(&decided, tasks);
        check_for(decided.map.record_max >= 1000000, "%zu bytes of %llu, %u mappers",
                  decided.map.record_max, (unsigned long long)p->map_memory, p->map_at_once);
    }
}

Test(plan, a_record_of_a_million_bytes_can_be_whole)
{
    const struct mr_job jobs[] = {
        { .name = "counts", .whole_records = true },
        { .name = "passes", .whole_records = true, .values = MR_BYTES },
        { .name = "combines", .whole_records = true, .values = MR_BYTES,
          .combine_values = combine_none, .task_size = TASK },
        { .name = "searches", .whole_records = true, .values = MR_BYTES, .no_reduce = true },
    };
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        for_plans(&jobs[i], look_at_whole_records);
}

Test(plan, fewer_mappers_work_at_once_where_records_are_whole)
{
    const struct mr_job whole = { .name = "whole", .whole_records = true };
    const struct mr_config config = { .mappers = 6, .memory = 16 * MB };
    struct mr_plan p;
    must(make(&p, &plain, &config, 500 * MB, false, NULL));
    cr_assert_eq(p.map_at_once, 6);
    must(make(&p, &whole, &config, 500 * MB, false, NULL));
    cr_assert_eq(p.map_at_once, 2);
}

Test(plan, the_places_of_first_tokens_are_part_of_the_memory_of_a_mapper)
{
    for (int s = 0; s < MEMORIES; s++) {
        struct mr_config config = { .mappers = 2, .memory = memories[s], .order = MR_BY_FIRST };
        struct mr_plan p;
        must(make(&p, &plain, &config, 500 * MB, false, NULL));
        uint64_t slots = p.map.short_sets * MR_SHORT_WAYS + p.map.long_sets * MR_LONG_WAYS;
        uint64_t mapper = p.map.short_sets * sizeof(struct mr_short_set) +
                          p.map.long_sets * sizeof(struct mr_long_set) + p.map.arena +
                          slots * sizeof(uint64_t) + p.map.chunk + 2 * p.map.job_memory +
                          (uint64_t)p.map.buckets * p.map.bucket_payload;
        check_for(mapper <= p.map_memory, "%llu of %llu", (unsigned long long)mapper,
                  (unsigned long long)p.map_memory);
    }
}

/* ---- map tasks that sort ---------------------------------------------------------------- */

static const struct mr_job passes = { .name = "passes", .values = MR_BYTES };
static const struct mr_job repeats = { .name = "repeats", .format = MR_LINES };

static void look_at_sorting(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    (void)bytes, (void)streams;
    for (uint64_t tasks = 1; tasks < 100000; tasks = tasks * 5 + 1) {
        struct mr_plan fit = *p;
        mr_plan_map_tasks(&fit, tasks);
        const struct mr_sorter_plan *s = &fit.map.result.sorter;
        uint64_t runs = (uint64_t)fit.reduce.runs_max * fit.reducers;
        check(mr_map_sorts(&fit.map) == (tasks <= runs) && fit.no_reduce == (tasks <= runs));
        if (!mr_map_sorts(&fit.map))
            continue;
        check(s->runs.runs_max >= 1 && s->runs.runs_max * tasks <= runs && s->runs.fan_in >= 2);
        check(s->much > 0 && s->much <= s->memory && s->memory > 16 * fit.map.key_max);
        uint64_t merging = s->runs.fan_in *
                           mr_merge_memory(s->runs.run_payload, fit.map.compress);
        check(s->memory + merging + fit.map.chunk + fit.map.record_max <= p->map_memory);
    }
}

Test(plan, what_map_tasks_sort_in_is_part_of_the_memory_of_a_mapper)
{
    for_plans(&passes, look_at_sorting);
}

static bool sorts(struct mr_job job, struct mr_config config, uint64_t tasks)
{
    struct mr_plan p;
    must(make(&p, &job, &config, 64 * MB, false, NULL));
    mr_plan_map_tasks(&p, tasks);
    check(mr_map_sorts(&p.map) == (p.no_reduce && !p.in_sequence));
    return mr_map_sorts(&p.map);
}

Test(plan, map_tasks_sort_where_a_job_does_nothing_else)
{
    const struct mr_config lines = { .order = MR_BY_KEY, .format = MR_LINES };
    struct mr_config c = lines;
    struct mr_job job = passes;
    check(sorts(passes, c, 3) && sorts(repeats, c, 3));
    check(!sorts(passes, c, 0) && !sorts(repeats, c, 1 << 20));
    job.combine_values = combine_none;
    check(!sorts(job, c, 3));
    job = passes;
    job.no_reduce = true;
    check(!sorts(job, c, 3));
    c.format = MR_TSV; /* in which a key stands once, with its number */
    check(sorts(passes, c, 3) && !sorts(repeats, c, 3));
    c = lines;
    c.order = MR_BY_VALUE;
    check(sorts(passes, c, 3) && !sorts(repeats, c, 3));
    c.order = MR_BY_FIRST;
    check(!sorts(repeats, c, 3));
    c = lines;
    c.output_dir = "parts"; /* of a hash of their keys */
    check(!sorts(passes, c, 3) && !sorts(repeats, c, 3));
    c.ordered_parts = true;
    check(sorts(passes, c, 3) && sorts(repeats, c, 3));
    c = lines;
    c.no_reduce = true;
    check(!sorts(passes, c, 3) && !sorts(repeats, c, 3));
}

/* ---- parts that tasks write ------------------------------------------------------------- */

static bool makers_write_of(struct mr_job job, struct mr_config config, bool streams)
{
    struct mr_plan p;
    must(make(&p, &job, &config, 64 * MB, streams, NULL));
    return mr_plan_makers_write(&p);
}

static bool makers_write(struct mr_job job, struct mr_config config)
{
    return makers_write_of(job, config, false);
}

static int take_none(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                     struct mr_error *e)
{
    (void)arg, (void)key, (void)number, (void)value, (void)e;
    return 0;
}

Test(plan, tasks_write_what_they_make_where_that_is_a_part_or_all)
{
    const struct mr_job job = { .name = "sequence", .values = MR_BYTES, .in_sequence = true };
    const struct mr_job sorted = { .name = "sorted", .values = MR_BYTES };
    const struct mr_config parts = { .output_dir = "parts", .format = MR_LINES };
    struct mr_config c = parts;
    check(makers_write(job, c) && !makers_write(sorted, c) && !makers_write(plain, c));
    check(makers_write_of(job, c, true));
    c.format = MR_CSV;
    check(makers_write(job, c));
    c.no_reduce = true;
    check(makers_write(job, c) && makers_write(sorted, c) && makers_write(plain, c));
    check(!makers_write_of(job, c, true)); /* it is not known yet where tasks stand */
    c.ordered_parts = true;
    check(makers_write(job, c));
    c.output_dir = NULL;
    check(!makers_write(job, c));
    c = parts;
    c.ordered_parts = true; /* one after the other they are what one file would be */
    check(!makers_write(job, c));
    c = parts;
    c.top = 10;
    check(!makers_write(job, c));
    c = parts;
    c.work_dir = "kept";
    check(!makers_write(job, c));
    c = parts;
    c.output_dir = NULL;
    struct mr_plan p;
    for (c.reducers = 1; c.reducers < 3; c.reducers++) {
        must(make(&p, &job, &c, 64 * MB, false, NULL));
        check(!mr_plan_makers_write(&p));
        p.to_file = true;
        check(mr_plan_makers_write(&p) == (c.reducers == 1)); /* it has the whole file */
    }
    c.no_reduce = true; /* there may be several map tasks */
    must(make(&p, &job, &c, 64 * MB, false, NULL));
    p.to_file = true;
    check(!mr_plan_makers_write(&p));
    c = parts;
    c.result = take_none;
    check(!makers_write(job, c));
}

/* ---- keys that are left out ------------------------------------------------------------- */

static int keep_all(const void *state, struct mr_key *key, uint64_t *value,
                    struct mr_context *context)
{
    (void)state, (void)key, (void)value, (void)context;
    return 1;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Whether so many bytes of input are pruned. */
static bool prunes(struct mr_job job, struct mr_config config, uint64_t bytes)
{
    struct mr_plan p;
    must(make(&p, &job, &config, bytes, false, NULL));
    cr_assert_eq(p.map.cells, p.reduce.cells);
    check((p.map.cells & (p.map.cells - 1)) == 0 && p.map.cells <= 16);
    check((uint64_t)p.map.cells * p.map.buckets * 512 * p.reducers <= p.split_size);
    return p.map.cells > 0;
}

Test(plan, keys_are_left_out_only_where_nobody_can_tell)
{
    const struct mr_job adds = { .name = "adds" };
    const struct mr_job keeps = { .name = "keeps", .reduce = keep_all };
    const struct mr_job lowers = { .name = "lowers", .reduce = keep_all, .least = 2,
                                   .reduce_only_lowers = true };
    const struct mr_job greatest = { .name = "greatest", .combine = most };
    const struct mr_job bytes = { .name = "bytes", .values = MR_BYTES };
    const struct mr_job turned = { .name = "turned", .reverse = true };
    const struct mr_config first = { .skip_distinct = true, .top = 10, .split_size = 16 * MB };
    struct mr_config c = first;
    check(prunes(adds, c, 64 * MB) && prunes(lowers, c, 64 * MB));
    check(!prunes(keeps, c, 64 * MB) && !prunes(greatest, c, 64 * MB));
    c.reverse = true;
    check(!prunes(adds, c, 64 * MB) && prunes(turned, c, 64 * MB));
    c = first;
    c.order = MR_BY_KEY;
    check(!prunes(adds, c, 64 * MB) && prunes(lowers, c, 64 * MB));
    check(!prunes(bytes, c, 64 * MB) && !prunes(turned, first, 64 * MB));
    for (uint64_t top = 1; top < 1 << 14; top *= 2) {
        c = first;
        c.top = top;
        check(prunes(adds, c, 64 * MB) == (top <= 64 * 16 / 8)); /* of 64 buckets */
    }
    c.top = 0;
    check(!prunes(adds, c, 64 * MB) && prunes(lowers, c, 64 * MB));
    c.top = MR_NONE;
    check(!prunes(adds, c, 64 * MB));
    c = first;
    c.percent = true;
    check(prunes(adds, c, 64 * MB) && !prunes(lowers, c, 64 * MB));
    c.percent = false;
    c.others = true;
    check(prunes(adds, c, 64 * MB) && !prunes(lowers, c, 64 * MB));
    c = first;
    c.skip_distinct = false;
    check(!prunes(adds, c, 64 * MB));
    c = first;
    c.work_dir = "kept";
    check(!prunes(adds, c, 64 * MB));
    c = first;
    c.no_reduce = true;
    check(!prunes(adds, c, 64 * MB));
    c = first;
    c.by_file = true; /* the first of each */
    check(!prunes(adds, c, 64 * MB));
    c = first;
    c.split_size = 4096; /* tables of sums would be large beside such splits */
    c.top = 1;
    check(!prunes(adds, c, 64 * MB) && prunes(adds, c, 4096));
}

/* However many map tasks have come up: of each, a reducer knows the place of a bucket at least. */
static void look_at_many_tasks(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    for (uint64_t tasks = 1; tasks <= p->memory / 256; tasks *= 7) {
        struct mr_plan again = *p;
        must(mr_plan_reducers(&again, tasks, &err));
        check(again.reduce.links >= tasks * sizeof(struct mr_block_link));
        check(again.reduce_at_once >= 1 && again.reduce.fan_in >= 2);
        check(again.reduce.table > 16 * again.reduce.key_max);
        look_at_sum(&again, bytes, streams);
    }
}

Test(plan, many_tasks_stay_within_memory)
{
    for_plans(&plain, look_at_many_tasks);
}

Test(plan, far_too_little_memory_for_the_files_of_a_run_that_had_more_is_refused)
{
    struct mr_plan p;
    struct mr_config config = { .mappers = 2, .reducers = 2, .split_size = 1000 };
    uint64_t bytes = 700 * MB;
    struct mr_layout kept = { .reducers = 2, .buckets = 2, .bucket_payload = 4096, .run_payload = 4096,
                              .runs_max = 1, .split_size = 1000, .made_for = 4096 * MB };
    int refused = 0;
    for (uint64_t memory = 16 * MB; memory <= 256 * MB; memory += MB) {
        config.memory = memory;
        if (make(&p, &plain, &config, bytes, false, &kept) < 0) {
            check_for(strstr(err.text, "at least ") && err.final, "%s", err.text);
            refused++;
            continue;
        }
        check(p.reduce.links >= bytes / p.split_size * sizeof(struct mr_block_link));
        check(p.reduce.table > 16 * p.reduce.key_max && p.reduce.fan_in >= 2);
        look_at_sum(&p, bytes, false);
    }
    check(refused > 5 && refused < 30);
    /* As much as the message says is enough. */
    config.memory = 16 * MB;
    must_fail(make(&p, &plain, &config, bytes, false, &kept), "at least ");
    config.memory = strtoull(strstr(err.text, "at least ") + 9, NULL, 10) * MB;
    must(make(&p, &plain, &config, bytes, false, &kept));
}

Test(plan, buckets_of_a_run_that_has_shuffled_nothing_need_no_memory)
{
    struct mr_plan p;
    struct mr_config config = { .mappers = 2, .reducers = 2, .memory = 16 * MB };
    struct mr_layout kept = { .reducers = 2, .buckets = 4096, .bucket_payload = 16384,
                              .run_payload = 16384, .runs_max = 40, .split_size = 1000000,
                              .made_for = 4096 * MB };
    must_fail(make(&p, &passes, &config, 64 * MB, false, &kept), "at least 512M");
    kept.direct = true;
    must(make(&p, &passes, &config, 64 * MB, false, &kept));
    look_at_sorting(&p, 64 * MB, false);
}

Test(plan, a_table_is_no_larger_than_a_split_can_fill)
{
    struct mr_plan p;
    struct mr_config config = { .mappers = 2, .memory = 1024 * MB };
    must(make(&p, &plain, &config, 500 * MB, false, NULL));
    size_t usual = p.map.short_sets;
    config.split_size = 10000;
    must(make(&p, &plain, &config, 500 * MB, false, NULL));
    cr_assert(p.map.short_sets * sizeof(struct mr_short_set) <= 40000 && p.map.short_sets > 1);
    cr_assert_gt(usual, 50 * p.map.short_sets);
}

Test(plan, the_parts_of_all_processes_stay_within_memory)
{
    for_plans(&plain, look_at_sum);
}

#ifndef SANITIZED /* the sanitizers' own memory would be measured */

static uint64_t most_seen;

static void look_at_memory(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    check(f != NULL && fscanf(f, "%lu", &pages) == 1);
    fclose(f);
    uint64_t bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    if (bytes > most_seen)
        most_seen = bytes;
}

static int measure_and_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    look_at_memory();
    return mr_emit_words(out, chunk);
}

static int measure_and_reduce(const void *state, struct mr_key *key, uint64_t *value,
                              struct mr_context *context)
{
    (void)context, (void)state, (void)key, (void)value;
    look_at_memory();
    return 1;
}

static const struct mr_job measuring = { .name = "measuring", .records = white_records,
                                         .map = measure_and_map, .reduce = measure_and_reduce };

/* All address space that a mapper and a reducer take while they work is theirs by the plan. */
static void look_at_workers(const struct mr_plan *p, uint64_t bytes, bool streams)
{
    struct mr_sources sources;
    struct mr_spool map_spool, spool;
    struct mr_map_result mapped;
    struct mr_reduce_result reduced;
    _Atomic uint64_t progress = 0;
    const char *path = scratch("input");
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    (void)streams;
    if (bytes != 500 * MB || p->reducers > 64)
        return;
    must(mr_sources_find(&sources, &measuring, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, UINT64_MAX, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    uint64_t allowed = p->memory - p->spool_memory - p->slots * p->slot_size, before;
    mr_spool_create(&map_spool, store, "map", 0);
    most_seen = 0;
    look_at_memory();
    before = most_seen;
    must(mr_map_run(&measuring, NULL, &p->map, &input, 0, &map_spool, store, &mapped, &progress,
                    &err));
    check_for(most_seen > before && p->map_at_once * (most_seen - before) <= allowed,
              "%u mappers of %llu are more than %llu: -S %llu", p->map_at_once,
              (unsigned long long)(most_seen - before), (unsigned long long)allowed,
              (unsigned long long)p->memory);
    must(mr_spool_commit(&map_spool, store, &err));
    mr_spool_create(&spool, store, "reduced", 0);
    most_seen = 0;
    look_at_memory();
    before = most_seen;
    struct mr_reduce_plan plan = p->reduce;
    plan.count = plan.buckets;
    struct mr_shuffles shuffles = { .files = &map_spool, .count = 1 };
    must(mr_reduce_run(&measuring, NULL, &plan, &shuffles, 0, &spool, store, &reduced,
                       &progress, &err));
    allowed = p->memory - p->spool_memory;
    check_for(most_seen > before && p->reduce_at_once * (most_seen - before) <= allowed,
              "%u reducers of %llu are more than %llu: -S %llu", p->reduce_at_once,
              (unsigned long long)(most_seen - before), (unsigned long long)allowed,
              (unsigned long long)p->memory);
    mr_spool_drop(&spool, store);
    mr_spool_drop(&map_spool, store);
    mr_sources_free(&sources);
}

Test(plan, what_workers_really_take_stays_within_memory)
{
    write_file("input", "a few words of a file", 21);
    for_plans(&plain, look_at_workers);
}

#endif

Test(plan, what_cannot_be_is_refused_with_a_way_out)
{
    struct mr_plan p;
    struct mr_config config = { .mappers = 1, .reducers = 1, .memory = MR_MEMORY_MIN - 1 };
    must_fail(make(&p, &plain, &config, 1, false, NULL), "at least 16M");
    cr_assert(err.final);
    config.memory = MR_MEMORY_MIN;
    must(make(&p, &plain, &config, 1, false, NULL));
    config.mappers = 1000000;
    must_fail(make(&p, &plain, &config, 1, false, NULL), "-m");
    config.mappers = 1;
    config.reducers = 1000000;
    must_fail(make(&p, &plain, &config, 1, false, NULL), "--reducers");
    config.reducers = 4000;
    must_fail(make(&p, &plain, &config, 1, false, NULL), "--memory");
}

Test(plan, zeros_mean_the_usual)
{
    struct mr_plan p;
    struct mr_config config = { 0 };
    must(make(&p, &plain, &config, 1000 * MB, false, NULL));
    cr_assert_eq(p.mappers, machine.cpus);
    cr_assert_eq(p.reducers, machine.cpus);
    cr_assert_eq(p.memory, machine.memory / 4);
    cr_assert(p.split_size <= 128 * MB && p.split_size > 60 * MB);
}

Test(plan, no_more_memory_is_planned_for_than_the_machine_allows)
{
    static const struct { uint64_t allowed, asked, planned; } cases[] = {
        { 1024 * MB, 0, 256 * MB },
        { 1024 * MB, 512 * MB, 512 * MB },
        { 1024 * MB, 2048 * MB, 1024 * MB },
        { 40 * MB, 0, MR_MEMORY_MIN },
        { 1 * MB, 512 * MB, MR_MEMORY_MIN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mr_plan p;
        struct mr_config config = { .memory = cases[i].asked };
        struct mr_given given = { { .cpus = 1, .memory = cases[i].allowed }, 1000 * MB, false, NULL };
        must(mr_plan_make(&p, &plain, &config, &given, &err));
        check_for(p.memory == cases[i].planned, "%llu MB of memory, case %zu",
                  (unsigned long long)(p.memory / MB), i);
        check(p.mappers == 1 && p.reducers == 1);
    }
}
