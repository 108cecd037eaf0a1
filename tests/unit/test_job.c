/* Jobs: mr_run from files to output, as a program of one's own would call it. */
#include "mapping.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(job, .init = make_store, .fini = remove_store, .timeout = HANGS);

static const struct mr_records lines = { { { ['\n'] = 1 } } };

static const struct mr_records *line_records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &lines;
}

/* The job of mapreduce.h: lines by their first byte. Its state, if any, is a value for each. */
static int map_firsts(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const uint64_t *value = state;
    const unsigned char *line;
    size_t at = 0, size;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit(out, line, size > 0, value ? *value : 1) < 0)
            return -1;
    return 0;
}

/* The length of the longest line by its first byte. */
static int map_lengths(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    for (size_t at = 0; at < chunk->size;) {
        const unsigned char *end = memchr(chunk->data + at, '\n', chunk->size - at);
        size_t next = end ? (size_t)(end - chunk->data) + 1 : chunk->size;
        if (mr_emit(out, chunk->data + at, 1, next - at - (end != NULL)) < 0)
            return -1;
        at = next;
    }
    return 0;
}

static const struct mr_job firsts = { .name = "firsts", .map = map_firsts,
                                      .whole_records = true };
static const struct mr_job lengths = { .name = "lengths", .map = map_lengths,
                                       .records = line_records, .combine = larger };
static const struct mr_job words = { .name = "words", .map = map_words,
                                     .records = white_records };

static struct mr_report report;

/* Runs a job over the scratch file "input" to "out"; neither children nor files may be left. */
static int run_with(const struct mr_job *job, const void *state, struct mr_config config)
{
    static char input[sizeof store->directory + 32], output[sizeof store->directory + 32],
        temporary[sizeof store->directory + 32];
    const char *inputs[] = { input };
    strcpy(input, scratch("input"));
    strcpy(output, scratch("out"));
    strcpy(temporary, scratch("temporary"));
    mkdir(temporary, 0700);
    config.inputs = inputs;
    config.input_count = 1;
    if (config.output_dir == NULL)
        config.output = output;
    config.temp_dir = temporary;
    config.memory = config.memory ? config.memory : MR_MEMORY_MIN;
    int result = mr_run(job, state, &config, &report, &err);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    check_for(rmdir(temporary) == 0, "something is left in the temporary directory");
    return result;
}

static void check_output(const char *wanted)
{
    size_t size;
    char *got = read_file(scratch("out"), &size);
    check_for(strcmp(got, wanted) == 0, "'%s', not '%s'", got, wanted);
    free(got);
}

static const char text[] = "apple\nbanana\navocado\ncherry\nblueberry\napricot\n";

Test(job, the_job_of_the_header_counts_first_letters)
{
    write_file("input", text, strlen(text));
    for (uint64_t split = 1; split < 60; split += 7) {
        must(run_with(&firsts, NULL, (struct mr_config){ .mappers = 3, .reducers = 2,
                                                         .split_size = split }));
        check_output("a\t3\nb\t2\nc\t1\n");
        check(report.emitted == 6 && report.distinct == 3 && report.written == 3 &&
              report.input_bytes == strlen(text) && report.output_bytes == 12 &&
              report.map_tasks == (strlen(text) + split - 1) / split &&
              report.reduce_tasks == 2 && report.retried == 0);
    }
}

/* Where nobody asks how many keys there are, it is not found out, unless it may be asked later. */
Test(job, the_number_of_keys_need_not_be_known)
{
    struct mr_config config = { .top = 2, .skip_distinct = true };
    char *kept = strdup(scratch("kept"));
    write_file("input", text, strlen(text));
    must(run_with(&firsts, NULL, config));
    check_output("a\t3\nb\t2\n");
    check(report.emitted == 6 && report.distinct == 0 && report.written == 2);
    config.work_dir = kept;
    must(run_with(&firsts, NULL, config));
    check_output("a\t3\nb\t2\n");
    char *input = strdup(scratch("input"));
    const struct mr_config unread = { .inputs = (const char *const[]){ input },
                                      .input_count = 1, .top = 1,
                                      .output = "/dev/null" };
    must(mr_run(&firsts, NULL, &unread, NULL, &err));
    free(input);
    free(kept);
}

Test(job, values_may_be_other_than_one_and_come_from_its_state)
{
    uint64_t thousand = 1000;
    write_file("input", text, strlen(text));
    must(run_with(&firsts, &thousand, (struct mr_config){ .format = MR_COLON }));
    check_output("a:3000\nb:2000\nc:1000\n");
    cr_assert_eq(report.emitted, 6000);
}

/* The values are so large that two of a key are too many, wherever they meet. */
Test(job, sums_of_more_than_64_bits_are_an_error_that_names_the_key)
{
    uint64_t half = UINT64_C(1) << 63;
    write_file("input", text, strlen(text));
    for (uint64_t split = 1; split < 60; split += 7) {
        must_fail(run_with(&firsts, &half, (struct mr_config){ .split_size = split,
                                                               .reducers = 1 }),
                  "the values of the key '");
        check(strstr(err.text, "add up to more than 64 bits") && access(scratch("out"), F_OK) < 0);
    }
    write_file("input", "apple\nbanana\ncherry\n", 20);
    must(run_with(&firsts, &half, (struct mr_config){ .format = MR_COLON }));
    check_output("a:9223372036854775808\nb:9223372036854775808\nc:9223372036854775808\n");
    cr_assert_eq(report.emitted, UINT64_MAX); /* of all keys together it is more */
}

static int map_wrongly(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_part(out, chunk->data, 1, false, 1) < 0 ? -1 : mr_emit(out, "x", 1, 1);
}

Test(job, what_it_emits_between_the_parts_of_a_key_is_refused_at_once)
{
    static const struct mr_job wrong = { .name = "wrong", .map = map_wrongly,
                                         .records = line_records };
    write_file("input", text, strlen(text));
    must_fail(run_with(&wrong, NULL, (struct mr_config){ 0 }),
              "the job 'wrong' is wrong: mr_emit was called between the parts of a key");
    cr_assert_eq(report.retried, 0);
}

