/* Emitting: values of any size, combined as the job wants, keys rewritten, long or in parts. */
#include "mapping.h"

TestSuite(emit, .init = make_store, .fini = remove_store);

/* What map is to emit, whatever the input. */
static const struct pairs *to_emit;
static size_t parts_of; /* 0: whole; else in parts of up to so many bytes */

/* The value of all parts but the last does not count; the last may be empty. */
static int emit_in_parts(struct mr_context *out, const struct pair *p)
{
    for (size_t done = 0, part; done < p->size; done += part) {
        part = 1 + draw_below(parts_of);
        if (part > p->size - done)
            part = p->size - done;
        if (done + part == p->size && draw_below(2))
            return mr_emit_part(out, p->key + done, part, true, p->value);
        if (mr_emit_part(out, p->key + done, part, false, 99) < 0)
            return -1;
    }
    return mr_emit_part(out, "", 0, true, p->value);
}

static int emit_all(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    for (size_t i = 0; i < to_emit->count; i++) {
        const struct pair *p = &to_emit->at[i];
        if (parts_of > 0 ? emit_in_parts(out, p) < 0
                         : mr_emit(out, p->key, p->size, p->value) < 0)
            return -1;
    }
    return 0;
}

/* Maps with job what to_emit is; the pairs must come to wanted's, which is combined, too. */
static void check_emitted(const struct mr_job *job, struct pairs *wanted, uint64_t planned)
{
    struct mr_plan plan = make_plan(planned, 3);
    struct pairs got = { NULL, 0, 0 };
    mr_total emitted = 0;
    for (size_t i = 0; i < to_emit->count; i++)
        emitted += to_emit->at[i].value;
    struct mr_map_result r = map_file(&got, job, &plan.map, write_file("input", "x", 1), 0);
    combine_pairs(&got, job->combine ? job->combine : sum);
    combine_pairs(wanted, job->combine ? job->combine : sum);
    check_same_pairs(&got, wanted);
    check_for(r.emitted == emitted, "%llu emitted",
              (unsigned long long)mr_total_clamp(r.emitted));
    free_pairs(&got);
}

static const struct mr_job adding = { .name = "adding", .records = white_records,
                                      .map = emit_all };
static const struct mr_job maximum = { .name = "maximum", .records = white_records,
                                       .map = emit_all, .combine = larger };

static void random_pairs(struct pairs *p, size_t count, size_t size_max, uint64_t value_max)
{
    unsigned char key[20000];
    for (size_t i = 0; i < count; i++) {
        size_t size = draw_below(4) ? draw_below(12) : draw_below(size_max);
        draw_bytes(key, size, size < 6 || i % 2 ? "ab" : NULL);
        if (size > 20 && draw_below(2))
            memset(key, 'k', size);
        add_pair(p, key, size, draw_below(value_max));
    }
}

static struct pairs copy_pairs(const struct pairs *p)
{
    struct pairs copy = { NULL, 0, 0 };
    for (size_t i = 0; i < p->count; i++)
        add_pair(&copy, p->at[i].key, p->at[i].size, p->at[i].value);
    return copy;
}

static void check_random(const struct mr_job *job, size_t size_max, uint64_t planned)
{
    struct pairs p = { NULL, 0, 0 };
    random_pairs(&p, 8000, size_max, 1000);
    struct pairs wanted = copy_pairs(&p);
    to_emit = &p;
    check_emitted(job, &wanted, planned);
    free_pairs(&p);
    free_pairs(&wanted);
}

Test(emit, values_other_than_one_are_added)
{
    check_random(&adding, 300, 1);
    check_random(&adding, 300, 1 << 24);
}

Test(emit, a_job_may_want_the_largest_value)
{
    check_random(&maximum, 300, 1);
    check_random(&maximum, 300, 1 << 24);
}

Test(emit, values_too_large_for_the_table_are_added_all_the_same)
{
    static const uint64_t values[] = { 0, 1, UINT32_MAX - 1, UINT32_MAX, (uint64_t)UINT32_MAX + 1,
                                       UINT64_C(1) << 40 };
    for (int round = 0; round < 4; round++) {
        struct pairs p = { NULL, 0, 0 };
        random_pairs(&p, 4000, 40, 1);
        for (size_t i = 0; i < p.count; i++)
            p.at[i].value = values[draw_below(sizeof values / sizeof *values)];
        struct pairs wanted = copy_pairs(&p);
        to_emit = &p;
        check_emitted(round % 2 ? &adding : &maximum, &wanted, round / 2 ? 1 : 1 << 24);
        free_pairs(&p);
        free_pairs(&wanted);
    }
}

