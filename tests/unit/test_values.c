/* The reducer of values that are bytes: shuffle files of several tasks become the result that a
 * plain loop makes of the same records in the order of the input, however little memory. */
#include "reduce/values.h"

#include "collide.h"
#include "map/bundler.h"
#include "shuffles.h"
#include "sort/merge.h"
#include "store/partial.h"
#include "values.h"

TestSuite(values, .init = make_store, .fini = remove_store);

enum { TASKS = 4, BUCKETS = 6, ROOM = 2048, KEY_MAX = 500, REDUCER_TASK = 2 };
enum { TINY = 48 << 10, AMPLE = 8 << 20 };

static struct mr_spool shuffles[TASKS];
static uint32_t buckets = BUCKETS;

/* ---- shuffle files ---------------------------------------------------------------------- */

/* What a mapper does with values: nothing; it writes lists of some; or it bundles them. */
enum way { ONE_BY_ONE, LISTS, BUNDLES, WAYS };

static enum way way;
static uint64_t written; /* the digest of all records */

static void put_bytes(const struct mr_record *r, uint64_t number, struct mr_value value)
{
    uint64_t hash = mr_record_hash(r);
    const unsigned char *at = value.bytes, *end = at + value.size;
    written += number == MR_LISTED ? 0 : mr_record_digest(hash, &value);
    while (number == MR_LISTED && at < end) {
        struct mr_value one = mr_value_at(at);
        uint32_t repeats;
        at = mr_value_get_repeats(one.bytes + one.size, end, &repeats);
        written += (repeats + 1) * mr_record_digest(hash, &one);
    }
    must(mr_shuffle_add_bytes(&writing.records, mr_bucket(hash, buckets), r, number, &value, &err));
}

/* Adds a value, with its head, to a list of so many bytes, where there is room for it: as one that
 * comes again, if it is the last one there. Returns how many it has then. */
static uint32_t add_to_list(unsigned char *list, uint32_t size, uint32_t room, uint32_t *last,
                            const unsigned char *value, uint32_t value_size)
{
    if (compare_bytes(list + *last, size - *last, value, value_size) == 0 &&
        size + MR_REPEATS_SIZE <= room)
        return (uint32_t)(mr_value_put_repeats(list + size, 1) - list);
    if (size + value_size > room)
        return size;
    memcpy(list + size, value, value_size);
    *last = size;
    return size + value_size;
}

/* Puts an entry, and with it, in a list, some of the same key that follow. */
static void put_list(const struct entry *e, const struct entry *end, bool *put)
{
    unsigned char list[ROOM];
    struct mr_record r = stored_entry(e, KEY_MAX, &writing.keys);
    uint32_t size = mr_record_value_size(&r), room = mr_shuffle_list_max(&writing.records, KEY_MAX);
    uint32_t last = 0;
    uint64_t wanted = draw_below(9);
    memcpy(list, r.key + r.size, size);
    for (size_t i = 1; e + i < end && i < 200 && wanted > 1 && !r.out_of_line; i++) {
        if (compare_bytes(e->key, e->key_size, e[i].key, e[i].key_size) != 0)
            continue;
        struct mr_record other = stored_entry(&e[i], KEY_MAX, &writing.keys);
        uint32_t before = size;
        size = add_to_list(list, size, room, &last, other.key + other.size,
                           mr_record_value_size(&other));
        put[i] = size > before;
        wanted = put[i] ? wanted - 1 : 0;
        free((void *)(uintptr_t)other.key);
    }
    bool is_list = wanted % 2 == 1 || size > mr_record_value_size(&r);
    put_bytes(&r, is_list ? MR_LISTED : 0,
              is_list ? (struct mr_value){ list, size, false } : mr_record_value(&r));
    free((void *)(uintptr_t)r.key);
}

static void put_bundled(const struct entry *e, struct mr_bundler *bundler)
{
    struct mr_record r = stored_entry(e, KEY_MAX, &writing.keys);
    struct mr_value value = mr_record_value(&r);
    if (bundler && !r.out_of_line)
        must(mr_bundler_add(bundler, r.key, r.size, &value));
    else
        put_bytes(&r, 0, value);
    free((void *)(uintptr_t)r.key);
}

static void put_entries(const struct entry *e, size_t count)
{
    struct mr_bundler bundler;
    bool *put = calloc(count + 1, sizeof *put);
    check(put != NULL);
    must(mr_bundler_init(&bundler, &writing.records, KEY_MAX, 6000 << draw_below(7), &err));
    for (size_t i = 0; i < count; i++) {
        if (way == LISTS && !put[i])
            put_list(&e[i], e + count, put + i);
        else if (way != LISTS)
            put_bundled(&e[i], way == BUNDLES ? &bundler : NULL);
    }
    must(mr_bundler_flush(&bundler));
    written += bundler.digest;
    mr_bundler_release(&bundler);
    free(put);
}

/* Cuts entries, which are in the order of the input, into as many stretches as there are tasks. */
static void write_shuffles(const struct entries *e, const uint32_t *order, bool compress)
{
    written = 0;
    for (size_t place = 0, i = 0; place < TASKS; place++) {
        uint32_t task = order ? order[place] : (uint32_t)place;
        size_t end = e->count * (place + 1) / TASKS;
        begin_shuffle(&shuffles[task], task, buckets, ROOM, compress);
        if (i < end)
            put_entries(e->at + i, end - i);
        end_shuffle(&shuffles[task]);
        i = end;
    }
}

static void drop_shuffles(void)
{
    for (int i = 0; i < TASKS; i++)
        mr_spool_drop(&shuffles[i], store);
}

/* ---- what a job may do with a key, and the same plainly --------------------------------- */

enum what { JOIN, NOTHING, FIRST, SIZES, SWAP, TWICE, BITS, WHATS };

/* Each key gets another of them. */
static enum what what_of(const unsigned char *key, size_t size)
{
    return (enum what)(XXH3_64bits_withSeed(key, size, 7) % WHATS);
}

/* Joins what can be had at once. */
static int join_many(struct mr_value_list *values, struct mr_context *out)
{
    struct mr_bytes some[7];
    size_t most = 1 + draw_below(7), count;
    while ((count = mr_values_many(values, some, most)) > 0) {
        check(count <= most && mr_values_size(values) == 0);
        for (size_t i = 0; i < count; i++)
            if (mr_result_add(out, some[i].at, some[i].size) < 0 || mr_result_add(out, "|", 1) < 0)
                return -1;
        if (draw_below(4) == 0)
            break;
    }
    return 0;
}

