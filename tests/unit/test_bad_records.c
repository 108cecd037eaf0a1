/* Bad records: a job that crashes at some is told which, and may go on without them. */
#include "base/bad_records.h"

#include "support.h"

#include <signal.h>

enum { SIZE = 300000 };

static unsigned char text[SIZE];
static struct mr_report report;
static struct mr_config config;
static char place[5][sizeof ((struct mr_store *)NULL)->directory + 32];
static const char *inputs[] = { place[0] };
static char told[1 << 16]; /* warnings, each a line */

enum { INPUT, OUTPUT, TEMPORARY, SKIPPED, KEPT };

static void take_warning(void *arg, const struct mr_event *event)
{
    (void)arg;
    if (event->type == MR_EVENT_MESSAGE && event->level == MR_WARNING)
        snprintf(told + strlen(told), sizeof told - strlen(told), "%s\n", event->text);
}

static void begin(void)
{
    static const char *const names[] = { "input", "out", "temporary", "skipped", "kept" };
    make_store();
    for (int i = 0; i < 5; i++)
        strcpy(place[i], scratch(names[i]));
    check(mkdir(place[TEMPORARY], 0700) == 0);
    config = (struct mr_config){ .inputs = inputs, .input_count = 1, .memory = MR_MEMORY_MIN,
                                 .mappers = 2, .temp_dir = place[TEMPORARY], .no_reduce = true,
                                 .output = place[OUTPUT], .format = MR_LINES,
                                 .listen = take_warning };
}

TestSuite(bad_records, .init = begin, .fini = remove_store, .timeout = HANGS);

/* ---- jobs that crash at what has a ! ---------------------------------------------------- */

static void crash(const unsigned char *bytes, size_t size)
{
    if (memchr(bytes, '!', size) == NULL)
        return;
    signal(SIGABRT, SIG_DFL);
    abort();
}

static int map_lines(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    if (chunk->begins_file != (chunk->offset == 0) ||
        chunk->ends_file != (chunk->offset + chunk->size == SIZE))
        return -1;
    while (mr_line_next(chunk, &at, &line, &size)) {
        crash(line, size);
        if (mr_emit(out, line, size, 1) < 0)
            return -1;
    }
    return 0;
}

/* The same for lines in parts, of which the first bytes of each part are emitted. */
static int map_parts(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    if (chunk->part == MR_WHOLE)
        return map_lines(state, chunk, out);
    crash(chunk->data, chunk->size);
    return chunk->part == MR_LAST ? mr_emit(out, "in parts", 8, 1) : 0;
}

static const struct mr_job whole = { .name = "whole", .map = map_lines, .whole_records = true };
static const struct mr_job parts = { .name = "parts", .map = map_parts };

/* ---- what is to come of it -------------------------------------------------------------- */

/* A text of lines; every `nth` has a !. Returns how many these are. */
static unsigned make_text(size_t nth)
{
    unsigned count = 0, number = 0;
    draw_bytes(text, SIZE, "abcdefghijklmnopqrstuvwxyz\n");
    text[SIZE - 1] = '\n';
    for (size_t i = 1; i < SIZE; i++)
        if (text[i] == '\n' && text[i - 1] != '\n' && ++number % nth == 0) {
            text[i - 1] = '!';
            count++;
        }
    write_file("input", text, SIZE);
    return count;
}

static void check_output(void)
{
    size_t size, at = 0;
    char *got = read_file(place[OUTPUT], &size);
    for (size_t start = 0, stop; start < SIZE; start = stop + 1) {
        for (stop = start; text[stop] != '\n'; stop++)
            ;
        size_t length = stop + 1 - start;
        if (memchr(text + start, '!', length) != NULL)
            continue;
        check(length <= size - at && memcmp(got + at, text + start, length) == 0);
        at += length;
    }
    check(at == size);
    free(got);
}