static int map_nothing(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk, (void)out;
    return 0;
}

static int emit_none_of_it(const void *state, void *task, struct mr_context *out)
{
    (void)state, (void)task;
    return mr_emit(out, "zero", 4, 0);
}

static int emit_anyway(const void *state, void *task, struct mr_context *out)
{
    (void)emit_none_of_it(state, task, out);
    return 0;
}

Test(job, what_is_emitted_at_no_place_is_refused_where_that_matters)
{
    static const struct mr_config configs[] = { { .by_file = true }, { .documents = true },
                                                { .order = MR_BY_FIRST } };
    struct mr_job job = { .name = "placeless", .map = map_nothing, .end = emit_none_of_it };
    write_file("input", text, strlen(text));
    for (size_t i = 0; i < 6; i++) {
        job.end = i < 3 ? emit_none_of_it : emit_anyway;
        must_fail(run_with(&job, NULL, configs[i % 3]), "mr_emit was called in begin or end, but");
        cr_assert_eq(report.retried, 0);
    }
    must(run_with(&job, NULL, (struct mr_config){ .documents = false }));
    check_output("zero\t0\n");
}

/* ---- functions that fail ---------------------------------------------------------------- */

/* What a function does with a record or key, by its first byte. */
static int misbehave(unsigned char byte)
{
    if (byte == 'x')
        exit(0);
    if (byte == 'y')
        _exit(3);
    return byte == 'n' ? -1 : 0;
}

static int map_misbehaving(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    if (chunk->size > 0 && chunk->data[0] == 'w')
        return mr_fail(out, "line %d of '%s' is no line\n", 1, chunk->data[1] == 'q' ? "q'" : "f");
    if (chunk->size > 0 && misbehave(chunk->data[0]) < 0)
        return -1;
    return mr_emit(out, chunk->data, 1, 1);
}

static int map_bytes(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_value(out, chunk->data, 1, "v", 1) < 0 ? -1
                                                          : mr_emit_value(out, "a", 1, "w", 1);
}

static int fail_for(struct mr_key *key, struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    if (mr_key_next(key, &bytes, &size) < 0)
        return -1;
    if (*bytes == 'w')
        return mr_fail(context, "key '%.1s' is no key", (const char *)bytes);
    return misbehave(*bytes);
}

static int reduce_failing(const void *state, struct mr_key *key, uint64_t *value,
                          struct mr_context *context)
{
    (void)context, (void)state, (void)value;
    return fail_for(key, context) < 0 ? -1 : 1;
}

static int reduce_values_failing(const void *state, struct mr_key *key,
                                 struct mr_value_list *values, struct mr_context *out)
{
    (void)state, (void)values;
    return fail_for(key, out);
}

static int fail_one(const struct mr_job *job, const char *input)
{
    write_file("input", input, strlen(input));
    return run_with(job, NULL, (struct mr_config){ .max_attempts = 2, .order = job->order });
}

Test(job, a_function_that_fails_says_why_or_is_named)
{
    const struct mr_job mapping = { .name = "mine", .map = map_misbehaving, .whole_records = true };
    must_fail(fail_one(&mapping, "w\n"), "failed 2 times: attempts 1 to 2: line 1 of 'f' is no "
                                         "line\\n");
    must_fail(fail_one(&mapping, "wq\n"), "line 1 of 'q\\'' is no line");
    must_fail(fail_one(&mapping, "n\n"), "the job 'mine' failed in map, and gave no reason");
    const struct mr_job reducing = { .name = "mine", .map = map_firsts, .whole_records = true,
                                     .reduce = reduce_failing };
    must_fail(fail_one(&reducing, "a\nw\n"), "attempts 1 to 2: key 'w' is no key");
    must_fail(fail_one(&reducing, "n\n"), "the job 'mine' failed in reduce, and gave no reason");
    struct mr_job values = { .name = "mine", .values = MR_BYTES, .order = MR_BY_KEY,
                             .map = map_bytes, .reduce_values = reduce_values_failing };
    must_fail(fail_one(&values, "w\n"), "attempts 1 to 2: key 'w' is no key");
    must_fail(fail_one(&values, "n\n"), "the job 'mine' failed in reduce_values, and gave no reason");
}

Test(job, a_function_that_ends_its_process_is_no_success_whatever_the_status)
{
    const struct mr_job mapping = { .name = "mine", .map = map_misbehaving, .whole_records = true };
    const struct mr_job reducing = { .name = "mine", .map = map_firsts, .whole_records = true,
                                     .reduce = reduce_failing };
    static const char *const status[] = { "with status 0: its functions must return, not exit",
                                          "with status 3: its functions must return, not exit" };
    must_fail(fail_one(&mapping, "x\n"), status[0]);
    must_fail(fail_one(&mapping, "y\n"), status[1]);
    must_fail(fail_one(&reducing, "x\n"), status[0]);
    must_fail(fail_one(&reducing, "y\n"), status[1]);
    check(strstr(err.text, "the job 'mine' ended its process") != NULL);
}

Test(job, it_may_combine_to_the_largest)
{
    write_file("input", text, strlen(text));
    for (uint64_t split = 1; split < 60; split += 7) {
        must(run_with(&lengths, NULL, (struct mr_config){ .mappers = 2, .reducers = 3,
                                                          .split_size = split }));
        check_output("b\t9\na\t7\nc\t6\n");
    }
}

Test(job, order_reverse_and_top_are_as_asked)
{
    write_file("input", text, strlen(text));
    must(run_with(&firsts, NULL, (struct mr_config){ .order = MR_BY_KEY }));
    check_output("a\t3\nb\t2\nc\t1\n");
    must(run_with(&firsts, NULL, (struct mr_config){ .reverse = true }));
    check_output("c\t1\nb\t2\na\t3\n");
    must(run_with(&firsts, NULL, (struct mr_config){ .order = MR_BY_KEY, .reverse = true,
                                                     .top = 2 }));
    check_output("c\t1\nb\t2\n");
    cr_assert_eq(report.written, 2);
    cr_assert_eq(report.distinct, 3);
    must(run_with(&firsts, NULL, (struct mr_config){ .top = MR_NONE }));
    check_output("");
    cr_assert_eq(report.distinct, 3);
    must(run_with(&firsts, NULL, (struct mr_config){ 0 }));
    check_output("a\t3\nb\t2\nc\t1\n");
}

