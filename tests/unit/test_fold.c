/* Values emitted and folded: what leaves a mapper has each key's values in their order, and where
 * the job folds them, what it makes of them one after the other. */
#include "map/fold.h"

#include "mapping.h"
#include "values.h"

TestSuite(fold, .init = make_store, .fini = remove_store);

enum { TASK = 1 };

static struct entries *to_emit;
static size_t placed_by; /* how many of a key's first bytes decide its partition; 0: all */

static size_t place_size(size_t key_size)
{
    return placed_by > 0 && placed_by < key_size ? placed_by : key_size;
}

static int emit_entries(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    for (size_t i = 0; i < to_emit->count; i++) {
        const struct entry *e = &to_emit->at[i];
        if (placed_by > 0 && mr_partition_by(out, e->key, place_size(e->key_size)) < 0)
            return -1;
        /* Nothing may be anywhere. */
        if (mr_emit_value(out, e->key_size ? e->key : NULL, e->key_size,
                          e->value_size ? e->value : NULL, e->value_size) < 0)
            return -1;
    }
    return 0;
}

/* ---- what a mapper has written ---------------------------------------------------------- */

/* Adds a record to e, with the value that stands at a place, and its share to the digest. Returns
 * the byte after that. */
static const unsigned char *read_value(struct entries *e, const struct mr_record *r,
                                       const unsigned char *at, const unsigned char *end,
                                       struct mr_key_place place, const struct mr_map_plan *plan,
                                       uint32_t bucket, uint64_t *digest)
{
    struct mr_value value, stored = { r->key, r->size, r->out_of_line };
    size_t key_size, value_size;
    at = mr_value_get(at, end, &value);
    check(at != NULL);
    *digest += mr_record_digest(mr_record_hash(r), &value);
    unsigned char *key = whole_bytes(&stored, place, &key_size);
    unsigned char *bytes = whole_bytes(&value, place, &value_size);
    check(r->out_of_line == (key_size > plan->key_max));
    check(value.out_of_line == (value_size > plan->key_max));
    check(mr_bucket(mr_hash(key, place_size(key_size)), plan->buckets) == bucket);
    add_entry(e, key, key_size, bytes, value_size);
    free(key);
    free(bytes);
    return at;
}

/* Adds a bucket's records to e in the order in which they were emitted: the blocks are chained from
 * the last to the first. Returns their digest. */
static uint64_t read_bucket(struct entries *e, const struct mr_spool *spool,
                            const struct mr_map_plan *plan, uint32_t bucket)
{
    struct mr_block_reader reader, keys;
    struct mr_block_link link, links[1000];
    size_t table = (size_t)plan->buckets * 12, blocks = 0;
    unsigned char *room = malloc(plan->key_max + (size_t)MR_BLOCK_SLACK);
    uint64_t digest = 0;
    mr_block_reader_init(&reader, store, plan->bucket_payload > table ? plan->bucket_payload : table);
    mr_block_reader_init(&keys, store, plan->key_payload);
    must(mr_shuffle_table(&reader, spool, TASK, plan->buckets, bucket, 1, &link, &err));
    struct mr_block block;
    for (; link.offset != 0; link = block.before) {
        check(blocks < 1000);
        links[blocks++] = link;
        must(mr_block_read(&reader, spool, TASK, MR_BLOCK_RECORDS, bucket, link, &block, &err));
    }
    while (blocks-- > 0) {
        must(mr_block_read(&reader, spool, TASK, MR_BLOCK_RECORDS, bucket, links[blocks], &block,
                           &err));
        const unsigned char *at = block.payload, *end = at + block.size;
        struct mr_whole_key whole = { NULL, 0 };
        while (at < end) {
            struct mr_record r;
            struct mr_value value;
            const struct mr_key_place place = { spool, TASK, &keys };
            at = mr_shuffle_get(at, end, &whole, room, plan->key_max, &r);
            check(at != NULL);
            const unsigned char *next = mr_value_get(at, end, &value);
            check(next != NULL);
            if (r.value == MR_LISTED)
                at = value.bytes;
            do {
                const unsigned char *one = at;
                uint32_t repeats;
                at = read_value(e, &r, one, next, place, plan, bucket, &digest);
                at = mr_value_get_repeats(at, next, &repeats);
                for (uint32_t i = 0; i < repeats; i++)
                    (void)read_value(e, &r, one, next, place, plan, bucket, &digest);
            } while (at < next);
        }
    }
    free(room);
    mr_block_reader_release(&reader);
    mr_block_reader_release(&keys);
    return digest;
}