static int join(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, pieces = 0;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        uint64_t left = mr_values_size(values);
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0) {
            check(size > 0 && size <= left);
            left -= size;
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        }
        check(left == 0 && mr_values_read(values, &bytes, &size) == 0);
        if (pieces < 0 || mr_result_add(out, "|", 1) < 0 || join_many(values, out) < 0)
            return -1;
    }
    check(mr_values_next(values) == more);
    return more < 0 ? -1 : mr_result_end(out);
}

/* The first value under a key of its own, which is what the values stood under, turned round. */
static int first(struct mr_key *key, struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes, *name;
    size_t size, name_size;
    unsigned char turned[64];
    int more = mr_values_next(values);
    if (more <= 0 || mr_values_whole(values, &bytes, &size) < 0 ||
        mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    for (size_t i = 0; i < sizeof turned && i < name_size; i++)
        turned[i] = name[name_size - 1 - i];
    return mr_emit_result(out, turned, name_size < sizeof turned ? name_size : sizeof turned,
                          bytes, size);
}

/* Looks at each value's size and first byte only. */
static int sizes(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, pieces;
    while ((more = mr_values_next(values)) > 0) {
        char text[40];
        if ((pieces = mr_values_read(values, &bytes, &size)) < 0)
            return -1;
        int n = snprintf(text, sizeof text, "%llu %d",
                         (unsigned long long)mr_values_size(values), pieces ? bytes[0] : -1);
        if (mr_emit_result(out, NULL, 0, text, (size_t)n) < 0)
            return -1;
    }
    return more;
}

/* Each value is a key of the result, with the key as its value: all in pieces. */
static int swap_them(struct mr_key *key, struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes, *name;
    size_t size, name_size;
    int more;
    if (mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0 || mr_result_begin(out, bytes, size) < 0)
            return -1;
        for (size_t i = 0; i < name_size; i += 100)
            if (mr_result_add(out, name + i, name_size - i < 100 ? name_size - i : 100) < 0)
                return -1;
        if (mr_result_end(out) < 0)
            return -1;
    }
    return more;
}

/* A piece of each value, a record in between, and then the rest. */
static int twice(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes, *rest;
    size_t size = 0, rest_size;
    int more, pieces;
    while ((more = mr_values_next(values)) > 0) {
        unsigned char piece[2 * ROOM];
        if ((pieces = mr_values_read(values, &bytes, &size)) < 0)
            return -1;
        size = pieces ? size : 0;
        check(size <= sizeof piece);
        if (size > 0)
            memcpy(piece, bytes, size);
        if (mr_emit_result(out, "between", 7, NULL, 0) < 0 ||
            mr_values_whole(values, &rest, &rest_size) < 0 ||
            mr_result_begin(out, NULL, 0) < 0 || mr_result_add(out, piece, size) < 0 ||
            mr_result_add(out, rest, rest_size) < 0 || mr_result_end(out) < 0)
            return -1;
        check(mr_values_whole(values, &rest, &rest_size) == 0 && rest_size == 0);
    }
    return more;
}

/* The key's bytes are read between the values, one piece for each. */
static int bits(struct mr_key *key, struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *name = NULL;
    size_t name_size = 0;
    int more = mr_key_next(key, &name, &name_size);
    if (more < 0)
        return -1;
    uint64_t before = more ? XXH3_64bits(name, name_size) : 0;
    while ((more = mr_values_next(values)) > 0)
        if (mr_emit_result(out, NULL, 0, "v", 1) < 0)
            return -1;
    /* What has been given of the key stands until it is asked for more. */
    check(before == 0 || XXH3_64bits(name, name_size) == before);
    return more;
}

static const int job_state;

static int reduce_values(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    struct mr_key copy = *key; /* another reading of the same */
    const unsigned char *name;
    size_t name_size;
    check(state == &job_state);
    if (mr_key_whole(&copy, &name, &name_size) < 0)
        return -1;
    switch (what_of(name, name_size)) {
    case JOIN: return join(values, out);
    case FIRST: return first(key, values, out);
    case SIZES: return sizes(values, out);
    case SWAP: return swap_them(key, values, out);
    case TWICE: return twice(values, out);
    case BITS: return bits(key, values, out);
    default: return 0;
    }
}

static const struct mr_job reducing = { .name = "reducing", .values = MR_BYTES,
                                        .reduce_values = reduce_values };
static const struct mr_job passing = { .name = "passing", .values = MR_BYTES };
static const struct mr_job ordering = { .name = "ordering", .values = MR_BYTES,
                                        .value_order = MR_BY_VALUE_BYTES,
                                        .reduce_values = reduce_values };
static const struct mr_job ordering_only = { .name = "ordering", .values = MR_BYTES,
                                             .value_order = MR_BY_VALUE_BYTES };

/* Adds what the job makes of one key, which has count entries. */
static void reduce_plainly(struct entries *to, const struct entry *e, size_t count)
{
    unsigned char *joined = NULL, turned[64];
    size_t size = 0;
    switch (what_of(e->key, e->key_size)) {
    case JOIN:
        for (size_t i = 0; i < count; i++) {
            joined = realloc(joined, size + e[i].value_size + 1);
            memcpy(joined + size, e[i].value, e[i].value_size);
            size += e[i].value_size;
            joined[size++] = '|';
        }
        add_entry(to, e->key, e->key_size, joined, size);
        free(joined);
        break;
    case FIRST:
        size = e->key_size < sizeof turned ? e->key_size : sizeof turned;
        for (size_t i = 0; i < size; i++)
            turned[i] = e->key[e->key_size - 1 - i];
        add_entry(to, turned, size, e->value, e->value_size);
        break;
    case SIZES:
        for (size_t i = 0; i < count; i++) {
            char text[40];
            int n = snprintf(text, sizeof text, "%zu %d", e[i].value_size,
                             e[i].value_size ? e[i].value[0] : -1);
            add_entry(to, e->key, e->key_size, text, (size_t)n);
        }
        break;
    case SWAP:
        for (size_t i = 0; i < count; i++)
            add_entry(to, e[i].value, e[i].value_size, e->key, e->key_size);
        break;
    case TWICE:
        for (size_t i = 0; i < count; i++) {
            add_entry(to, "between", 7, NULL, 0);
            add_entry(to, e->key, e->key_size, e[i].value, e[i].value_size);
        }
        break;
    case BITS:
        for (size_t i = 0; i < count; i++)
            add_entry(to, e->key, e->key_size, "v", 1);
        break;
    default: break;
    }
}