Test(job, no_input_gives_an_empty_output)
{
    write_file("input", "", 0);
    must(run_with(&firsts, NULL, (struct mr_config){ 0 }));
    check_output("");
    cr_assert_eq(report.written, 0);
}

/* A large random text and what its words come to, in the order of the output. */
static unsigned char *make_text(size_t size, struct pairs *wanted)
{
    unsigned char *bytes = malloc(size);
    draw_bytes(bytes, size, "abcdefghij  \n");
    for (size_t i = 0; i < size / 2; i++) /* half of it of few words */
        bytes[i] = bytes[i] == ' ' || bytes[i] == '\n' ? ' ' : bytes[i] % 2 ? 'a' : 'b';
    plain_words(wanted, bytes, size);
    combine_pairs(wanted, sum);
    write_file("input", bytes, size);
    return bytes;
}

static int by_count(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return compare_bytes(x->key, x->size, y->key, y->size);
}

/* The output that the pairs should be, to be freed. */
static char *lines_of(struct pairs *wanted, size_t *size)
{
    size_t room = 1, at = 0;
    qsort(wanted->at, wanted->count, sizeof *wanted->at, by_count);
    for (size_t i = 0; i < wanted->count; i++)
        room += wanted->at[i].size + 24;
    char *all = malloc(room);
    for (size_t i = 0; i < wanted->count; i++)
        at += (size_t)sprintf(all + at, "%.*s\t%llu\n", (int)wanted->at[i].size,
                              (char *)wanted->at[i].key, (unsigned long long)wanted->at[i].value);
    *size = at;
    return all;
}

static void check_counts(struct pairs *wanted)
{
    size_t size, wanted_size;
    char *all = lines_of(wanted, &wanted_size), *got = read_file(scratch("out"), &size);
    check_for(size == wanted_size, "%zu bytes of output, not %zu", size, wanted_size);
    check(memcmp(got, all, size) == 0);
    free(all);
    free(got);
}

Test(job, every_cut_and_number_of_processes_gives_the_same_output)
{
    static const unsigned counts[][2] = { { 1, 1 }, { 2, 3 }, { 8, 4 }, { 3, 16 }, { 1, 7 } };
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(400000, &wanted));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        must(run_with(&words, NULL,
                      (struct mr_config){ .mappers = counts[i][0], .reducers = counts[i][1],
                                          .split_size = i % 2 ? 0 : 70001,
                                          .compress = i % 3 == 1 }));
        check_counts(&wanted);
        check(report.distinct == wanted.count);
    }
    free_pairs(&wanted);
}

Test(job, memory_stays_below_what_was_given)
{
    /* The input is made by a child: its memory would be counted as the run's. */
    pid_t child = fork();
    if (child == 0) {
        struct pairs wanted = { NULL, 0, 0 };
        size_t size;
        free(make_text(4000000, &wanted));
        char *all = lines_of(&wanted, &size);
        write_file("wanted", all, size);
        free(all);
        free_pairs(&wanted);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    must(run_with(&words, NULL, (struct mr_config){ .mappers = 4, .reducers = 3,
                                                    .watch_memory = true }));
    uint64_t peak = report.peak_memory;
    size_t size;
    char *wanted = read_file(scratch("wanted"), &size);
    check_output(wanted);
    free(wanted);
    cr_assert_gt(peak, 0);
#ifndef SANITIZED
    cr_assert_leq(peak, MR_MEMORY_MIN, "%llu", (unsigned long long)peak);
#endif
}

/* Mappers that die on the first attempts: told by shared memory, as attempts are processes. */
static _Atomic unsigned *deaths;

static int map_dying(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    if (atomic_fetch_add(deaths, 1) % 2 == 0)
        kill(getpid(), SIGKILL);
    return map_firsts(state, chunk, out);
}

Test(job, mappers_that_die_are_tried_again_and_nothing_is_counted_twice)
{
    struct mr_job job = firsts;
    job.map = map_dying;
    deaths = mr_memory_get_shared(sizeof *deaths);
    write_file("input", text, strlen(text));
    must(run_with(&job, NULL, (struct mr_config){ .mappers = 1, .split_size = 12 }));
    check_output("a\t3\nb\t2\nc\t1\n");
    cr_assert_gt(report.retried, 0);
    mr_memory_release(deaths, sizeof *deaths);
}

static int map_failing(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk, (void)out;
    _exit(9);
}

Test(job, one_that_fails_leaves_the_output_as_it_was)
{
    struct mr_job job = firsts;
    job.map = map_failing;
    write_file("input", text, strlen(text));
    write_file("out", "what was there", 14);
    must_fail(run_with(&job, NULL, (struct mr_config){ .mappers = 2 }), "status 9");
    check_output("what was there");
    cr_assert_eq(scratch_files(), 2);
    unlink(scratch("out"));
    must_fail(run_with(&job, NULL, (struct mr_config){ .output_dir = scratch("parts") }),
              "status 9");
    cr_assert_eq(scratch_files(), 1);
}

/* Drops what begins with b and doubles the rest; keys in upper case. */
static int reduce_some(const void *state, struct mr_key *key, uint64_t *value,
                       struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    (void)context, (void)state;
    int more = mr_key_next(key, &bytes, &size);
    if (more <= 0)
        return more;
    *value *= 2;
    return bytes[0] != 'B';
}

static size_t upper(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    (void)state;
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)(key[i] >= 'a' && key[i] <= 'z' ? key[i] - 32 : key[i]);
    return size;
}

Test(job, it_may_rewrite_keys_and_decide_on_each)
{
    struct mr_job job = firsts;
    static const char mixed[] = "apple\nBanana\nAvocado\ncherry\nblueberry\napricot\n";
    job.rekey = upper;
    job.reduce = reduce_some;
    write_file("input", mixed, strlen(mixed));
    must(run_with(&job, NULL, (struct mr_config){ .reducers = 2 }));
    check_output("A\t6\nC\t2\n");
    cr_assert_eq(report.distinct, 3);
    cr_assert_eq(report.written, 2);
}