static unsigned lines_told(void)
{
    unsigned count = 0;
    for (const char *at = told; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

/* ---- tests ------------------------------------------------------------------------------ */

Test(bad_records, an_error_says_at_which_record_of_which_file_the_job_crashes)
{
    char wanted[sizeof place[0] + 256];
    make_text(SIZE);
    memcpy(text + 200000, "\nx!x\n", 5);
    write_file("input", text, SIZE);
    config.split_size = 80000;
    must_fail(mr_run(&whole, NULL, &config, &report, &err), "failed 4 times: attempt 1: ");
    snprintf(wanted, sizeof wanted, "attempts 2 to 4: killed by signal 6 (Aborted), in the job's "
                                    "map of the record at byte 200001 of '%s' (4 bytes)",
             place[INPUT]);
    cr_assert(strstr(err.text, wanted), "%s", err.text);
    snprintf(wanted, sizeof wanted, "killed by signal 6 (Aborted), in the job's map of '%s', "
                                    "bytes ", place[INPUT]);
    cr_assert(strstr(err.text, wanted), "%s", err.text);
    cr_assert_eq(told[0], '\0');
}

Test(bad_records, as_many_as_allowed_are_passed_over_and_told_of)
{
    for (size_t nth = 3000; nth > 300; nth /= 2) {
        unsigned count = make_text(nth);
        for (uint64_t split = 0; split <= 50000; split += 50000) {
            char wanted[128];
            config.split_size = split;
            config.skip_bad_records = count;
            told[0] = '\0';
            must(mr_run(&whole, NULL, &config, &report, &err));
            check_output();
            check(report.bad_records == count && lines_told() == count);
            size_t at = (size_t)((unsigned char *)memchr(text, '!', SIZE) - text), start = at;
            while (start > 0 && text[start - 1] != '\n')
                start--;
            snprintf(wanted, sizeof wanted, "of the record at byte %zu of '", start);
            check_for(strstr(told, wanted) != NULL, "%s", told);
            config.skip_bad_records = count - 1;
            if (count > 1)
                must_fail(mr_run(&whole, NULL, &config, &report, &err),
                          "may be passed over (mr_config.skip_bad_records)");
        }
    }
}

Test(bad_records, a_record_in_parts_is_passed_over_whole)
{
    make_text(SIZE);
    memset(text + 10000, 'x', 280000);
    text[9999] = text[290000] = '\n';
    text[280000] = '!'; /* in one of its later parts */
    write_file("input", text, SIZE);
    config.skip_bad_records = 1;
    config.bad_records = place[SKIPPED];
    must(mr_run(&parts, NULL, &config, &report, &err));
    check_output();
    cr_assert_eq(report.bad_records, 1);
    char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
    const char *record = strstr(skipped, "\"record\":\"");
    cr_assert(record && strspn(record + 10, "x") == MR_EXCERPT_MAX && record[MR_EXCERPT_MAX + 10] == '"');
    free(skipped);
    cr_assert(strstr(told, "of the record at byte 10000 of '"), "%s", told);
}

Test(bad_records, a_stream_is_no_other)
{
    unsigned count = make_text(2000);
    inputs[0] = "-";
    config.skip_bad_records = count;
    config.bad_records = place[SKIPPED];
    pid_t writer = feed_input(text, SIZE);
    must(mr_run(&whole, NULL, &config, &report, &err));
    check_writer(writer);
    check_output();
    cr_assert(report.bad_records == count && strstr(told, "of 'standard input' ("), "%s", told);
    char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
    unsigned records = 0;
    for (const char *at = skipped; (at = strstr(at, "\"file\":\"-\"")) != NULL; at++) {
        const char *record = strstr(at, "\"record\":\""), *end = strstr(at, "\\n\",\"reason\":");
        cr_assert(record && end && memchr(record, '!', (size_t)(end - record)) != NULL, "%s", at);
        records++;
    }
    cr_assert_eq(records, count);
    free(skipped);
}

Test(bad_records, what_is_killed_from_elsewhere_is_no_fault_of_a_record)
{
    make_text(SIZE);
    config.skip_bad_records = 5;
    config.split_size = 20000;
    for (uint64_t seed = 0; seed < 5; seed++) {
        config.chaos_seed = seed;
        config.chaos_percent = 50;
        must(mr_run(&whole, NULL, &config, &report, &err));
        check_output();
        check(report.bad_records == 0 && told[0] == '\0');
    }
}

static int map_forever(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    for (size_t i = 0; i < chunk->size; i++)
        while (chunk->data[i] == '!')
            usleep(1000);
    return map_lines(state, chunk, out);
}

Test(bad_records, a_record_at_which_the_job_never_ends_is_bad_too)
{
    struct mr_job job = whole;
    job.map = map_forever;
    make_text(SIZE);
    memcpy(text + 1000, "\n!\n", 3);
    write_file("input", text, SIZE);
    config.skip_bad_records = 1;
    config.task_timeout = 1;
    must(mr_run(&job, NULL, &config, &report, &err));
    check_output();
    cr_assert_eq(report.bad_records, 1);
    cr_assert(strstr(told, "no progress for 1 s (mr_config.task_timeout), in the job's map of the "
                           "record at byte 1001 of"), "%s", told);
}

/* ---- in reduce -------------------------------------------------------------------------- */

/* Lines as keys; map crashes at a # and reduce at a !, and they fail at what begins with M and R. */
static int map_keys(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size)) {
        if (memchr(line, '#', size) != NULL)
            crash((const unsigned char *)"!", 1);
        if (size > 0 && *line == 'M')
            return mr_fail_for_good(out, "'%.*s' is no key", (int)size, (const char *)line);
        if (mr_emit(out, line, size, 1) < 0)
            return -1;
    }
    return 0;
}