/* Emits each word of the input so often that a few more are too many for the table, and then the
 * input's words themselves. */
static int emit_almost(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    static const char *const often[] = { "short", "a-word-of-many-bytes" };
    for (int i = 0; i < 2; i++)
        if (mr_emit(out, often[i], strlen(often[i]), UINT32_MAX - 3) < 0)
            return -1;
    return mr_emit_words(out, chunk);
}

Test(emit, words_that_become_too_many_for_the_table_are_all_counted)
{
    static const struct mr_job job = { .name = "almost", .records = white_records,
                                       .map = emit_almost };
    struct mr_plan plan = make_plan(1 << 20, 3);
    struct pairs got = { NULL, 0, 0 };
    char words[400] = "";
    for (int i = 0; i < 10; i++)
        strcat(words, "short a-word-of-many-bytes ");
    map_file(&got, &job, &plan.map, write_file("input", words, strlen(words)), 0);
    combine_pairs(&got, sum);
    cr_assert_eq(got.count, 2);
    for (size_t i = 0; i < got.count; i++)
        cr_assert_eq(got.at[i].value, (uint64_t)UINT32_MAX + 7);
    free_pairs(&got);
}

Test(emit, colliding_keys_with_values_are_told_apart)
{
    struct pairs keys = { NULL, 0, 0 }, p = { NULL, 0, 0 };
    struct mr_seed seed;
    mr_seed_draw(&seed); /* as the plan does */
    make_colliding(&keys, 16, 14, &seed);
    make_colliding(&keys, 32, 20, &seed);
    for (int i = 0; i < 20000; i++) {
        const struct pair *k = &keys.at[draw_below(keys.count)];
        add_pair(&p, k->key, k->size, draw_below(1000));
    }
    to_emit = &p;
    struct pairs wanted = copy_pairs(&p);
    check_emitted(&maximum, &wanted, 1 << 20);
    free_pairs(&wanted);
    wanted = copy_pairs(&p);
    check_emitted(&adding, &wanted, 1 << 20);
    free_pairs(&wanted);
    free_pairs(&keys);
    free_pairs(&p);
}

Test(emit, values_of_nothing_and_of_all_64_bits_come_through)
{
    struct pairs p = { NULL, 0, 0 };
    add_pair(&p, "none", 4, 0);
    add_pair(&p, "none", 4, 0);
    add_pair(&p, "all", 3, UINT64_MAX);
    add_pair(&p, "half", 4, UINT64_C(1) << 63);
    add_pair(&p, "a-key-of-more-than-16-bytes", 27, 0);
    add_pair(&p, "another-key-of-more-than-16-bytes", 33, UINT64_MAX);
    add_pair(&p, "", 0, 5);
    to_emit = &p;
    struct pairs wanted = copy_pairs(&p);
    check_emitted(&maximum, &wanted, 1000);
    free_pairs(&wanted);
    free_pairs(&p);
}

Test(emit, keys_of_every_size_around_the_largest_in_records_come_through)
{
    struct mr_plan plan = make_plan(1, 3);
    struct pairs p = { NULL, 0, 0 };
    unsigned char *key = malloc(200000);
    draw_bytes(key, 200000, "abc\xC3\xA9");
    size_t max = plan.map.key_max, room = plan.map.key_payload;
    for (int times = 0; times < 3; times++)
        for (int near = -3; near <= 3; near++) {
            add_pair(&p, key, max + (size_t)near, 3);
            add_pair(&p, key, room + (size_t)near, 4);
            add_pair(&p, key, 16 + (size_t)near, 5);
            add_pair(&p, key, (1 << 14) + (size_t)near, 6);
            add_pair(&p, key, 199990 + (size_t)near, 7);
        }
    to_emit = &p;
    struct pairs wanted = copy_pairs(&p);
    check_emitted(&adding, &wanted, 1);
    free_pairs(&wanted);
    free_pairs(&p);
    free(key);
}