static void leave_out(const void *state, struct mr_job *job)
{
    (void)state;
    job->reduce = NULL;
}

Test(job, it_may_leave_out_functions_that_its_options_do_not_need)
{
    struct mr_job job = firsts;
    job.reduce = reduce_some;
    job.fit = leave_out;
    write_file("input", text, strlen(text));
    must(run_with(&job, NULL, (struct mr_config){ 0 }));
    check_output("a\t3\nb\t2\nc\t1\n");
    cr_assert_not_null(job.reduce, "the run has a copy of its own");
}

Test(job, a_directory_of_parts_holds_each_key_once)
{
    struct pairs wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    free(make_text(100000, &wanted));
    must(run_with(&words, NULL, (struct mr_config){ .reducers = 5,
                                                    .output_dir = scratch("parts") }));
    for (int part = 0; part < 5; part++) {
        char name[64];
        size_t size;
        snprintf(name, sizeof name, "parts/part-r-%05d", part);
        char *bytes = read_file(scratch(name), &size);
        for (char *line = bytes; *line;) {
            char *tab = strchr(line, '\t');
            add_pair(&got, line, (size_t)(tab - line), strtoull(tab + 1, NULL, 10));
            line = strchr(tab, '\n') + 1;
        }
        free(bytes);
    }
    sort_by_key(&got);
    check_same_pairs(&got, &wanted);
    cr_assert_eq(access(scratch("parts/_SUCCESS"), F_OK), 0);
    free_pairs(&got);
    free_pairs(&wanted);
}

/* What was told of a run's tasks. */
struct heard {
    uint64_t started, done, janitors, lines, bytes, records;
    double seconds; /* of the last event */
    const char *stage;
    size_t stages;
};

static void hear(void *arg, const struct mr_event *event)
{
    struct heard *h = arg;
    char line[512];
    check(event->seconds >= h->seconds);
    h->seconds = event->seconds;
    if (mr_event_line(event, line, sizeof line)) {
        check(strlen(line) > 0 && strchr(line, '\n') == NULL);
        h->lines++;
    }
    if (event->type == MR_EVENT_JANITOR || event->type == MR_EVENT_JANITOR_END) {
        h->janitors += event->type == MR_EVENT_JANITOR_END;
        check(event->pid > 0 && event->signal == 0);
        return;
    }
    if (event->type == MR_EVENT_STAGE) {
        h->stage = event->stage;
        h->stages++;
        return;
    }
    check(event->stage == h->stage && event->task < event->tasks && event->attempt == 1);
    check(event->worker < 3 && event->pid > 0 && event->about[0] != '\0');
    h->started += event->type == MR_EVENT_START;
    if (event->type != MR_EVENT_END)
        return;
    check(event->end == MR_END_DONE && event->signal == 0 && event->took >= 0);
    h->done++;
    if (strcmp(event->stage, "map") == 0)
        h->bytes += event->bytes;
    else if (strcmp(event->stage, "merge") == 0)
        h->records += event->records;
}

Test(job, it_tells_of_each_task)
{
    struct heard heard = { 0 };
    write_file("input", text, strlen(text));
    must(run_with(&firsts, NULL, (struct mr_config){ .mappers = 2, .reducers = 2, .split_size = 10,
                                                     .listen = hear, .listen_arg = &heard }));
    uint64_t tasks = report.map_tasks + report.reduce_tasks + report.merge_tasks;
    cr_assert(heard.started == tasks && heard.done == tasks && heard.lines == tasks);
    cr_assert(heard.bytes == strlen(text) && heard.records == report.written);
    cr_assert_eq(heard.stages, 3);
    cr_assert_eq(heard.janitors, 1);
}

Test(job, standard_input_of_any_length_is_mapped_while_it_arrives)
{
    struct pairs wanted = { NULL, 0, 0 };
    size_t size = 3000000;
    unsigned char *bytes = make_text(size, &wanted);
    pid_t writer = feed_input(bytes, size);
    const char *inputs[] = { "-" };
    char output[sizeof store->directory + 32];
    strcpy(output, scratch("out"));
    struct mr_config config = { .inputs = inputs, .input_count = 1, .mappers = 2, .reducers = 2,
                                .memory = MR_MEMORY_MIN, .output = output,
                                .temp_dir = store->directory };
    must(mr_run(&words, NULL, &config, &report, &err));
    check_writer(writer);
    cr_assert_eq(report.input_bytes, size);
    check_counts(&wanted);
    free_pairs(&wanted);
    free(bytes);
}

static int emit_wrong(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    return mr_emit(out, "x", 1, *(const uint64_t *)state);
}

Test(job, sums_are_checked_to_the_last_bit)
{
    uint64_t large = UINT64_MAX - 5;
    struct mr_job job = firsts;
    job.map = emit_wrong;
    write_file("input", "x\n", 2);
    must(run_with(&job, &large, (struct mr_config){ 0 }));
    check_output("x\t18446744073709551610\n");
}

/* ---- damaged while it runs -------------------------------------------------------------- */

/* How a file is damaged: a bit of its middle or of its last byte flipped, or its second half cut
 * off. */
enum harm { FLIP, FLIP_LAST, CUT };

static struct {
    char path[sizeof store->directory + 64]; /* of the file to damage, once it is there */
    enum harm harm;
    bool struck;
    bool well;          /* nothing fails any more */
    _Atomic pid_t first; /* the reducer that came first */
} *shared;

static void damage(const char *path, enum harm harm)
{
    struct stat st;
    unsigned char byte;
    int fd = open(path, O_RDWR);
    check_for(fd >= 0 && fstat(fd, &st) == 0, "cannot damage %s", path);
    off_t at = harm == FLIP_LAST ? st.st_size - 1 : st.st_size / 2;
    if (harm == CUT) {
        check(ftruncate(fd, at) == 0);
    } else {
        check(pread(fd, &byte, 1, at) == 1);
        byte ^= 16;
        check(pwrite(fd, &byte, 1, at) == 1);
    }
    close(fd);
}