static int map_values(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit_value(out, line, size, "v", 1) < 0 || mr_emit_value(out, line, size, "w", 1) < 0)
            return -1;
    return 0;
}

static int look_at_key(struct mr_key *key, struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    int more = mr_key_next(key, &bytes, &size);
    if (more <= 0)
        return more;
    crash(bytes, size);
    return *bytes == 'R' ? mr_fail(context, "R is\nno key") : 0;
}

static int reduce_keys(const void *state, struct mr_key *key, uint64_t *value,
                       struct mr_context *context)
{
    (void)state, (void)value;
    return look_at_key(key, context) < 0 ? -1 : 1;
}

static int reduce_values(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out)
{
    (void)state;
    if (mr_values_next(values) <= 0 || look_at_key(key, out) < 0)
        return -1;
    return mr_emit_result(out, NULL, 0, "x", 1);
}

static const struct mr_job numbers = { .name = "numbers", .map = map_keys, .whole_records = true,
                                       .reduce = reduce_keys };
static const struct mr_job values = { .name = "values", .values = MR_BYTES, .map = map_values,
                                      .whole_records = true, .reduce_values = reduce_values };

static int run_reducing(const struct mr_job *job, const char *lines, unsigned skip)
{
    write_file("input", lines, strlen(lines));
    unlink(place[OUTPUT]);
    unlink(place[SKIPPED]);
    told[0] = '\0';
    config.no_reduce = false;
    config.order = MR_BY_KEY;
    config.format = MR_TSV;
    config.reducers = 2;
    config.skip_bad_records = skip;
    config.bad_records = skip ? place[SKIPPED] : NULL;
    return mr_run(job, NULL, &config, &report, &err);
}

static void check_file(int which, const char *wanted)
{
    size_t size;
    char *got = read_file(place[which], &size);
    check_for(strcmp(got, wanted) == 0, "'%s', not '%s'", got, wanted);
    free(got);
}