static int run_map(const struct mr_job *job, const struct mr_map_plan *plan, struct mr_spool *spool,
                   struct mr_map_result *result)
{
    struct mr_sources sources;
    _Atomic uint64_t progress = 0;
    const char *path = write_file("input", "x", 1);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    must(mr_sources_find(&sources, job, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, 1, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    mr_spool_create(spool, store, "map", 0);
    int status = mr_map_run(job, NULL, plan, &input, TASK, spool, store, result, &progress, &err);
    mr_sources_free(&sources);
    return status;
}

/* Has the job emit entries; what it has written goes to got, bucket by bucket. */
static struct mr_map_result map_entries(struct entries *got, const struct mr_job *job,
                                        struct entries *e, uint64_t bytes, bool compress)
{
    struct mr_plan plan = make_plan_of(job, bytes, 2);
    struct mr_spool spool;
    struct mr_map_result result;
    uint64_t digest = 0;
    to_emit = e;
    plan.map.compress = compress;
    must(run_map(job, &plan.map, &spool, &result));
    must(mr_spool_commit(&spool, store, &err));
    for (uint32_t b = 0; b < plan.map.buckets; b++)
        digest += read_bucket(got, &spool, &plan.map, b);
    check(result.emitted == e->count && result.records == got->count && result.digest == digest);
    mr_spool_drop(&spool, store);
    return result;
}

static void random_entries(struct entries *e, size_t count, size_t keys, size_t most)
{
    size_t max = make_plan(1, 2).map.key_max;
    for (size_t i = 0; i < count; i++) {
        static unsigned char key[40000], value[40000];
        size_t number = draw_below(keys), size = number % 12;
        if (number % 40 == 0)
            size = number % 400 == 0 ? max + number % 30000 : max - 2 + number / 40 % 5;
        if (size > most)
            size = most;
        memset(key, number % 3 ? 'k' : '\0', size);
        for (size_t at = size, n = number; at > 0 && n > 0; n /= 7)
            key[--at] = (unsigned char)('a' + n % 7);
        size_t value_size = draw_size(max, most);
        draw_bytes(value, value_size, NULL);
        add_entry(e, key, size, value, value_size);
    }
}

static const struct mr_job emitting = { .name = "emitting", .values = MR_BYTES,
                                        .records = white_records, .map = emit_entries };

Test(fold, values_of_any_size_leave_the_mapper_in_order)
{
    for (int round = 0; round < 12; round++) {
        struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 };
        placed_by = round < 6 ? 0 : 1;
        random_entries(&e, 3000, round % 3 ? 2000 : 5, round % 2 ? 100 : 40000);
        map_entries(&got, &emitting, &e, round % 6 < 3 ? 1 : 1 << 22, round % 2);
        sort_entries(&e, false);
        sort_entries(&got, false);
        check_same_entries(&got, &e);
        free_entries(&e);
        free_entries(&got);
    }
}

/* ---- jobs that fold --------------------------------------------------------------------- */

/* Puts values one behind the other: what that gives does not depend on how many at a time. */
static int concatenate(const void *state, struct mr_key *key, struct mr_value_list *values,
                       struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, count = 0;
    (void)state, (void)key;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    for (; (more = mr_values_next(values)) > 0; count++) {
        if (mr_values_whole(values, &bytes, &size) < 0 || mr_result_add(out, bytes, size) < 0)
            return -1;
    }
    check(count > 1); /* one alone needs nothing */
    return more < 0 ? -1 : mr_result_end(out);
}

/* The last value is enough; with a look at the key, which is whole. */
static int keep_last(const void *state, struct mr_key *key, struct mr_value_list *values,
                     struct mr_context *out)
{
    const unsigned char *bytes, *name;
    unsigned char last[20000];
    size_t size, last_size = 0, name_size;
    int more;
    (void)state;
    if (mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    uint64_t before = XXH3_64bits(name, name_size);
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        check(size == mr_values_size(values) && size < sizeof last);
        last_size = size;
        memcpy(last, bytes, size);
    }
    check(XXH3_64bits(name, name_size) == before);
    return more < 0 ? -1 : mr_emit_result(out, NULL, 0, last, last_size);
}

/* Takes every second value away, and reads none. */
static int drop_all(const void *state, struct mr_key *key, struct mr_value_list *values,
                    struct mr_context *out)
{
    (void)state, (void)key, (void)values, (void)out;
    return 0;
}

/* As they are, each again. */
static int keep_each(const void *state, struct mr_key *key, struct mr_value_list *values,
                     struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    (void)state, (void)key;
    while ((more = mr_values_next(values)) > 0)
        if (mr_values_whole(values, &bytes, &size) < 0 ||
            mr_emit_result(out, NULL, 0, bytes, size) < 0)
            return -1;
    return more;
}

/* Brings each key's values, in order, to one: all of them, or the last. */
static void bring_together(struct entries *to, struct entries *e, bool last)
{
    sort_entries(e, false);
    for (size_t from = 0, end; from < e->count; from = end) {
        size_t size = 0;
        for (end = from; end < e->count && compare_bytes(e->at[from].key, e->at[from].key_size,
                                                         e->at[end].key, e->at[end].key_size) == 0;
             end++)
            size += e->at[end].value_size;
        unsigned char *all = malloc(size + 1), *at = all;
        for (size_t i = from; i < end; i++) {
            memcpy(at, e->at[i].value, e->at[i].value_size);
            at += e->at[i].value_size;
        }
        const struct entry *one = &e->at[end - 1];
        add_entry(to, one->key, one->key_size, last ? one->value : all,
                  last ? one->value_size : size);
        free(all);
    }
}

/* Returns how many records were left. */
static size_t check_folded(int (*combine)(const void *, struct mr_key *, struct mr_value_list *,
                                          struct mr_context *),
                           size_t keys, size_t most, bool last, bool compress)
{
    struct mr_job job = emitting;
    struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 }, one = { NULL, 0, 0 },
                   other = { NULL, 0, 0 };
    job.combine_values = combine;
    random_entries(&e, 20000, keys, most);
    map_entries(&got, &job, &e, 1, compress);
    size_t left = got.count;
    bring_together(&one, &got, last);
    bring_together(&other, &e, last);
    check_same_entries(&one, &other);
    free_entries(&e);
    free_entries(&got);
    free_entries(&one);
    free_entries(&other);
    return left;
}