/* Damages the file that is to be damaged, the first time that there is one. Returns whether it
 * did. */
static bool strike(void)
{
    if (shared->struck || access(shared->path, F_OK) < 0)
        return false;
    shared->struck = true;
    damage(shared->path, shared->harm);
    return true;
}

/* Whether this process is the first to ask. */
static bool is_first(void)
{
    pid_t none = 0;
    return atomic_compare_exchange_strong(&shared->first, &none, getpid()) || none == getpid();
}

static int map_striking(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    strike();
    return map_words(state, chunk, out);
}

/* The reducer that strikes has read the file already, so it dies to read it again. */
static int reduce_striking(const void *state, struct mr_key *key, uint64_t *value,
                           struct mr_context *context)
{
    (void)context, (void)state, (void)key, (void)value;
    if (is_first() && strike())
        _exit(9);
    return 1;
}

enum { TEXT = 60000, SPLIT = 10000, MAPS = TEXT / SPLIT, REDUCES = 3 };

static void begin_keeping(void)
{
    make_store();
    shared = mr_memory_get_shared(sizeof *shared);
}

static void end_keeping(void)
{
    mr_memory_release(shared, sizeof *shared);
    remove_store();
}

TestSuite(keeping, .init = begin_keeping, .fini = end_keeping, .timeout = HANGS);

/* What the jobs below have for a state, if any. */
static const void *kept_state;

/* One process at a time, so that tasks come in order. */
static int run_kept(const struct mr_job *job, struct mr_config config)
{
    static char directory[sizeof store->directory + 32];
    strcpy(directory, scratch("kept"));
    config.work_dir = directory;
    config.mappers = config.mappers ? config.mappers : 1;
    config.reducers = REDUCES;
    config.split_size = config.split_size ? config.split_size : SPLIT;
    return run_with(job, kept_state, config);
}

Test(keeping, a_shuffle_file_that_is_damaged_is_made_again_and_no_other)
{
    struct pairs wanted = { NULL, 0, 0 };
    struct mr_job job = words;
    free(make_text(TEXT, &wanted));
    for (int i = 0; i < 4; i++) {
        job.map = i < 2 ? map_striking : map_words;
        job.reduce = i < 2 ? NULL : reduce_striking;
        /* At its end a shuffle file has its table, which the reducer that died reads again; its
         * middle may be read by another one only, which may have done so already. */
        *shared = (typeof(*shared)){ .harm = i % 2 ? CUT : i < 2 ? FLIP : FLIP_LAST };
        strcpy(shared->path, scratch("kept/map-2"));
        must(run_kept(&job, (struct mr_config){ 0 }));
        check(shared->struck);
        check_counts(&wanted);
        check_for(report.rerun == 1 && report.damaged >= 1 && report.retried == (unsigned)i / 2,
                  "%llu run again, %llu damaged", (unsigned long long)report.rerun,
                  (unsigned long long)report.damaged);
        check(access(scratch("kept"), F_OK) < 0);
    }
    free_pairs(&wanted);
}

/* The file of a reducer that is done; false when none is. */
static bool find_reduced(char *path)
{
    for (int i = 0; i < REDUCES; i++) {
        char name[32];
        snprintf(name, sizeof name, "kept/reduce-%d", i);
        strcpy(path, scratch(name));
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* Told of a reducer that is done, it damages what another has made. */
static void strike_a_reducer(void *arg, const struct mr_event *event)
{
    (void)arg;
    if (event->type == MR_EVENT_END && !shared->struck && strcmp(event->stage, "reduce") == 0 &&
        find_reduced(shared->path))
        strike();
}

Test(keeping, a_reducers_file_that_is_damaged_is_made_again_from_the_maps_on)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    for (int i = 0; i < 2; i++) {
        *shared = (typeof(*shared)){ .harm = i ? CUT : FLIP };
        must(run_kept(&words, (struct mr_config){ .listen = strike_a_reducer }));
        check(shared->struck);
        check_counts(&wanted);
        check(report.rerun == 1 && report.damaged >= 1 && report.retried == 0);
        check(report.attempts >= 2 * MAPS + REDUCES + 1 + report.merge_tasks);
    }
    free_pairs(&wanted);
}

/* ---- gone on with ----------------------------------------------------------------------- */

static int map_ill(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    if (!shared->well && chunk->ends_file)
        _exit(9);
    return map_words(state, chunk, out);
}

static int reduce_ill(const void *state, struct mr_key *key, uint64_t *value,
                      struct mr_context *context)
{
    char path[sizeof shared->path];
    (void)context, (void)state, (void)key, (void)value;
    if (shared->well || is_first())
        return 1;
    while (!find_reduced(path)) /* the first one succeeds */
        usleep(1000);
    _exit(9);
}

static const struct mr_job ill_maps = { .name = "words", .map = map_ill,
                                        .records = white_records };
static const struct mr_job ill_reduces = { .name = "words", .map = map_words,
                                           .records = white_records, .reduce = reduce_ill };

/* Runs a job until it fails. */
static void interrupt(const struct mr_job *job)
{
    shared->well = false;
    shared->first = 0;
    must_fail(run_kept(job, (struct mr_config){ .max_attempts = 1 }), "status 9");
    check_for(strstr(err.text, "mr_config.resume goes on with it") != NULL, "%s", err.text);
    check(access(scratch("kept/manifest"), F_OK) == 0);
    shared->well = true;
}

/* Goes on with it to its end. */
static void go_on(const struct mr_job *job, struct pairs *wanted)
{
    must(run_kept(job, (struct mr_config){ .resume = true }));
    check_counts(wanted);
    check_for(access(scratch("kept"), F_OK) < 0, "the work directory has stayed");
    check(report.distinct == wanted->count && report.input_bytes == TEXT &&
          report.map_tasks == MAPS && report.reduce_tasks == REDUCES);
}

/* All attempts but those of the merge, one for each range. */
static uint64_t attempts_before_merge(void)
{
    return report.attempts - report.merge_tasks;
}

Test(keeping, a_run_that_was_interrupted_is_gone_on_with_and_only_the_rest_is_done)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    interrupt(&ill_maps);
    go_on(&ill_maps, &wanted);
    cr_assert_eq(report.resumed, MAPS - 1);
    cr_assert_eq(attempts_before_merge(), 1 + REDUCES);
    interrupt(&ill_reduces);
    go_on(&ill_reduces, &wanted);
    cr_assert_eq(report.resumed, MAPS + 1);
    cr_assert_eq(attempts_before_merge(), REDUCES - 1);
    free_pairs(&wanted);
}