Test(emit, keys_in_parts_are_the_same_keys)
{
    for (parts_of = 1; parts_of < 20000; parts_of *= 7) {
        struct pairs p = { NULL, 0, 0 };
        random_pairs(&p, 500, 15000, 1000);
        struct pairs wanted = copy_pairs(&p);
        to_emit = &p;
        check_emitted(&adding, &wanted, 1);
        free_pairs(&p);
        free_pairs(&wanted);
    }
}

/* ---- what a job must not do -------------------------------------------------------------- */

/* Runs a map task over a text, which must end with an error that says these words. */
static void check_plan_refused(const struct mr_job *job, const struct mr_plan *plan,
                               const char *input_text, size_t size, const char *words, bool final)
{
    struct mr_spool spool;
    struct mr_map_result result;
    _Atomic uint64_t progress = 0;
    struct mr_sources sources;
    const char *path = write_file("input", input_text, size);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    must(mr_sources_find(&sources, job, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, size, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    mr_spool_create(&spool, store, "map", 0);
    must_fail(mr_map_run(job, NULL, &plan->map, &input, 0, &spool, store, &result, &progress,
                         &err), words);
    check(err.final == final);
    mr_spool_drop(&spool, store);
    mr_sources_free(&sources);
}

static void check_job_refused(const struct mr_job *job, const char *input_text, size_t size,
                              const char *words, bool final)
{
    struct mr_plan plan = make_plan(1, 3);
    check_plan_refused(job, &plan, input_text, size, words, final);
}

/* The same with a map whose error cannot be cured. */
static void check_refused(int (*map)(const void *, const struct mr_chunk *, struct mr_context *),
                          const char *input_text, size_t size, const char *words)
{
    struct mr_job job = { .name = "wrong", .records = white_records, .map = map };
    check_job_refused(&job, input_text, size, words, true);
}

static const uint64_t *values; /* of one key, ended by 0 */
static const char *valued;

static int emit_values(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    for (size_t i = 0; values[i] > 0; i++)
        if (mr_emit(out, valued, strlen(valued), values[i]) < 0)
            return -1;
    return 0;
}

Test(emit, sums_of_more_than_64_bits_are_an_error_that_names_the_key)
{
    /* In the table a value has 32 bits: where one of more meets it, the sum leaves. */
    static const uint64_t sums[][3] = { { 5, UINT64_MAX }, { UINT32_MAX, UINT64_MAX - 1 } };
    for (int i = 0; i < 2; i++) {
        values = sums[i];
        valued = "caf\xC3\xA9\t";
        check_refused(emit_values, "x", 1, "'caf\xC3\xA9" "\\t' add up to more than 64 bits");
    }
}

static enum { EMIT, WORDS, FIELDS, NOTHING } between;
static size_t first_part;

/* Begins a key and does something else before its last part. */
static int emit_between(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    static const unsigned char part[10000];
    (void)state;
    if (mr_emit_part(out, part, first_part, false, 0) < 0)
        return -1;
    if ((between == EMIT && mr_emit(out, "other", 5, 1) < 0) ||
        (between == WORDS && mr_emit_words(out, chunk) < 0) ||
        (between == FIELDS && mr_emit_fields(out, chunk) < 0))
        return -1;
    return between == NOTHING ? 0 : mr_emit_part(out, "end", 3, true, 1);
}

Test(emit, between_the_parts_of_a_key_nothing_else_may_be_emitted)
{
    static const size_t sizes[] = { 0, 1, 10000 }; /* the last is out-of-line */
    static const char *const said[] = { "mr_emit was called between the parts of a key",
                                        "mr_emit_words or mr_emit_fields was called between",
                                        "mr_emit_words or mr_emit_fields was called between",
                                        "a map task ended between the parts" };
    static char large[1 << 20];
    memset(large, 'l', sizeof large);
    for (size_t i = 0; i < 3; i++)
        for (between = EMIT; between <= NOTHING; between++) {
            first_part = sizes[i];
            check_refused(emit_between, "some words", 10, said[between]);
            check_refused(emit_between, large, sizeof large, said[between]);
        }
}

/* Each record is a key, whose parts are emitted as they come. */
static int emit_records(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    bool last = chunk->part == MR_WHOLE || chunk->part == MR_LAST;
    return mr_emit_part(out, chunk->data, chunk->size, last, 1);
}

Test(emit, a_key_may_go_on_as_long_as_its_record_does)
{
    static const struct mr_job job = { .name = "records", .records = white_records,
                                       .map = emit_records };
    static char large[1 << 20];
    struct mr_plan plan = make_plan(1, 3);
    struct pairs got = { NULL, 0, 0 };
    memset(large, 'l', sizeof large);
    map_file(&got, &job, &plan.map, write_file("input", large, sizeof large), 0);
    cr_assert_eq(got.count, 1);
    cr_assert_eq(got.at[0].size, sizeof large);
    free_pairs(&got);
}

/* All of the input is one key, which ends with the file, or at the task's end. */
static int emit_on(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_part(out, chunk->data, chunk->size, chunk->ends_file && !parts_of, 1);
}

static int end_key(const void *state, void *task, struct mr_context *out)
{
    (void)state, (void)task;
    return mr_emit_part(out, "", 0, true, 1);
}

Test(emit, a_key_may_go_on_when_map_is_called_again)
{
    struct mr_job jobs[] = {
        { .name = "all", .records = white_records, .map = emit_on },
        { .name = "all", .records = white_records, .map = emit_on, .end = end_key },
    };
    static char text[1 << 20];
    struct mr_plan plan = make_plan(1, 3);
    memset(text, ' ', sizeof text);
    for (parts_of = 0; parts_of < 2; parts_of++) {
        struct pairs got = { NULL, 0, 0 };
        map_file(&got, &jobs[parts_of], &plan.map, write_file("input", text, sizeof text), 0);
        cr_assert_eq(got.count, 1);
        cr_assert_eq(got.at[0].size, sizeof text);
        cr_assert_eq(got.at[0].value, 1);
        free_pairs(&got);
    }
}

Test(emit, a_key_whose_place_matters_ends_with_its_record)
{
    struct mr_job job = { .name = "wrong", .records = white_records, .map = emit_between };
    struct mr_plan plan = make_plan(1, 3);
    plan.map.by_place = true;
    between = NOTHING;
    first_part = 1;
    check_plan_refused(&job, &plan, "some words", 10,
                       "map returned at a record's end between the parts", true);
}

static int begin_pair(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    return mr_pair_begin(out);
}

Test(emit, a_pair_that_does_not_end_is_not_lost_in_silence)
{
    struct mr_job job = { .name = "wrong", .values = MR_BYTES, .map = begin_pair };
    check_job_refused(&job, "x", 1, "a map task ended before a pair has ended (mr_pair_end)", true);
}

/* ---- at a task's begin and end ---------------------------------------------------------- */

/* What is gathered in a task: how often each byte was seen, which leaves at its end. */
struct seen {
    bool begun;
    uint64_t bytes[256];
};

static int begin_seeing(const void *state, void *task, struct mr_context *out)
{
    static const struct seen none;
    struct seen *s = task;
    (void)state;
    check(memcmp(s, &none, sizeof none) == 0 && mr_task(out) == task);
    s->begun = true;
    return mr_emit(out, "a task", 6, 1);
}

static int map_seeing(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct seen *s = mr_task(out);
    (void)state;
    check(s->begun);
    for (size_t i = 0; i < chunk->size; i++)
        s->bytes[chunk->data[i]]++;
    return 0;
}

static int end_seeing(const void *state, void *task, struct mr_context *out)
{
    struct seen *s = task;
    (void)state;
    for (int i = 0; i < 256; i++) {
        unsigned char byte = (unsigned char)i;
        if (s->bytes[i] > 0 && mr_emit(out, &byte, 1, s->bytes[i]) < 0)
            return -1;
    }
    s->begun = false;
    return 0;
}

Test(emit, a_task_may_gather_in_memory_of_its_own_and_emit_at_its_end)
{
    static const struct mr_job job = { .name = "seeing", .map = map_seeing, .begin = begin_seeing,
                                       .end = end_seeing, .task_size = sizeof(struct seen) };
    static unsigned char bytes[1 << 20];
    struct mr_plan plan = make_plan(1, 3);
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    draw_bytes(bytes, sizeof bytes, "abc\n");
    for (size_t i = 0; i < sizeof bytes; i++)
        add_pair(&wanted, bytes + i, 1, 1);
    add_pair(&wanted, "a task", 6, 4);
    combine_pairs(&wanted, sum);
    map_file(&got, &job, &plan.map, write_file("input", bytes, sizeof bytes), sizeof bytes / 4);
    combine_pairs(&got, sum);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
}

static int fail(const void *state, void *task, struct mr_context *out)
{
    (void)state, (void)task, (void)out;
    return -1;
}

static int fail_to_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)chunk;
    return fail(state, NULL, out);
}