/* What the job makes of all, and of how many keys; sorts e. */
static size_t reduce_all_plainly(struct entries *to, const struct mr_job *job, struct entries *e,
                                 bool reverse)
{
    size_t keys = 0;
    entries_by_bytes = job->value_order == MR_BY_VALUE_BYTES;
    values_ascend = job->reduce_values != NULL;
    sort_entries(e, reverse);
    for (size_t from = 0, end; from < e->count; from = end, keys++) {
        for (end = from + 1; end < e->count; end++)
            if (compare_bytes(e->at[from].key, e->at[from].key_size, e->at[end].key,
                              e->at[end].key_size) != 0)
                break;
        if (job->reduce_values)
            reduce_plainly(to, e->at + from, end - from);
        for (size_t i = from; i < end && job->reduce_values == NULL; i++)
            add_entry(to, e->at[i].key, e->at[i].key_size, e->at[i].value, e->at[i].value_size);
    }
    return keys;
}

/* ---- reducing --------------------------------------------------------------------------- */

static struct mr_reduce_plan small_plan(size_t table)
{
    return (struct mr_reduce_plan){
        .buckets = buckets, .first = 0, .count = buckets, .bucket_payload = ROOM, .run_payload = ROOM,
        .key_max = KEY_MAX, .key_payload = ROOM, .table = table, .fan_in = 3, .runs_max = 4,
        .order = { .values = true }, .top = MR_ALL,
    };
}

/* How many bytes a record of the result has, to see that weights are asked for. */
static int weigh(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *weight, struct mr_error *error)
{
    struct mr_value value = mr_record_value(r);
    check(scale->kind == 5 && place->spool != NULL && error == &err);
    *weight = value.out_of_line ? mr_locator_get(value.bytes).size : value.size;
    return 0;
}

/* Merges what a reducer's file has, all of its runs together, into got. */
static void read_result(struct entries *got, const struct mr_reduce_plan *plan,
                        struct mr_spool *spool, const struct mr_reduce_result *result)
{
    struct mr_block_reader reader;
    struct mr_runs runs;
    struct mr_merge m;
    struct mr_run_reader *next;
    uint64_t weight = 0, weighed = 0;
    int more;
    must(mr_runs_read(&runs, spool, store, REDUCER_TASK, result->runs, &err));
    check_for(runs.count <= plan->runs_max, "%zu runs are left", runs.count);
    mr_block_reader_init(&reader, store, plan->key_payload);
    must(mr_merge_init(&m, runs.count, plan->run_payload, store, plan->order, &err));
    for (size_t i = 0; i < runs.count; i++) {
        must(mr_merge_add(&m, &runs, &runs.at[i], 0, NULL));
        weight += runs.at[i].weight;
    }
    while ((more = mr_merge_next(&m, &next)) > 0) {
        struct entry *e = take_entry(got, &next->current.record,
                                     (struct mr_key_place){ spool, REDUCER_TASK, &reader });
        weighed += e->value_size;
        take_head(e);
    }
    must(more);
    check(weight == (plan->scale.weigh ? weighed : 0));
    mr_merge_release(&m);
    mr_block_reader_release(&reader);
    free(runs.at);
}

static struct mr_mark mark;
static bool one_by_one; /* each key is marked */

static int run(const struct mr_job *job, const struct mr_reduce_plan *plan, const uint32_t *order,
               struct mr_spool *spool, struct mr_reduce_result *result)
{
    static _Atomic uint64_t progress;
    struct mr_shuffles all = { .files = shuffles, .count = TASKS, .order = order, .mark = &mark,
                               .one_by_one = one_by_one };
    mr_spool_create(spool, store, "reduced", 0);
    return mr_reduce_values_run(job, &job_state, plan, &all, REDUCER_TASK, spool, store, result,
                                &progress, &err);
}

/* Reduces entries, which are in the order of the input, and holds the result to the plain one. */
static void check_reduced(const struct mr_job *job, const struct mr_reduce_plan *plan,
                          const uint32_t *order, struct entries *e)
{
    struct entries got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    struct mr_reduce_result result;
    struct mr_spool spool;
    write_shuffles(e, order, plan->compress);
    size_t keys = reduce_all_plainly(&wanted, job, e, plan->order.reverse);
    must(run(job, plan, order, &spool, &result));
    must(mr_spool_commit(&spool, store, &err));
    read_result(&got, plan, &spool, &result);
    if (got.count > plan->top)
        cut_entries(&got, plan->top); /* of each run the first are kept */
    if (wanted.count > plan->top)
        cut_entries(&wanted, plan->top);
    else
        check(result.kept == wanted.count);
    check_same_entries(&got, &wanted);
    check(result.sum == e->count && result.digest == written && result.distinct == keys);
    mr_spool_drop(&spool, store);
    drop_shuffles();
    free_entries(&got);
    free_entries(&wanted);
    free_entries(e);
}

/* Keys that come often or once, long and short, some too large for a record; so are values. */
static void random_entries(struct entries *e, size_t count, size_t keys, size_t value_most)
{
    for (size_t i = 0; i < count; i++) {
        static unsigned char key[4000], value[9000];
        size_t number = draw_below(draw_below(3) ? keys : keys / 20 + 1);
        size_t size = number % 50 == 0 ? number * 37 % 4000 : number % 9 * (1 + number % 3);
        if (number % 50 == 1)
            size = KEY_MAX - 1 + number % 3;
        memset(key, number % 4 ? 'k' : '\0', size);
        for (size_t at = size, n = number; at > 0 && n > 0; n /= 5)
            key[--at] = (unsigned char)("ab\0\xFFk"[n % 5]);
        size_t value_size = draw_size(KEY_MAX, value_most);
        draw_bytes(value, value_size, i % 2 ? "ab\xC3\xA4" : NULL);
        add_entry(e, key, size, value, value_size);
    }
}

static const uint32_t turned[TASKS] = { 3, 2, 1, 0 }, mixed[TASKS] = { 1, 3, 0, 2 };