Test(bad_records, an_error_says_at_which_key_reduce_crashes_or_fails)
{
    const struct mr_job *jobs[] = { &numbers, &values };
    for (int i = 0; i < 2; i++) {
        must_fail(run_reducing(jobs[i], "a\nb\nx!\003\nb\n", 0),
                  "attempt 1: killed by signal 6 (Aborted), in the job's reduce; attempts 2 to 4: "
                  "killed by signal 6 (Aborted), in the job's reduce of the key 'x!\\003'");
        must_fail(run_reducing(jobs[i], "a\nb\nRun\nb\n", 0),
                  "attempts 1 to 4: R is\\nno key, at the key 'Run'");
        must_fail(run_reducing(jobs[i], "a\n1!\n2!\n3!\n", 2),
                  "'; no more than 2 may be passed over (mr_config.skip_bad_records)");
        check_for(lines_told() == 2 && access(place[SKIPPED], F_OK) < 0 &&
                      access(place[OUTPUT], F_OK) < 0, "%s", told);
    }
}

Test(bad_records, keys_are_passed_over_with_their_values_and_listed)
{
    char wanted[2 * sizeof place[0] + 1024];
    config.mappers = 1;
    must(run_reducing(&numbers, "a\nz!\nb\nz!\nRun\nc#\nb\nMap\n", 5));
    check_file(OUTPUT, "a\t1\nb\t2\n");
    cr_assert(report.bad_records == 4 && report.distinct == 4 && lines_told() == 4, "%s", told);
    cr_assert(strstr(told, "a key and its values are passed over, in reduce task "), "%s", told);
    char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
    int task_a = -1, task_b = -1;
    const char *reducing = strstr(skipped, "reduce\",\"task\":");
    check(reducing != NULL);
    task_a = reducing[15] - '0';
    reducing = strstr(reducing + 1, "reduce\",\"task\":");
    check(reducing != NULL);
    task_b = reducing[15] - '0';
    free(skipped);
    snprintf(wanted, sizeof wanted,
             "{\"stage\":\"map\",\"task\":0,\"file\":\"%s\",\"offset\":14,\"bytes\":3,"
             "\"record\":\"c#\\n\",\"reason\":\"killed by signal 6 (Aborted)\"}\n"
             "{\"stage\":\"map\",\"task\":0,\"file\":\"%s\",\"offset\":19,\"bytes\":4,"
             "\"record\":\"Map\\n\",\"reason\":\"'Map' is no key\"}\n"
             "{\"stage\":\"reduce\",\"task\":%d,\"key\":\"Run\",\"key_bytes\":3,"
             "\"reason\":\"R is\\\\nno key, at the key 'Run'\"}\n"
             "{\"stage\":\"reduce\",\"task\":%d,\"key\":\"z!\",\"key_bytes\":2,"
             "\"reason\":\"killed by signal 6 (Aborted)\"}\n",
             place[INPUT], place[INPUT], task_a, task_b);
    check_file(SKIPPED, wanted);
    must(run_reducing(&numbers, "a\n", 1));
    check_file(SKIPPED, "");
}

Test(bad_records, a_large_key_is_named_by_its_beginning)
{
    static char lines[200002];
    memset(lines, 'y', 200000);
    memcpy(lines + 100, "!", 1);
    memcpy(lines + 200000, "\n", 2);
    for (int i = 0; i < 2; i++) {
        must(run_reducing(i ? &values : &numbers, lines, 1));
        check_file(OUTPUT, "");
        char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
        const char *key = strstr(skipped, "\"key\":\"yyy"), *end = strstr(skipped, "\",\"key_bytes");
        check_for(key && end && end - key - 7 == MR_EXCERPT_MAX &&
                      strstr(end, "key_bytes\":200000,") && strlen(end) < 200, "%s", skipped);
        check(strstr(told, "yyy'...") != NULL && report.bad_records == 1);
        free(skipped);
    }
}