static int begin_key(const void *state, void *task, struct mr_context *out)
{
    (void)state, (void)task;
    return mr_emit_part(out, "part", 4, false, 0);
}

static int emit_nothing(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk, (void)out;
    return 0;
}

Test(emit, a_function_of_the_jobs_that_fails_without_a_reason_is_named)
{
    struct mr_job jobs[] = {
        { .name = "wrong", .map = fail_to_map },
        { .name = "wrong", .map = emit_nothing, .begin = fail },
        { .name = "wrong", .map = emit_nothing, .end = fail },
        { .name = "wrong", .map = emit_nothing, .begin = begin_key },
        { .name = "wrong", .map = emit_nothing, .end = begin_key },
    };
    static const char *const said[] = { "failed in map, and gave no reason", "failed in begin, and",
                                        "failed in end, and", "a map task ended between",
                                        "a map task ended between" };
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        check_job_refused(&jobs[i], "x", 1, said[i], i >= 3);
}

/* ---- keys rewritten --------------------------------------------------------------------- */

/* Each byte but x three times; lower case, so that different keys become equal. */
static size_t triple(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    (void)state;
    for (size_t i = 0; i < size; i++) {
        size_t times = key[i] == 'x' ? 1 : 3;
        memset(to + done, key[i] == 'A' ? 'a' : key[i], times);
        done += times;
    }
    return done;
}