Test(values, a_key_s_values_come_in_the_order_of_the_input)
{
    static const uint32_t *const orders[] = { NULL, turned, mixed };
    for (int round = 0; round < 12; round++) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        way = (enum way)(round / 2 % WAYS);
        plan.compress = round % 3 == 1;
        plan.order.reverse = round % 4 == 2;
        if (round % 4 == 1)
            plan.scale = (struct mr_scale){ weigh, 5, NULL };
        random_entries(&e, 4000, round < 6 ? 900 : 40, round % 5 ? 800 : 9000);
        check_reduced(round % 6 ? &reducing : &passing, &plan, orders[round % 3], &e);
    }
}

Test(values, a_key_s_values_come_in_the_order_of_their_bytes)
{
    for (int round = 0; round < 12; round++) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        way = round % 4 == 1 ? LISTS : ONE_BY_ONE;
        plan.compress = round % 3 == 1;
        plan.order.reverse = round % 4 == 2;
        random_entries(&e, 4000, round < 6 ? 900 : 9, round % 5 ? 800 : 9000);
        for (size_t i = 0; i < e.count; i++) /* many begin alike, most of all the large ones */
            memset(e.at[i].value, 'v', e.at[i].value_size - e.at[i].value_size / 10);
        plan.order.by_bytes = round % 6 == 0; /* of the result, where there is no reduce */
        check_reduced(round % 6 ? &ordering : &ordering_only, &plan, mixed, &e);
    }
}

/* What all share is not compared; one that comes late may share less, or be all of that. */
Test(values, keys_that_begin_alike_are_in_order)
{
    static const char *const late[] = { "https://example.org/a/7", "https://example.org/",
                                        "https://exa", "h", "", "https://example.org/c/" };
    for (int round = 0; round < 24; round++) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        way = (enum way)(round / 2 % WAYS);
        const char *other = late[round / 4];
        for (uint64_t i = 0; i < 6000; i++) {
            char key[40];
            int size = snprintf(key, sizeof key, "https://example.org/%c/%llu",
                                'a' + (int)draw_below(3), (unsigned long long)draw_below(4000));
            add_entry(&e, key, (size_t)size, &i, draw_below(sizeof i));
            if (i % 2500 == 2000)
                add_entry(&e, other, strlen(other), &i, sizeof i);
        }
        check_reduced(round % 3 ? &passing : &reducing, &plan, mixed, &e);
    }
}

Test(values, one_key_may_have_all_of_them)
{
    for (int round = 0; round < 9; round++) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        unsigned char key[3000];
        way = round > 5 ? ONE_BY_ONE : (enum way)(round / 2);
        size_t size = round < 2 ? 0 : round < 4 ? 4 : sizeof key;
        memset(key, 'x', sizeof key);
        for (int i = 0; i < (round < 4 ? 20000 : 600); i++) {
            char value[16];
            add_entry(&e, key, size, value, (size_t)snprintf(value, sizeof value, "%d", i));
        }
        check_reduced(round > 5 ? &ordering : round % 3 ? &passing : &reducing, &plan, mixed, &e);
    }
}

/* Keys that come once, after which no bundles are made; then lists and single values of some. */
Test(values, lists_and_values_keep_their_order_where_bundles_do_not_pay)
{
    for (size_t table = TINY; table <= AMPLE; table *= AMPLE / TINY) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(table);
        way = LISTS;
        for (uint64_t i = 0; i < 30000; i++) {
            uint64_t key = i < 24000 ? i : draw_below(300);
            add_entry(&e, &key, sizeof key, &i, draw_below(sizeof i));
        }
        check_reduced(&reducing, &plan, turned, &e);
    }
}

Test(values, one_bucket_may_hold_everything)
{
    struct entries e = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(TINY);
    way = BUNDLES;
    for (uint64_t i = 0; i < 30000; i++) {
        unsigned char end[7], key[MR_SHORT_KEY];
        put_letters(end, sizeof end, draw_below(9000));
        short_of_hash(key, 77, end);
        add_entry(&e, key, sizeof key, &i, draw_below(sizeof i));
    }
    check_reduced(&reducing, &plan, turned, &e);
}

/* Large keys of one hash and size that begin alike: only all of their bytes tell them apart. */
Test(values, keys_of_one_hash_stay_apart)
{
    for (size_t table = TINY; table <= AMPLE; table *= AMPLE / TINY) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(table);
        for (uint64_t i = 0; i < 400; i++) {
            unsigned char key[2 * KEY_MAX];
            large_of_one_hash(key, sizeof key, draw_below(30));
            add_entry(&e, key, sizeof key, &i, sizeof i);
        }
        check_reduced(&reducing, &plan, NULL, &e);
    }
}

/* ---- pairs ------------------------------------------------------------------------------ */

static struct entries handed; /* over, in the order in which they were */
static size_t in_pairs;       /* so many of them as such */

static int take_values(const void *state, struct mr_key *key, struct mr_value_list *values,
                       struct mr_context *out)
{
    const unsigned char *name, *bytes;
    size_t name_size, size;
    int more;
    check(state == &job_state && out != NULL && mark.running == MR_IN_REDUCE);
    if (mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        add_entry(&handed, name, name_size, bytes, size);
    }
    return more;
}

static int take_pairs(const void *state, const struct mr_pair *pairs, size_t count,
                      struct mr_context *out)
{
    check(state == &job_state && out != NULL && mark.running == MR_IN_REDUCE && count > 0);
    for (size_t i = 0; i < count; i++)
        add_entry(&handed, pairs[i].key.at, pairs[i].key.size, pairs[i].value.at,
                  pairs[i].value.size);
    in_pairs += count;
    return 0;
}

static const struct mr_job taking = { .name = "taking", .values = MR_BYTES, .in_sequence = true,
                                      .reduce_values = take_values, .reduce_pairs = take_pairs };

/* How many keys entries in their order have. */
static size_t count_keys(const struct entries *e)
{
    size_t keys = 0;
    for (size_t i = 0; i < e->count; i++)
        keys += i == 0 || compare_bytes(e->at[i - 1].key, e->at[i - 1].key_size, e->at[i].key,
                                        e->at[i].key_size) != 0;
    return keys;
}