Test(bad_records, what_was_passed_over_is_known_to_a_run_that_goes_on)
{
    const char lines[] = "a\nz!\nb#\nz!\ny!\nb\n";
    config.work_dir = place[KEPT];
    config.mappers = 1;
    must_fail(run_reducing(&numbers, lines, 2), "no more than 2 may be passed over");
    check(report.bad_records == 2 && lines_told() == 2 && access(place[SKIPPED], F_OK) < 0);
    config.resume = true;
    told[0] = '\0';
    config.skip_bad_records = 1;
    must_fail(mr_run(&numbers, NULL, &config, &report, &err),
              "2 bad records were passed over, and now only 1 may be");
    config.skip_bad_records = 3;
    must(mr_run(&numbers, NULL, &config, &report, &err));
    check_file(OUTPUT, "a\t1\nb\t1\n");
    check_for(report.bad_records == 3 && lines_told() == 1 && report.resumed >= 1, "%s", told);
    char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
    check_for(strstr(skipped, "\"offset\":5,\"bytes\":3,\"record\":\"b#\\n\"") && strstr(skipped, "\"key\":\"y!\"") &&
                  strstr(skipped, "\"key\":\"z!\""), "%s", skipped);
    free(skipped);
}

/* ---- a job that knows better which key ---------------------------------------------------- */

/* Map and reduce note the first key with a ? or a !, and tell at the end. */
struct first_key {
    char key[16];
    size_t size;
};

static int tell_key(struct mr_context *out)
{
    const struct first_key *first = mr_task(out);
    mr_blame_key(out, first->key, first->size);
    return mr_fail(out, "too late for it");
}

static void note_key(struct first_key *first, const unsigned char *key, size_t size, char bad)
{
    if (first->size > 0 || memchr(key, bad, size) == NULL)
        return;
    first->size = size < sizeof first->key ? size : sizeof first->key;
    memcpy(first->key, key, first->size);
}

static int map_and_note(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    mr_blame(out, 0, 0, NULL, 0);
    while (mr_line_next(chunk, &at, &line, &size)) {
        if (!mr_is_passed_over(out, line, size))
            note_key(mr_task(out), line, size, '?');
        if (mr_emit_value(out, line, size, "v", 1) < 0)
            return -1;
    }
    return 0;
}

static int reduce_and_note(const void *state, struct mr_key *key, struct mr_value_list *list,
                           struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    (void)state, (void)list;
    mr_blame(out, 0, 0, NULL, 0);
    check(mr_may_skip(out) == (config.skip_bad_records > 0));
    if (mr_key_whole(key, &bytes, &size) < 0)
        return -1;
    check(!mr_is_passed_over(out, bytes, size));
    note_key(mr_task(out), bytes, size, '!');
    return mr_emit_result(out, NULL, 0, "x", 1);
}

static int reduce_and_blame(const void *state, struct mr_key *key, uint64_t *value,
                            struct mr_context *out)
{
    static unsigned char all[1 << 17];
    const unsigned char *bytes;
    size_t size, used = 0;
    (void)state, (void)value;
    for (; mr_key_next(key, &bytes, &size) > 0; used += size)
        memcpy(all + used, bytes, size);
    if (memchr(all, '!', used) == NULL)
        return 1;
    mr_blame_key(out, all, used);
    return mr_fail(out, "not this one");
}

Test(bad_records, a_key_that_a_job_names_is_that_of_each_file)
{
    static const struct mr_job job = { .name = "names", .map = map_keys, .whole_records = true,
                                       .reduce = reduce_and_blame };
    const size_t large = 100000;
    char *lines = malloc(large + 16), *end = lines;
    end = stpcpy(end, "a\nb?\n");
    memset(end, 'x', large);
    strcpy(end + large, "?\n");
    char *named[] = { strchr(lines, '?'), strrchr(lines, '?') };
    const char *const twice[] = { config.inputs[0], config.inputs[0] };
    config.inputs = twice;
    config.input_count = 2;
    config.by_file = true;
    for (int i = 0; i < 2; i++) {
        *named[i] = '!';
        must(run_reducing(&job, lines, 1));
        check_for(report.bad_records == 1 && report.written == 4 && lines_told() == 1, "%s", told);
        *named[i] = '?';
    }
    free(lines);
}