/* ---- counters --------------------------------------------------------------------------- */

static int begin_counting(const void *state, void *task, struct mr_context *out)
{
    (void)state, (void)task;
    mr_count(out, "tasks begun", 1);
    return 0;
}

static int map_counting(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    *(uint64_t *)mr_task(out) += chunk->size;
    if (chunk->ends_file)
        mr_count(out, "ends\n", 1);
    return map_ill(state, chunk, out);
}

static int map_counting_well(const void *state, const struct mr_chunk *chunk,
                             struct mr_context *out)
{
    *(uint64_t *)mr_task(out) += chunk->size;
    if (chunk->ends_file)
        mr_count(out, "ends\n", 1);
    return map_words(state, chunk, out);
}

static int end_counting(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    mr_count(out, "bytes", *(uint64_t *)task);
    return 0;
}

static int begin_counting_keys(const void *state, void *task, struct mr_context *context)
{
    (void)state;
    check(*(uint64_t *)task == 0);
    mr_count(context, "reducers begun", 1);
    return 0;
}

static int reduce_counting(const void *state, struct mr_key *key, uint64_t *value,
                           struct mr_context *context)
{
    ++*(uint64_t *)mr_task(context);
    mr_count(context, "sum", *value);
    return reduce_ill(state, key, value, context);
}

static int end_counting_keys(const void *state, void *task, struct mr_context *context)
{
    (void)state;
    mr_count(context, "keys", *(uint64_t *)task);
    return 0;
}

static const struct mr_job counting = { .name = "words", .map = map_counting,
                                        .records = white_records, .begin = begin_counting,
                                        .end = end_counting, .task_size = sizeof(uint64_t),
                                        .reduce = reduce_counting,
                                        .reduce_begin = begin_counting_keys,
                                        .reduce_end = end_counting_keys,
                                        .reduce_task_size = sizeof(uint64_t) };

static void check_counters(const struct pairs *keys)
{
    const struct mr_counter wanted[] = { { "bytes", TEXT }, { "ends\n", 1 },
                                         { "keys", keys->count }, { "reducers begun", REDUCES },
                                         { "sum", report.emitted }, { "tasks begun", MAPS } };
    check_for(report.counter_count == 6, "%zu counters", report.counter_count);
    for (size_t i = 0; i < 6; i++)
        check_for(strcmp(report.counters[i].name, wanted[i].name) == 0 &&
                      report.counters[i].count == wanted[i].count, "%s is %llu",
                  report.counters[i].name, (unsigned long long)report.counters[i].count);
}

Test(keeping, counters_count_each_task_once_however_often_it_was_tried)
{
    struct pairs wanted = { NULL, 0, 0 };
    uint64_t killed = 0, rerun = 0;
    free(make_text(TEXT, &wanted));
    shared->well = true;
    for (uint64_t seed = 0; seed < 10; seed++) {
        must(run_with(&counting, NULL, (struct mr_config){
            .chaos_seed = seed, .chaos_percent = 60, .mappers = 3, .reducers = REDUCES,
            .split_size = SPLIT }));
        check_counts(&wanted);
        check_counters(&wanted);
        killed += report.killed;
        rerun += report.rerun;
    }
    cr_assert(killed > 0 && rerun > 0);
    free_pairs(&wanted);
}

Test(keeping, counters_are_kept_with_what_is_done)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    for (int i = 0; i < 2; i++) {
        interrupt(&counting);
        cr_assert_eq(report.counter_count, 2, "those of the tasks that are done");
        if (i == 1) { /* and interrupted again */
            shared->well = false;
            must_fail(run_kept(&counting, (struct mr_config){ .max_attempts = 1, .resume = true }),
                      "status 9");
            shared->well = true;
        }
        go_on(&counting, &wanted);
        cr_assert_eq(report.resumed, MAPS - 1);
        check_counters(&wanted);
    }
    /* In a reducer, when another is done. */
    struct mr_job reducing = counting;
    reducing.map = map_counting_well;
    interrupt(&reducing);
    cr_assert_eq(report.counter_count, 6);
    cr_assert(report.counters[3].count == 1 && report.counters[5].count == MAPS);
    go_on(&reducing, &wanted);
    cr_assert_eq(report.resumed, MAPS + 1);
    check_counters(&wanted);
    free_pairs(&wanted);
}

/* The same of a job of bytes, whose reduce alone counts; and what it may not do where. */

static int map_pairs(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    for (size_t at = 0; at < chunk->size; at++)
        if (mr_emit_value(out, chunk->data + at, 1, "v", 1) < 0)
            return -1;
    return 0;
}

static int reduce_pairs(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    (void)state, (void)key;
    ++*(uint64_t *)mr_task(out);
    while (mr_values_next(values) > 0)
        mr_count(out, "values", 1);
    return mr_emit_result(out, NULL, 0, "x", 1);
}

static int emit_wrongly(const void *state, void *task, struct mr_context *context)
{
    (void)state, (void)task;
    return mr_emit_result(context, "k", 1, "v", 1);
}

static int fail_hook(const void *state, void *task, struct mr_context *context)
{
    (void)state, (void)task;
    return mr_fail_for_good(context, "there is no '%s'", "dictionary\n");
}