/* Only of many it is seen that bundles do not pay. */
Test(values, pairs_come_in_the_same_order)
{
    buckets = 1;
    for (int round = 0; round < 12; round++) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(round % 2 ? TINY : AMPLE);
        struct mr_reduce_result result;
        struct mr_spool spool;
        way = (enum way)(round / 2 % WAYS);
        in_pairs = 0;
        random_entries(&e, round < 6 ? 30000 : 4000, round < 6 ? 30000 : 40, round % 6 ? 30 : 900);
        write_shuffles(&e, mixed, false);
        must(run(&taking, &plan, mixed, &spool, &result));
        sort_entries(&e, false);
        check_same_entries(&handed, &e);
        check(result.sum == e.count && result.digest == written);
        check(result.distinct == count_keys(&e));
        check(round != 0 || in_pairs > e.count / 10);
        check(in_pairs == 0 || round % 2 == 0); /* of runs that are merged, no record stands */
        mr_spool_drop(&spool, store);
        drop_shuffles();
        free_entries(&handed);
        free_entries(&e);
    }
}

static int refuse_pairs(const void *state, const struct mr_pair *pairs, size_t count,
                        struct mr_context *out)
{
    (void)state;
    (void)pairs;
    return mr_fail(out, "%zu pairs are refused", count);
}

/* Each key and what it is at is to be known then. */
Test(values, there_are_no_pairs_where_keys_are_marked)
{
    struct entries e = { NULL, 0, 0 };
    struct mr_job refusing = taking;
    buckets = 1;
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    struct mr_spool spool;
    way = ONE_BY_ONE;
    for (uint64_t i = 0; i < 20000; i++)
        add_entry(&e, &i, sizeof i, &i, sizeof i);
    write_shuffles(&e, NULL, false);
    refusing.reduce_pairs = refuse_pairs;
    must_fail(run(&refusing, &plan, NULL, &spool, &result), "pairs are refused");
    mr_spool_drop(&spool, store);
    one_by_one = true;
    free_entries(&handed);
    must(run(&refusing, &plan, NULL, &spool, &result));
    check(handed.count == e.count);
    mr_spool_drop(&spool, store);
    drop_shuffles();
    free_entries(&handed);
    free_entries(&e);
}

/* ---- numbers ---------------------------------------------------------------------------- */

static int drop_odd(const void *state, struct mr_key *key, uint64_t *value,
                    struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    check(state == &job_state && context != NULL && mark.running == MR_IN_REDUCE);
    while (mr_key_next(key, &bytes, &size) > 0)
        check(size > 0);
    return *value % 2 == 0;
}

static void write_numbers(const struct entries *e)
{
    for (size_t task = 0, i = 0; task < TASKS; task++) {
        begin_shuffle(&shuffles[task], (uint32_t)task, buckets, ROOM, false);
        for (; i < e->count * (task + 1) / TASKS; i++) {
            struct mr_record r = stored_entry(&e->at[i], KEY_MAX, &writing.keys);
            must(mr_shuffle_add(&writing.records, mr_hash(e->at[i].key, e->at[i].key_size), r.key,
                                r.size, r.out_of_line, e->at[i].number, &err));
            free((void *)(uintptr_t)r.key);
        }
        end_shuffle(&shuffles[task]);
    }
}

/* The sum of each key's numbers, as digits, where it is even; sorts e. Returns how many keys. */
static size_t sum_plainly(struct entries *sums, struct entries *e)
{
    size_t keys = 0;
    sort_entries(e, false);
    for (size_t from = 0, at = 0; from < e->count; from = at, keys++) {
        char digits[24];
        uint64_t sum = 0;
        const struct entry *first_of = &e->at[from];
        for (; at < e->count && compare_bytes(first_of->key, first_of->key_size, e->at[at].key,
                                              e->at[at].key_size) == 0; at++)
            sum += e->at[at].number;
        int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)sum);
        if (sum % 2 == 0)
            add_entry(sums, first_of->key, first_of->key_size, digits, (size_t)size);
    }
    return keys;
}

Test(values, numbers_of_a_key_come_as_one_that_reduce_has_kept)
{
    for (size_t table = TINY; table <= AMPLE; table *= AMPLE / TINY) {
        struct entries e = { NULL, 0, 0 }, sums = e, got = e, wanted = e;
        struct mr_job adding = reducing;
        struct mr_reduce_plan plan = small_plan(table);
        struct mr_reduce_result result;
        struct mr_spool spool;
        adding.values = MR_NUMBERS;
        adding.reduce = drop_odd;
        random_entries(&e, 8000, 900, 0);
        write_numbers(&e);
        size_t keys = sum_plainly(&sums, &e);
        reduce_all_plainly(&wanted, &reducing, &sums, false);
        must(run(&adding, &plan, NULL, &spool, &result));
        must(mr_spool_commit(&spool, store, &err));
        read_result(&got, &plan, &spool, &result);
        check_same_entries(&got, &wanted);
        check(result.sum == 8000 * 7999 / 2 && result.distinct == keys);
        mr_spool_drop(&spool, store);
        drop_shuffles();
        free_entries(&e);
        free_entries(&sums);
        free_entries(&got);
        free_entries(&wanted);
    }
}

Test(values, a_number_that_reduce_drops_leaves_the_mark_to_the_engine)
{
    struct mr_job adding = reducing;
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct entries e = { NULL, 0, 0 };
    adding.values = MR_NUMBERS;
    adding.reduce = drop_odd;
    add_entry(&e, "odd", 3, NULL, 0)->number = 1;
    write_numbers(&e);
    must(run(&adding, &plan, NULL, &spool, &result));
    check(result.distinct == 1 && result.kept == 0 && mark.running == MR_IN_ENGINE);
    mr_spool_drop(&spool, store);
    drop_shuffles();
    free_entries(&e);
}

Test(values, numbers_too_large_to_be_added_are_told_of)
{
    struct mr_job adding = reducing;
    struct mr_reduce_plan plan = small_plan(TINY);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct entries e = { NULL, 0, 0 };
    adding.values = MR_NUMBERS;
    for (int i = 0; i < 2; i++)
        add_entry(&e, "much", 4, NULL, 0)->number = UINT64_MAX - 1;
    write_numbers(&e);
    must_fail(run(&adding, &plan, NULL, &spool, &result),
              "the values of the key 'much' add up to more than 64 bits hold");
    check(err.final);
    mr_spool_drop(&spool, store);
    drop_shuffles();
    free_entries(&e);
}

/* ---- parts of numbers ------------------------------------------------------------------- */

enum { SOURCES = 5, PARTS = 8000, OF_A_TASK = PARTS / TASKS };