Test(fold, few_keys_leave_few_records)
{
    size_t left = check_folded(keep_last, 30, 11, true, false);
    cr_assert(left < 100, "%zu records of 20000 are left", left);
}

Test(fold, what_grows_when_it_is_folded_stays_in_order)
{
    check_folded(concatenate, 300, 12, false, false);
    check_folded(concatenate, 3, 100, false, true);
    check_folded(concatenate, 5000, 40, false, false);
}

Test(fold, what_is_out_of_line_is_passed_by)
{
    check_folded(concatenate, 500, 12000, false, false);
    check_folded(keep_last, 50, 12000, true, true);
}

Test(fold, what_is_folded_stays_in_its_partition)
{
    placed_by = 2;
    check_folded(concatenate, 500, 40, false, false);
    check_folded(keep_last, 50, 12000, true, true);
}

/* As keep_last, of values that must be in the order of their bytes. */
static int keep_greatest(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    const unsigned char *bytes;
    unsigned char last[20000];
    size_t size, last_size = 0;
    int more;
    (void)state, (void)key;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        check(compare_bytes(last, last_size, bytes, size) <= 0);
        last_size = size;
        if (size > 0)
            memcpy(last, bytes, size);
    }
    return more < 0 ? -1 : mr_emit_result(out, NULL, 0, last, last_size);
}