Test(keeping, a_reduce_task_has_memory_a_beginning_and_an_end_and_counts)
{
    struct mr_job job = { .name = "pairs", .values = MR_BYTES, .order = MR_BY_KEY,
                          .map = map_pairs, .reduce_values = reduce_pairs,
                          .reduce_begin = begin_counting_keys, .reduce_end = end_counting_keys,
                          .reduce_task_size = sizeof(uint64_t) };
    const struct mr_config config = { .mappers = 2, .reducers = 2, .split_size = 4,
                                      .order = MR_BY_KEY, .chaos_percent = 40, .chaos_seed = 7 };
    write_file("input", "abcabaabcabz", 12);
    must(run_with(&job, NULL, config));
    check_output("a\tx\nb\tx\nc\tx\nz\tx\n");
    check(report.counter_count == 3);
    check(strcmp(report.counters[0].name, "keys") == 0 && report.counters[0].count == 4);
    check(strcmp(report.counters[1].name, "reducers begun") == 0 && report.counters[1].count == 2);
    check(strcmp(report.counters[2].name, "values") == 0 && report.counters[2].count == 12);
    job.reduce_begin = emit_wrongly;
    must_fail(run_with(&job, NULL, config), "mr_emit_result was called, where nothing can be emitted");
    job.reduce_begin = NULL;
    job.reduce_end = fail_hook;
    must_fail(run_with(&job, NULL, config), "there is no 'dictionary\\n'");
    cr_assert_eq(report.retried, report.killed);
}

static int map_by_offset(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    char name[2 * MR_COUNTER_NAME];
    (void)state;
    snprintf(name, sizeof name, "%s %0*llu", chunk->offset ? "a later one" : "the first",
             shared->well ? 1 : MR_COUNTER_NAME, (unsigned long long)chunk->offset);
    mr_count(out, name, 1);
    return 0;
}

Test(keeping, too_many_counters_or_too_long_a_name_end_the_run)
{
    static const struct mr_job job = { .name = "many", .map = map_by_offset,
                                       .records = white_records };
    struct pairs all = { NULL, 0, 0 };
    free(make_text(TEXT, &all));
    free_pairs(&all);
    struct mr_config config = { .mappers = 2, .split_size = TEXT / 40 };
    shared->well = true; /* the name is short */
    must(run_with(&job, NULL, config));
    cr_assert_eq(report.counter_count, report.map_tasks);
    cr_assert(report.map_tasks == 40 && strcmp(report.counters[39].name, "the first 0") == 0);
    config.split_size = TEXT / 70; /* no task has many, but all have */
    must_fail(run_with(&job, NULL, config), "is one more than 64");
    cr_assert(strstr(err.text, "the job has too many counters: 'a later one "), "%s", err.text);
    shared->well = false;
    must_fail(run_with(&job, NULL, config), "000...' has too long a name: more than 63 bytes");
}

/* ---- the merge -------------------------------------------------------------------------- */

/* Runs until all but the merge is done, whose output fails. */
static void interrupt_merge(void)
{
    char place[sizeof store->directory + 32];
    strcpy(place, scratch("kept"));
    const char *inputs[] = { scratch("input") };
    struct mr_config config = { .inputs = inputs, .input_count = 1, .mappers = 1,
                                .reducers = REDUCES, .split_size = SPLIT, .work_dir = place,
                                .memory = MR_MEMORY_MIN, .output = "/dev/full" };
    must_fail(mr_run(&words, NULL, &config, &report, &err), "cannot write '/dev/full'");
}

Test(keeping, when_only_the_merge_is_left_only_that_is_done)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    interrupt_merge();
    cr_assert_neq(access(scratch("kept/map-0"), F_OK), 0, "the reducers have read them all");
    go_on(&words, &wanted);
    cr_assert_eq(report.resumed, MAPS + REDUCES);
    cr_assert_eq(attempts_before_merge(), 0);
    free_pairs(&wanted);
}

Test(keeping, what_was_damaged_between_two_runs_is_made_again)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    for (int i = 0; i < 6; i++) {
        bool maps = i < 3; /* else the reducers', for which all maps are to be done again */
        const char *name = maps ? "kept/map-1" : "kept/reduce-1";
        if (maps)
            interrupt(&ill_maps);
        else
            interrupt_merge();
        if (i % 3 == 2)
            check(unlink(scratch(name)) == 0);
        else
            damage(scratch(name), i % 3 ? CUT : FLIP);
        go_on(maps ? &ill_maps : &words, &wanted);
        /* Seen by one worker or, while it is replaced, by several; the others by their size. */
        check(i % 3 == 0 ? report.damaged >= 1 : report.damaged == 0);
        check_for(attempts_before_merge() >= (maps ? 2 + REDUCES : MAPS + 1), "%d: %llu", i,
                  (unsigned long long)report.attempts);
    }
    free_pairs(&wanted);
}