static void add_sum(struct entries *to, const void *key, size_t size, uint64_t sum,
                    unsigned sources)
{
    char text[40];
    int n = snprintf(text, sizeof text, "%llu in %u", (unsigned long long)sum, sources);
    add_entry(to, key, size, text, (size_t)n)->number = sum;
}

static int compare_sums(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->number != y->number)
        return x->number > y->number ? -1 : 1;
    return compare_bytes(x->key, x->key_size, y->key, y->key_size);
}

/* The source of a part; where there are places, each task has another one. */
static uint64_t source_of(uint64_t number, bool places)
{
    return places ? number / OF_A_TASK : number * 31 % SOURCES << 20;
}

/* Where a part stands: those of a task leave it from the last to the first. */
static uint64_t place_of(uint64_t number)
{
    return OF_A_TASK - 1 - number % OF_A_TASK;
}

/* Each entry becomes a part of 1 to 3 of one of the sources. */
static void make_parts(struct entries *e, bool places)
{
    for (size_t i = 0; i < e->count; i++) {
        unsigned char bytes[MR_PARTIAL_MAX];
        struct mr_partial part = { source_of(i, places), places ? place_of(i) : 0, 1 + i % 3 };
        struct mr_value value = mr_partial_put(bytes, &part);
        free(e->at[i].value);
        e->at[i].value = copied(value.bytes, value.size);
        e->at[i].value_size = value.size;
        e->at[i].number = i;
    }
}

/* Even sums of each key's parts, and of how many sources they are, the largest first; or by the
 * place of their first part. */
static void unite_plainly(struct entries *wanted, struct entries *e, bool places)
{
    sort_entries(e, false);
    for (size_t from = 0, at = 0; from < e->count; from = at) {
        const struct entry *first_of = &e->at[from];
        unsigned sources = 0;
        uint64_t sum = 0, first = UINT64_MAX;
        for (; at < e->count && compare_bytes(first_of->key, first_of->key_size, e->at[at].key,
                                              e->at[at].key_size) == 0; at++) {
            uint64_t number = e->at[at].number, source = source_of(number, places);
            uint64_t place = number / OF_A_TASK * OF_A_TASK + place_of(number);
            sum += 1 + number % 3;
            first = place < first ? place : first;
            sources |= 1U << (places ? source : source >> 20);
        }
        if (sum % 2 != 0)
            continue;
        add_sum(wanted, first_of->key, first_of->key_size, sum,
                (unsigned)__builtin_popcount(sources));
        if (places)
            wanted->at[wanted->count - 1].number = ~first;
    }
    qsort(wanted->at, wanted->count, sizeof *wanted->at, compare_sums);
}

static void read_sums(struct entries *got, const struct mr_reduce_plan *plan,
                      struct mr_spool *spool, const struct mr_reduce_result *result)
{
    struct mr_block_reader reader;
    struct mr_runs runs;
    struct mr_merge m;
    struct mr_run_reader *next;
    int more;
    must(mr_runs_read(&runs, spool, store, REDUCER_TASK, result->runs, &err));
    mr_block_reader_init(&reader, store, plan->key_payload);
    must(mr_merge_init(&m, runs.count, plan->run_payload, store, plan->order, &err));
    for (size_t i = 0; i < runs.count; i++)
        must(mr_merge_add(&m, &runs, &runs.at[i], 0, NULL));
    while ((more = mr_merge_next(&m, &next)) > 0) {
        const struct mr_record r = next->current.record;
        const struct mr_united united = mr_united_of(&r);
        const struct mr_value key = { r.key, r.size, r.out_of_line };
        size_t size;
        unsigned char *whole = whole_bytes(
            &key, (struct mr_key_place){ spool, REDUCER_TASK, &reader }, &size);
        check(plan->places || united.number == r.value);
        add_sum(got, whole, size, united.number, (unsigned)united.sources);
        free(whole);
    }
    must(more);
    mr_merge_release(&m);
    mr_block_reader_release(&reader);
    free(runs.at);
}

Test(values, parts_of_numbers_are_united_and_it_is_told_of_how_many_inputs_they_are)
{
    for (int i = 0; i < 4; i++) {
        size_t table = i % 2 ? TINY : AMPLE;
        struct entries e = { NULL, 0, 0 }, got = e, wanted = e;
        struct mr_job adding = { .name = "parts", .reduce = drop_odd };
        struct mr_reduce_plan plan = small_plan(table);
        struct mr_reduce_result result;
        struct mr_spool spool;
        plan.partials = plan.order.by_value = true;
        plan.places = plan.order.reverse = i / 2;
        random_entries(&e, PARTS, 900, 0);
        make_parts(&e, plan.places);
        const uint32_t *order = i % 2 ? turned : NULL;
        write_shuffles(&e, order, false);
        unite_plainly(&wanted, &e, plan.places);
        must(run(&adding, &plan, order, &spool, &result));
        must(mr_spool_commit(&spool, store, &err));
        read_sums(&got, &plan, &spool, &result);
        check_same_entries(&got, &wanted);
        check(result.sum == 15999 && result.kept == got.count);
        mr_spool_drop(&spool, store);
        drop_shuffles();
        free_entries(&e);
        free_entries(&got);
        free_entries(&wanted);
    }
}

Test(values, nothing_is_reduced_to_nothing)
{
    struct entries none = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(TINY);
    check_reduced(&reducing, &plan, NULL, &none);
}

Test(values, of_each_run_the_first_are_enough)
{
    for (uint64_t top = 0; top < 3000; top = top * 7 + 1)
        for (int kind = 0; kind < 4; kind++) {
            struct entries e = { NULL, 0, 0 };
            struct mr_reduce_plan plan = small_plan(kind % 2 ? TINY : AMPLE);
            plan.order.reverse = kind / 2;
            plan.top = top;
            random_entries(&e, 2000, 100, 800);
            check_reduced(&reducing, &plan, mixed, &e);
        }
}