/* Without any 'a': keys get shorter, some empty. */
static size_t shorten(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    (void)state;
    for (size_t i = 0; i < size; i++)
        if (key[i] != 'a')
            to[done++] = key[i];
    return done;
}

static void check_rekeyed(size_t (*rekey)(const void *, const unsigned char *, size_t,
                                          unsigned char *))
{
    struct mr_job job = { .name = "rekey", .records = white_records, .map = emit_all,
                          .rekey = rekey };
    for (parts_of = 0; parts_of < 20000; parts_of = parts_of ? parts_of * 20 : 50) {
        struct pairs p = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
        unsigned char key[20000], to[60000];
        for (int i = 0; i < 2000; i++) {
            size_t size = draw_below(20) ? draw_below(30) : draw_below(sizeof key);
            draw_bytes(key, size, i % 3 ? "aA" : "aaaaaaaaaaaaaaaaaaaaAb");
            add_pair(&p, key, size, draw_below(100));
            add_pair(&wanted, to, rekey(NULL, key, size, to), p.at[i].value);
        }
        /* Around the size where a rewritten key no longer fits in a record. */
        size_t max = make_plan(1, 3).map.key_max;
        for (size_t once = 0; once < 9; once++) {
            size_t size = max / 3 - 1 + once;
            memset(key, 'A', size);
            memset(key, 'x', once);
            add_pair(&p, key, size, 7);
            add_pair(&wanted, to, rekey(NULL, key, size, to), 7);
        }
        to_emit = &p;
        check_emitted(&job, &wanted, 1);
        free_pairs(&p);
        free_pairs(&wanted);
    }
}

Test(emit, rewriting_may_lengthen_keys_beyond_what_records_hold)
{
    check_rekeyed(triple);
}

Test(emit, rewriting_may_shorten_keys_to_nothing)
{
    check_rekeyed(shorten);
}

Test(emit, a_job_that_fails_fails_the_task)
{
    struct mr_plan plan = make_plan(1, 3);
    struct mr_spool spool;
    struct mr_map_result result;
    _Atomic uint64_t progress = 0;
    struct pairs p = { NULL, 0, 0 };
    struct mr_sources sources;
    const char *path = write_file("input", "x", 1);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    random_pairs(&p, 8000, 300, 1000);
    to_emit = &p;
    must(mr_sources_find(&sources, &adding, NULL, &config, &err));
    struct mr_piece piece = { &sources.at[0], 0, 1, 0, 0 };
    struct mr_map_input input = { .pieces = &piece, .count = 1 };
    /* The store's place is gone: the first write that needs it fails. */
    lose_store();
    store->allowed = 4096;
    mr_spool_create(&spool, store, "map", 0);
    must_fail(mr_map_run(&adding, NULL, &plan.map, &input, 0, &spool, store, &result, &progress,
                         &err), store->directory);
    mr_spool_drop(&spool, store);
    mr_sources_free(&sources);
    free_pairs(&p);
}