Test(keeping, with_a_torn_manifest_more_is_done_again_and_the_result_is_the_same)
{
    struct pairs wanted = { NULL, 0, 0 };
    uint64_t fewest = UINT64_MAX;
    struct stat st;
    free(make_text(TEXT, &wanted));
    for (off_t cut = 1;; cut += 83) {
        interrupt(&ill_maps);
        check(stat(scratch("kept/manifest"), &st) == 0);
        if (st.st_size <= cut)
            break;
        check(truncate(scratch("kept/manifest"), st.st_size - cut) == 0);
        if (run_kept(&ill_maps, (struct mr_config){ .resume = true }) < 0) {
            check_for(strstr(err.text, "cannot resume from") != NULL, "%s", err.text);
            nftw(scratch("kept"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
            continue;
        }
        check_counts(&wanted);
        fewest = report.resumed < fewest ? report.resumed : fewest;
        check(report.resumed < MAPS - 1);
    }
    cr_assert_lt(fewest, MAPS - 2);
    free_pairs(&wanted);
}

/* A state that has no meaning but by what it points to. */
struct named {
    const char *name;
};

static void identify_name(const void *state, struct mr_identity *to)
{
    const struct named *named = state;
    const char *name = named ? named->name : "nobody";
    mr_identify_option(to, "the name", name, strlen(name));
}

Test(keeping, a_job_is_told_from_another_by_what_identifies_it)
{
    struct pairs wanted = { NULL, 0, 0 };
    char again[] = "some";
    const struct named some = { "some" }, same = { again }, others = { "else" };
    struct mr_job job = ill_maps;
    struct mr_config config = { .resume = true };
    job.identify = identify_name;
    free(make_text(TEXT, &wanted));
    kept_state = &some;
    interrupt(&job);
    kept_state = &others;
    must_fail(run_kept(&job, config), "the name is not what it was");
    cr_assert(err.final);
    kept_state = &same;
    go_on(&job, &wanted);
    cr_assert_eq(report.resumed, MAPS - 1);
    free_pairs(&wanted);
}

Test(keeping, a_job_with_a_state_that_nothing_identifies_is_refused)
{
    struct pairs wanted = { NULL, 0, 0 };
    free(make_text(TEXT, &wanted));
    free_pairs(&wanted);
    kept_state = "state";
    for (int i = 0; i < 2; i++) {
        must_fail(run_kept(&words, (struct mr_config){ .resume = i }), "identify");
        cr_assert(err.final);
        cr_assert(access(scratch("kept"), F_OK) < 0);
    }
    must(run_with(&words, kept_state, (struct mr_config){ 0 }));
}

Test(keeping, other_processes_and_memory_go_on_with_it)
{
    struct pairs wanted = { NULL, 0, 0 };
    const struct mr_config others[] = {
        { .mappers = 2 }, { .memory = 20 << 20 }, { .memory = 1 << 30 },
        { .mappers = 5, .memory = 300 << 20 }, { .max_attempts = 9 },
    };
    free(make_text(TEXT, &wanted));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct mr_config config = others[i];
        config.resume = true;
        interrupt(&ill_maps);
        must(run_kept(&ill_maps, config));
        check_counts(&wanted);
        cr_assert_eq(report.resumed, MAPS - 1);
    }
    free_pairs(&wanted);
}

Test(keeping, another_job_is_refused_and_told_how_it_differs)
{
    struct pairs wanted = { NULL, 0, 0 };
    struct mr_job other = ill_maps, named = ill_maps;
    char parts[sizeof store->directory + 32];
    const struct {
        const struct mr_job *job;
        struct mr_config config;
        const char *words;
    } others[] = {
        { &ill_maps, { .split_size = 5000 }, "mr_config.split_size was 10000 bytes, now it is 5000 bytes" },
        { &ill_maps, { .compress = true }, "mr_config.compress was no, now it is yes" },
        { &ill_maps, { .top = 5 }, "mr_config.top was all, now it is 5" },
        { &ill_maps, { .order = MR_BY_KEY }, "(mr_config.order) was by value, now it is by key" },
        { &ill_maps, { .reverse = true }, "mr_config.reverse was no" },
        { &ill_maps, { .format = MR_CSV }, "mr_config.format was tsv, now it is csv" },
        { &ill_maps, { .output_dir = parts }, "an output of parts (mr_config.output_dir) was no" },
        { &named, { 0 }, "the job was words, now it is others" },
        { &other, { 0 }, "now there is \"the name: " },
    };
    strcpy(parts, scratch("parts"));
    named.name = "others";
    other.identify = identify_name;
    free(make_text(TEXT, &wanted));
    interrupt(&ill_maps);
    int files = scratch_files();
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct mr_config config = others[i].config;
        config.resume = true;
        must_fail(run_kept(others[i].job, config), others[i].words);
        check_for(strstr(err.text, "cannot resume from") != NULL, "%s", err.text);
        check(err.final && scratch_files() == files);
    }
    go_on(&ill_maps, &wanted);
    cr_assert_eq(report.resumed, MAPS - 1);
    free_pairs(&wanted);
}

static void touch(struct timespec at)
{
    struct timespec times[2] = { at, at };
    check(utimensat(AT_FDCWD, scratch("input"), times, 0) == 0);
}

Test(keeping, a_changed_input_is_refused_whatever_changed)
{
    struct pairs wanted = { NULL, 0, 0 };
    struct stat st;
    char byte;
    size_t size;
    free(make_text(TEXT, &wanted));
    interrupt(&ill_maps);
    check(stat(scratch("input"), &st) == 0);
    struct mr_config config = { .resume = true };
    touch((struct timespec){ 1000000000, 5 });
    must_fail(run_kept(&ill_maps, config), "changed at 1000000000.000000005");
    /* Neither by its size nor by its date. */
    int fd = open(scratch("input"), O_RDWR);
    check(pread(fd, &byte, 1, TEXT / 2) == 1 && pwrite(fd, "#", 1, TEXT / 2) == 1);
    touch(st.st_mtim);
    must_fail(run_kept(&ill_maps, config), "input");
    check(ftruncate(fd, TEXT - 1) == 0);
    touch(st.st_mtim);
    must_fail(run_kept(&ill_maps, config), "59999 bytes");
    close(fd);
    /* Another file in its place, of the same bytes and date. */
    check(rename(scratch("input"), scratch("aside")) == 0);
    char *bytes = read_file(scratch("aside"), &size);
    write_file("input", bytes, size);
    free(bytes);
    touch(st.st_mtim);
    must_fail(run_kept(&ill_maps, config), "its state at");
    cr_assert(access(scratch("kept/manifest"), F_OK) == 0);
    free_pairs(&wanted);
}

Test(keeping, chaos_changes_nothing_in_the_result)
{
    struct pairs wanted = { NULL, 0, 0 };
    uint64_t killed = 0, damaged = 0, rerun = 0;
    free(make_text(TEXT, &wanted));
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct mr_config config = { .chaos_seed = seed, .chaos_percent = 60, .mappers = 3,
                                    .reducers = REDUCES, .split_size = SPLIT };
        if (seed % 2)
            must(run_kept(&words, config));
        else
            must(run_with(&words, NULL, config));
        check_counts(&wanted);
        killed += report.killed;
        damaged += report.damaged;
        rerun += report.rerun;
    }
    cr_assert(killed > 0 && damaged > 0 && rerun > 0, "%llu killed, %llu damaged, %llu run again",
              (unsigned long long)killed, (unsigned long long)damaged, (unsigned long long)rerun);
    free_pairs(&wanted);
}