static int tell_late(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return ((const struct first_key *)task)->size > 0 ? tell_key(out) : 0;
}

Test(bad_records, a_job_may_name_the_key_later)
{
    static const struct mr_job late = {
        .name = "late", .values = MR_BYTES, .task_size = sizeof(struct first_key),
        .map = map_and_note, .end = tell_late, .reduce_task_size = sizeof(struct first_key),
        .reduce_values = reduce_and_note, .reduce_end = tell_late,
    };
    must(run_reducing(&late, "a\nb!\nm?\nc\nb!\n", 2));
    check_file(OUTPUT, "a\tx\nc\tx\n");
    check_for(report.bad_records == 2 && lines_told() == 2, "%s", told);
    cr_assert(strstr(told, "passed over, in map task 0: too late for it, at the key 'm?'"), "%s",
              told);
    char *skipped = read_file(place[SKIPPED], &(size_t){ 0 });
    check_for(strstr(skipped, "{\"stage\":\"map\",\"task\":0,\"key\":\"m?\"") &&
                  strstr(skipped, "{\"stage\":\"reduce\",\"task\":"), "%s", skipped);
    free(skipped);
    must_fail(run_reducing(&late, "a\nb!\n", 0), "attempts 1 to 4: too late for it, at the key "
                                                 "'b!'");
}

/* ---- a job that knows better ------------------------------------------------------------- */

struct first_bad {
    uint64_t source, offset, size; /* of none: 0 */
};

static int note_first(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct first_bad *first = mr_task(out);
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    mr_blame(out, 0, 0, NULL, 0);
    while (mr_line_next(chunk, &at, &line, &size)) {
        if (first->size == 0 && memchr(line, '!', size) != NULL)
            *first = (struct first_bad){ chunk->source,
                                         chunk->offset + (uint64_t)(line - chunk->data), size + 1 };
        if (mr_emit_value(out, NULL, 0, line, size) < 0)
            return -1;
    }
    return 0;
}

static int fail_late(const void *state, void *task, struct mr_context *out)
{
    const struct first_bad *first = task;
    (void)state;
    check(mr_may_skip(out) == (config.skip_bad_records > 0));
    if (first->size > 0 && mr_may_skip(out))
        mr_blame(out, first->source, first->offset, NULL, first->size);
    return first->size > 0 ? mr_fail(out, "too late") : 0;
}

static int fail_at_once(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state, (void)chunk;
    mr_blame(out, 0, 0, NULL, 0);
    return mr_fail(out, "whatever it is");
}

Test(bad_records, a_job_may_name_the_record_later)
{
    static const struct mr_job late = { .name = "late", .values = MR_BYTES, .order = MR_BY_KEY,
                                        .whole_records = true, .map = note_first,
                                        .task_size = sizeof(struct first_bad), .end = fail_late };
    for (size_t nth = 4000; nth > 900; nth /= 2)
        for (uint64_t split = 0; split <= 50000; split += 50000) {
            unsigned count = make_text(nth);
            config.split_size = split;
            config.skip_bad_records = count;
            told[0] = '\0';
            must(mr_run(&late, NULL, &config, &report, &err));
            check_output();
            check(report.bad_records == count && lines_told() == count);
            config.skip_bad_records = count - 1;
            must_fail(mr_run(&late, NULL, &config, &report, &err), "too late");
        }
}

Test(bad_records, a_job_may_say_that_no_record_is_at_fault)
{
    static const struct mr_job job = { .name = "job", .values = MR_BYTES, .order = MR_BY_KEY,
                                       .whole_records = true, .map = fail_at_once };
    make_text(SIZE);
    config.skip_bad_records = 1000;
    must_fail(mr_run(&job, NULL, &config, &report, &err), "whatever it is");
    cr_assert(report.bad_records == 0 && told[0] == '\0');
}