Test(values, each_partition_has_its_own_buckets_and_no_others)
{
    struct entries e = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    mr_total all = 0;
    random_entries(&e, 3000, 500, 100);
    write_shuffles(&e, NULL, false);
    for (uint32_t from = 0; from < BUCKETS; from += 2) {
        struct mr_reduce_plan plan = small_plan(from ? TINY : AMPLE);
        struct mr_reduce_result result;
        struct mr_spool spool;
        size_t before = got.count;
        plan.first = from;
        plan.count = 2;
        must(run(&passing, &plan, NULL, &spool, &result));
        must(mr_spool_commit(&spool, store, &err));
        read_result(&got, &plan, &spool, &result);
        for (size_t i = before; i < got.count; i++)
            check(mr_bucket(mr_hash(got.at[i].key, got.at[i].key_size), BUCKETS) / 2 == from / 2);
        all += result.sum;
        mr_spool_drop(&spool, store);
    }
    check(all == e.count);
    sort_entries(&e, false);
    sort_entries(&got, false);
    check_same_entries(&got, &e);
    free_entries(&e);
    free_entries(&got);
    drop_shuffles();
}

Test(values, more_buckets_than_it_knows_the_places_of_at_a_time)
{
    for (buckets = 700; buckets <= 2100; buckets += 700) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(AMPLE);
        plan.links = buckets * 20;
        random_entries(&e, 2000, 1500, 50);
        check_reduced(&reducing, &plan, mixed, &e);
    }
}

Test(values, many_blocks_of_a_task_of_which_few_are_marked)
{
    buckets = 1;
    for (size_t links = 0; links < 40000; links = 3 * links + 1000) {
        struct entries e = { NULL, 0, 0 };
        struct mr_reduce_plan plan = small_plan(AMPLE);
        plan.links = links; /* 64 blocks at least are marked, of about 300 */
        random_entries(&e, 16000, 50, 150);
        check_reduced(&reducing, &plan, mixed, &e);
    }
}

/* ---- jobs that are wrong, and those that fail ------------------------------------------- */

enum wrong { NOT_ENDED, ENDED_TWICE, BEGUN_TWICE, ADDED_TO_NONE, RETURNS_FAILURE, TOO_LARGE,
             KEY_TOO_LARGE, WRONGS };

static enum wrong wrong;

static int reduce_wrongly(const void *state, struct mr_key *key, struct mr_value_list *values,
                          struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    (void)state;
    switch (wrong) {
    case NOT_ENDED: return mr_result_begin(out, NULL, 0);
    case ENDED_TWICE: return mr_emit_result(out, "k", 1, "v", 1) < 0 ? -1 : mr_result_end(out);
    case BEGUN_TWICE:
        return mr_result_begin(out, NULL, 0) < 0 ? -1 : mr_emit_result(out, NULL, 0, "v", 1);
    case ADDED_TO_NONE: return mr_result_add(out, "v", 1);
    case TOO_LARGE:
        return mr_values_next(values) < 0 ? -1 : mr_values_whole(values, &bytes, &size);
    case KEY_TOO_LARGE: return mr_key_whole(key, &bytes, &size);
    default: strcpy(err.text, "no wish to"); return -1;
    }
}

Test(values, a_job_that_is_wrong_is_told_so)
{
    static const char *const said[WRONGS] = {
        "the job 'wrong' is wrong: it returned from a key before a record of its result had ended",
        "the job 'wrong' is wrong: a record of its result ends that has not begun",
        "the job 'wrong' is wrong: a record of its result begins before the one before has ended",
        "the job 'wrong' is wrong: bytes are added to no record of its result", "no wish to",
        "a value of 90000 bytes is too large to be held in memory: --memory=74M would do, or 37M with "
        "--reducers=1, at the key 'xxxx",
        "a key of 70000 bytes is too large to be held in memory: --memory=57M would do, or 29M with "
        "--reducers=1, at the key 'xxxx",
    };
    static const struct mr_job job = { .name = "wrong", .values = MR_BYTES,
                                       .reduce_values = reduce_wrongly };
    struct entries e = { NULL, 0, 0 };
    unsigned char *large = copied(NULL, 0);
    large = realloc(large, 90000);
    memset(large, 'x', 90000);
    add_entry(&e, large, 70000, large, 90000);
    write_shuffles(&e, NULL, false);
    for (wrong = 0; wrong < WRONGS; wrong++) {
        struct mr_reduce_plan plan = small_plan(TINY);
        plan.memory = 10 << 20;
        plan.memory_alone = 5 << 20;
        struct mr_reduce_result result;
        struct mr_spool spool;
        err.final = false;
        must_fail(run(&job, &plan, NULL, &spool, &result), said[wrong]);
        check(err.final == (wrong != RETURNS_FAILURE));
        mr_spool_drop(&spool, store);
    }
    free(large);
    free_entries(&e);
    drop_shuffles();
}

static const char *held; /* k, v or both */