Test(fold, values_may_be_wanted_in_the_order_of_their_bytes)
{
    for (size_t most = 5; most < 20000; most *= 15) {
        struct mr_job job = emitting;
        struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 }, one = { NULL, 0, 0 },
                       other = { NULL, 0, 0 };
        job.combine_values = keep_greatest;
        job.value_order = MR_BY_VALUE_BYTES;
        random_entries(&e, 20000, 300, most);
        map_entries(&got, &job, &e, 1, false);
        cr_assert_lt(got.count, 20000u);
        entries_by_bytes = true;
        bring_together(&one, &got, true);
        bring_together(&other, &e, true);
        check_same_entries(&one, &other);
        free_entries(&e);
        free_entries(&got);
        free_entries(&one);
        free_entries(&other);
    }
}

Test(fold, a_job_may_leave_all_as_it_is)
{
    struct mr_job job = emitting;
    struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    job.combine_values = keep_each;
    random_entries(&e, 20000, 700, 100);
    map_entries(&got, &job, &e, 1, false);
    sort_entries(&e, false);
    sort_entries(&got, false);
    check_same_entries(&got, &e);
    free_entries(&e);
    free_entries(&got);
}

Test(fold, a_job_may_leave_nothing)
{
    struct mr_job job = emitting;
    struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    job.combine_values = drop_all;
    for (int i = 0; i < 20000; i++)
        add_entry(&e, "ab", 1 + (size_t)(i % 2), "value", 5);
    map_entries(&got, &job, &e, 1, false);
    cr_assert_leq(got.count, 2);
    free_entries(&e);
    free_entries(&got);
}

/* ---- jobs that are wrong ---------------------------------------------------------------- */

static int name_another_key(const void *state, struct mr_key *key, struct mr_value_list *values,
                            struct mr_context *out)
{
    (void)state, (void)key, (void)values;
    return mr_emit_result(out, "other", 5, "v", 1);
}

static int leave_unended(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    (void)state, (void)key, (void)values;
    return mr_result_begin(out, NULL, 0);
}

static int emit_number(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    return mr_emit(out, "key", 3, 1);
}

static int emit_part(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    return mr_emit_part(out, "key", 3, true, 1);
}

Test(fold, a_job_that_is_wrong_is_told_so)
{
    struct mr_job jobs[] = { emitting, emitting, emitting, emitting, emitting, emitting };
    static const char *const said[] = {
        "the job 'emitting' is wrong: combine_values emits another key than it was handed",
        "the job 'emitting' is wrong: it returned from a key before a record of its result had",
        "the job 'emitting' is wrong: mr_emit was called, but the job's values are bytes (mr_emit",
        "mr_emit_part was called, but the job's values are bytes",
        "mr_emit_words or mr_emit_fields was called, but the job's values are bytes",
        "the job 'emitting' is wrong: mr_emit_value was called, but the job's values are numbers",
    };
    struct entries e = { NULL, 0, 0 };
    for (int i = 0; i < 2; i++)
        add_entry(&e, "key", 3, "v", 1);
    to_emit = &e;
    jobs[0].combine_values = name_another_key;
    jobs[1].combine_values = leave_unended;
    jobs[2].map = emit_number;
    jobs[3].map = emit_part;
    jobs[4].map = map_words;
    jobs[5].values = MR_NUMBERS;
    for (int i = 0; i < 6; i++) {
        struct mr_plan plan = make_plan_of(&jobs[i], 1, 2);
        struct mr_spool spool;
        struct mr_map_result result;
        err.final = false;
        must_fail(run_map(&jobs[i], &plan.map, &spool, &result), said[i]);
        check(err.final);
        mr_spool_drop(&spool, store);
    }
    free_entries(&e);
}