/* Takes the key whole, or a value, or both: the key's bytes are to stand meanwhile. */
static int hold(const void *state, struct mr_key *key, struct mr_value_list *values,
                struct mr_context *out)
{
    const unsigned char *name = NULL, *bytes = NULL;
    size_t name_size = 0, size = 0;
    (void)state;
    if (strchr(held, 'k') && mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    if (mr_values_next(values) < 0 ||
        (strchr(held, 'v') && mr_values_whole(values, &bytes, &size) < 0))
        return -1;
    for (size_t i = 0; i < name_size; i++)
        check(name[i] == 'x');
    return mr_emit_result(out, NULL, 0, bytes, size);
}

Test(values, a_key_and_a_value_that_are_whole_have_one_part_of_memory)
{
    static const struct mr_job job = { .name = "holding", .values = MR_BYTES,
                                       .reduce_values = hold };
    enum { KEY = 70000, VALUE = 90000, PART = 100000 };
    struct entries e = { NULL, 0, 0 };
    unsigned char *large = malloc(VALUE);
    memset(large, 'x', VALUE);
    for (int i = 0; i < 3; i++) {
        large[KEY - 1 - i] = 'x';
        add_entry(&e, large, KEY - (size_t)i, large, VALUE);
    }
    write_shuffles(&e, NULL, false);
    for (int i = 0; i < 3; i++) {
        static const char *const whats[] = { "k", "v", "kv" };
        struct mr_reduce_plan plan = small_plan(4 * PART);
        struct mr_reduce_result result;
        struct mr_spool spool;
        held = whats[i];
        int status = run(&job, &plan, NULL, &spool, &result);
        check_for((status == 0) == (i < 2), "%s: %s", whats[i], err.text);
        check(status == 0 || strstr(err.text, "of 90000 bytes is too large to be held"));
        mr_spool_drop(&spool, store);
    }
    free(large);
    free_entries(&e);
    drop_shuffles();
}

/* Asks for what is not there: before the first value, and behind the last. */
static int ask_too_early_and_too_late(const void *state, struct mr_key *key,
                                      struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size = 9;
    int more;
    (void)state, (void)key, (void)out;
    check(mr_values_read(values, &bytes, &size) == 0);
    check(mr_values_whole(values, &bytes, &size) == 0 && size == 0);
    while ((more = mr_values_next(values)) > 0)
        ;
    check(more == 0 && mr_values_size(values) == 0);
    check(mr_values_read(values, &bytes, &size) == 0);
    check(mr_values_whole(values, &bytes, &size) == 0 && size == 0);
    return 0;
}

Test(values, before_the_first_value_and_behind_the_last_there_is_nothing)
{
    static const struct mr_job job = { .name = "asks", .values = MR_BYTES,
                                       .reduce_values = ask_too_early_and_too_late };
    struct entries e = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(TINY);
    struct mr_reduce_result result;
    struct mr_spool spool;
    random_entries(&e, 1500, 20, 900);
    write_shuffles(&e, NULL, false);
    must(run(&job, &plan, NULL, &spool, &result));
    check(result.kept == 0 && result.sum == e.count);
    mr_spool_drop(&spool, store);
    free_entries(&e);
    drop_shuffles();
}

Test(values, records_that_no_memory_holds_fail_the_task)
{
    struct entries e = { NULL, 0, 0 };
    struct mr_reduce_plan plan = small_plan(2048);
    struct mr_reduce_result result;
    struct mr_spool spool;
    unsigned char bytes[KEY_MAX] = { 0 };
    for (int i = 0; i < 8; i++)
        add_entry(&e, bytes, sizeof bytes, bytes, sizeof bytes - 1);
    write_shuffles(&e, NULL, false);
    plan.table = 1024;
    must_fail(run(&passing, &plan, NULL, &spool, &result), "record of 999 bytes does not fit");
    mr_spool_drop(&spool, store);
    plan.table = 3072; /* of which the result has a quarter */
    must_fail(run(&passing, &plan, NULL, &spool, &result), "record of 1000 bytes does not fit");
    mr_spool_drop(&spool, store);
    plan.table = 4608; /* each record is a run of its own */
    must(run(&passing, &plan, NULL, &spool, &result));
    check(result.kept == 8);
    mr_spool_drop(&spool, store);
    free_entries(&e);
    drop_shuffles();
}

/* ---- files that are not what was written ------------------------------------------------ */

static struct entries small_entries(void)
{
    struct entries e = { NULL, 0, 0 };
    unsigned char large[1200];
    for (int i = 0; i < 12; i++) {
        draw_bytes(large, sizeof large, "xy");
        add_entry(&e, large, i % 3 ? (size_t)i : 600, large, i % 4 ? (size_t)i : sizeof large);
    }
    return e;
}

/* Every byte of a file is spoiled in turn. */
Test(values, no_byte_of_a_shuffle_file_is_wrong_unseen)
{
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct entries e = small_entries();
    store->allowed = 0; /* on disk, to be spoiled */
    write_shuffles(&e, NULL, false);
    int fd = open(scratch("map-1"), O_RDWR);
    check(fd >= 0 && shuffles[1].size > 1000);
    for (off_t i = 0; i < (off_t)shuffles[1].size; i++) {
        struct mr_reduce_result result;
        struct mr_spool spool;
        unsigned char byte;
        check(pread(fd, &byte, 1, i) == 1);
        byte ^= 1;
        check(pwrite(fd, &byte, 1, i) == 1);
        byte ^= 1;
        err.text[0] = '\0';
        int status = run(&passing, &plan, NULL, &spool, &result);
        check_for(status < 0, "byte %lld of the file may be anything", (long long)i);
        check_for(strstr(err.text, "map-1") != NULL && strstr(err.text, "damaged"), "%s", err.text);
        mr_spool_drop(&spool, store);
        check(pwrite(fd, &byte, 1, i) == 1);
    }
    close(fd);
    free_entries(&e);
    drop_shuffles();
}

/* The file of one map task has a record of its own. */
static void write_one(const struct mr_record *r, uint64_t number, const struct mr_value *value)
{
    struct mr_block_writer blocks;
    struct mr_shuffle_writer w;
    mr_spool_drop(&shuffles[1], store);
    mr_spool_create(&shuffles[1], store, "map-1", 0);
    must(mr_block_writer_init(&blocks, &shuffles[1], store, 1, false, &err));
    must(mr_shuffle_writer_init(&w, &blocks, BUCKETS, 2 * ROOM, &err));
    must(mr_shuffle_add_bytes(&w, 0, r, number, value, &err));
    must(mr_shuffle_writer_finish(&w, &err));
    mr_shuffle_writer_release(&w);
    mr_block_writer_release(&blocks);
}

Test(values, a_value_that_no_mapper_writes_fails_the_task)
{
    static const unsigned char cut[] = { 2, 'a', 6, 'b' }, unlocated[] = { 2, 'a', 3, 'b' };
    static unsigned char bytes[2 * ROOM], large[KEY_MAX + 3];
    const struct mr_record r = { bytes, 3, false, 0 };
    const struct {
        uint64_t number;
        struct mr_value value;
    } values[] = {
        { 0, { bytes, KEY_MAX + 1, false } }, { MR_LISTED, { large, sizeof large, false } },
        { MR_LISTED, { cut, 0, false } }, { MR_LISTED, { cut, sizeof cut, false } },
        { MR_LISTED, { unlocated, sizeof unlocated, false } },
        { MR_LISTED, { bytes, MR_LOCATOR_SIZE, true } },
    };
    struct mr_reduce_plan plan = small_plan(AMPLE);
    struct mr_reduce_result result;
    struct mr_spool spool;
    struct entries none = { NULL, 0, 0 };
    const struct mr_value too_large = { bytes, KEY_MAX + 1, false };
    (void)mr_value_put_head(large, &too_large);
    write_shuffles(&none, NULL, false);
    plan.bucket_payload = 2 * ROOM; /* larger than what runs are written in */
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        write_one(&r, values[i].number, &values[i].value);
        err.text[0] = '\0';
        must_fail(run(&passing, &plan, NULL, &spool, &result), "holds no records");
        mr_spool_drop(&spool, store);
    }
    drop_shuffles();
}
