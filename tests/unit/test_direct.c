/* Without reducers: what map emits is the result, in the order of the input, whatever happens. */
#include "mapreduce.h"

#include "support.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { SIZE = 400000 };

static unsigned char text[SIZE];
static struct mr_buffer wanted; /* the output */
static struct mr_report report;
static struct mr_config config;
static char place[5][sizeof ((struct mr_store *)NULL)->directory + 32];
static const char *inputs[] = { place[0], "-", place[0] };
static _Atomic int *deaths; /* that map is yet to die */

enum { INPUT, OUTPUT, PARTS, KEPT, TEMPORARY };

static void begin(void)
{
    static const char *const names[] = { "input", "out", "parts", "kept", "temporary" };
    make_store();
    for (int i = 0; i < 5; i++)
        strcpy(place[i], scratch(names[i]));
    check(mkdir(place[TEMPORARY], 0700) == 0);
    deaths = mr_memory_get_shared(sizeof *deaths);
    config = (struct mr_config){ .inputs = inputs, .input_count = 1, .memory = MR_MEMORY_MIN,
                                 .mappers = 3, .temp_dir = place[TEMPORARY], .no_reduce = true,
                                 .format = MR_TSV };
}

static void end(void)
{
    mr_buffer_free(&wanted);
    mr_memory_release(deaths, sizeof *deaths);
    remove_store();
}

TestSuite(direct, .init = begin, .fini = end, .timeout = HANGS);

/* ---- the jobs --------------------------------------------------------------------------- */

static void die_now_and_then(const struct mr_chunk *chunk)
{
    if (*deaths > 0 && chunk->offset > SIZE / 3 && atomic_fetch_sub(deaths, 1) > 0)
        _exit(9);
}

/* Emits of each line but empty ones its first bytes, and the line. */
static int map_lines(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    die_now_and_then(chunk);
    while (mr_line_next(chunk, &at, &line, &size))
        if (size > 0 && mr_emit_value(out, line, size < 3 ? size : size / 3, line, size) < 0)
            return -1;
    return 0;
}

static int map_words(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    die_now_and_then(chunk);
    return mr_emit_words(out, chunk);
}

/* Emits each line without a key: together where that is asked for, with an end before the next of
 * a chunk. */
static int map_values(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const bool *together = state;
    const unsigned char *line;
    size_t at = 0, size = chunk->size;
    die_now_and_then(chunk);
    if (*together)
        return size == 0 ? 0
                         : mr_emit_lines(out, chunk->data, size - (chunk->data[size - 1] == '\n'));
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit_value(out, NULL, 0, line, size) < 0)
            return -1;
    return 0;
}

static size_t rekey(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    (void)state;
    for (size_t i = 0; i < size; i++)
        for (int times = key[i] == 'b' ? 3 : 1; times > 0; times--)
            to[done++] = key[i];
    return done;
}

static const struct mr_records *blanks(const void *state, const char *path)
{
    static const struct mr_records records = { { { [' '] = 1, ['\n'] = 1 } } };
    (void)state, (void)path;
    return &records;
}

static const struct mr_job lines = { .name = "lines", .values = MR_BYTES, .map = map_lines,
                                     .order = MR_BY_KEY, .whole_records = true };
static const struct mr_job values = { .name = "values", .values = MR_BYTES, .map = map_values,
                                      .order = MR_BY_KEY, .whole_records = true,
                                      .state_size = sizeof(bool) };
static const struct mr_job words = { .name = "words", .map = map_words, .records = blanks };

/* ---- the same, plainly ------------------------------------------------------------------ */

/* Text of lines and words, some larger than a record holds, or a buffer. */
static void make_text(void)
{
    draw_bytes(text, SIZE, "abcd   \nabcdefg\xC3");
    for (size_t i = 0; i < 12; i++)
        memset(text + draw_below(SIZE - 9000), i % 3 ? 'b' : 'x', 500 + draw_below(8500));
    memset(text + 150000, 'y', 140000);
    write_file("input", text, SIZE);
}

static void want(const void *bytes, size_t size)
{
    must(mr_buffer_add(&wanted, bytes, size));
}

static void want_line(const unsigned char *line, size_t size)
{
    if (size == 0)
        return;
    want(line, size < 3 ? size : size / 3);
    want("\t", 1);
    want(line, size);
    want("\n", 1);
}

static void want_word(const unsigned char *word, size_t size)
{
    unsigned char *to = malloc(3 * size + 1);
    if (size > 0) {
        want(to, rekey(NULL, word, size, to));
        want("\t1\n", 3);
    }
    free(to);
}

static void want_all(const struct mr_job *job)
{
    bool is_words = job->map == map_words;
    wanted.size = 0;
    for (size_t start = 0, stop; start < SIZE; start = stop + 1) {
        for (stop = start; stop < SIZE && text[stop] != '\n' && !(is_words && text[stop] == ' ');)
            stop++;
        (is_words ? want_word : want_line)(text + start, stop - start);
    }
}

static void check_bytes(const char *path, size_t size)
{
    size_t got_size;
    char *got = read_file(path, &got_size);
    check_for(got_size == size, "%zu bytes, not %zu", got_size, size);
    check_for(size == 0 || memcmp(got, wanted.at, size) == 0, "another output");
    free(got);
}

static void check_run(const struct mr_job *job)
{
    must(mr_run(job, NULL, &config, &report, &err));
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    check(report.reduce_tasks == 0 && report.distinct == 0);
}

static const struct mr_job *const jobs[] = { &lines, &words };

/* ---- tests ------------------------------------------------------------------------------ */

Test(direct, every_cut_and_memory_gives_what_is_emitted_in_the_order_of_the_input)
{
    static const uint64_t splits[] = { 0, 7000, 50001, 200000 };
    make_text();
    config.output = place[OUTPUT];
    for (size_t j = 0; j < 4; j++) {
        struct mr_job job = *jobs[j % 2];
        job.rekey = j == 1 ? rekey : NULL;
        text[SIZE - 1] = j < 2 ? 'e' : '\n';
        write_file("input", text, SIZE);
        want_all(&job);
        if (j == 3) { /* not rewritten: each b once */
            struct mr_job plain = job;
            plain.rekey = rekey;
            config.split_size = 0;
            check_run(&plain);
            check_bytes(place[OUTPUT], wanted.size);
            continue;
        }
        for (size_t i = 0; i < 4; i++)
            for (int compress = 0; compress < 2 && (j != 1 || job.rekey); compress++) {
                config.split_size = splits[i];
                config.compress = compress;
                check_run(&job);
                check_bytes(place[OUTPUT], wanted.size);
                check(report.output_bytes == wanted.size && report.input_bytes == SIZE);
                check(splits[i] == 0 || report.map_tasks == (SIZE + splits[i] - 1) / splits[i]);
            }
    }
}

/* Where the first so many lines of the output end. */
static size_t lines_end(uint64_t count)
{
    size_t at = 0;
    for (; at < wanted.size && count > 0; at++)
        count -= wanted.at[at] == '\n';
    return at;
}

Test(direct, the_first_records_are_those_of_the_input)
{
    static const uint64_t tops[] = { 1, 100, 5000, 12000, 1000000, MR_NONE };
    make_text();
    want_all(&lines);
    config.output = place[OUTPUT];
    config.split_size = 30000;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        config.top = tops[i];
        check_run(&lines);
        check_bytes(place[OUTPUT], tops[i] == MR_NONE ? 0 : lines_end(tops[i]));
        check(tops[i] >= 1000000 || report.written == tops[i]);
        check(tops[i] != MR_NONE || report.written == 0);
    }
}

/* The parts of the directory, one after the other, in "out". Returns how many there are. */
static unsigned join_parts(void)
{
    char path[sizeof place[0] + 32];
    unsigned count = 0;
    FILE *to = fopen(place[OUTPUT], "wb");
    for (;; count++) {
        size_t size;
        snprintf(path, sizeof path, "%s/part-r-%05u", place[PARTS], count);
        if (access(path, F_OK) < 0)
            break;
        char *bytes = read_file(path, &size);
        check(fwrite(bytes, 1, size, to) == size && unlink(path) == 0);
        free(bytes);
    }
    fclose(to);
    snprintf(path, sizeof path, "%s/_SUCCESS", place[PARTS]);
    check(unlink(path) == 0 && rmdir(place[PARTS]) == 0);
    return count;
}

Test(direct, a_directory_has_a_part_for_each_map_task)
{
    make_text();
    config.output_dir = place[PARTS];
    config.split_size = 50000;
    for (size_t j = 0; j < 2; j++) {
        struct mr_job job = *jobs[j];
        job.rekey = j ? rekey : NULL;
        want_all(&job);
        check_run(&job);
        cr_assert_eq(join_parts(), 8);
        check_bytes(place[OUTPUT], wanted.size);
        check(report.merge_tasks == 0 && report.output_bytes == wanted.size); /* nothing is left */
        uint64_t all = report.written;
        config.top = 6000;
        check_run(&job);
        cr_assert_eq(join_parts(), 8);
        check_bytes(place[OUTPUT], lines_end(6000));
        check(report.merge_tasks == 1 && report.written == 6000 && all > 6000);
        config.top = 0;
    }
}

Test(direct, a_part_of_lines_has_as_many_of_each_as_its_number)
{
    struct mr_job job = words;
    job.format = MR_LINES;
    config.format = MR_LINES;
    config.output_dir = place[PARTS];
    write_file("input", "b a b\n", 6);
    check_run(&job);
    want("b\na\nb\n", 6);
    cr_assert_eq(join_parts(), report.map_tasks);
    check_bytes(place[OUTPUT], 6);
    check(report.written == 3 && report.output_bytes == 6 && report.merge_tasks == 0);
}

Test(direct, no_input_gives_an_empty_output_and_a_directory_an_empty_part)
{
    write_file("input", "", 0);
    config.output = place[OUTPUT];
    check_run(&lines);
    check_bytes(place[OUTPUT], 0);
    config.input_count = 0;
    config.input_list = "a list of none"; /* else it is a mistake */
    check_run(&lines);
    check_bytes(place[OUTPUT], 0);
    config.output = NULL;
    config.output_dir = place[PARTS];
    check_run(&lines);
    cr_assert_eq(join_parts(), 1);
}

Test(direct, mappers_that_die_and_files_that_are_damaged_change_nothing)
{
    uint64_t retried = 0, rerun = 0;
    make_text();
    config.split_size = 25000;
    config.max_attempts = 20; /* chaos and deaths may meet at one task */
    for (uint64_t seed = 0; seed < 12; seed++) {
        const struct mr_job *job = jobs[seed % 2];
        struct mr_job rewritten = *job;
        rewritten.rekey = job == &words ? rekey : NULL;
        want_all(job);
        config.chaos_seed = seed;
        config.chaos_percent = seed < 4 ? 0 : 50;
        *deaths = seed < 8 ? 2 : 0;
        config.output = seed % 3 ? place[OUTPUT] : NULL;
        config.output_dir = seed % 3 ? NULL : place[PARTS];
        check_run(&rewritten);
        check(config.output != NULL || join_parts() == SIZE / 25000);
        check_bytes(place[OUTPUT], wanted.size);
        retried += report.retried;
        rerun += report.rerun;
    }
    cr_assert(retried >= 16 && rerun > 0, "%llu tried again, %llu done again",
              (unsigned long long)retried, (unsigned long long)rerun);
}

Test(direct, a_run_that_was_interrupted_is_gone_on_with)
{
    make_text();
    want_all(&lines);
    config.mappers = 1;
    config.split_size = 40000;
    config.work_dir = place[KEPT];
    config.max_attempts = 1;
    config.output = place[OUTPUT];
    *deaths = 1;
    must_fail(mr_run(&lines, NULL, &config, &report, &err), "status 9");
    config.resume = true;
    config.no_reduce = false;
    must_fail(mr_run(&lines, NULL, &config, &report, &err), "mr_config.reducers was 0, now it is 1");
    config.no_reduce = true;
    config.output = "/dev/full";
    must_fail(mr_run(&lines, NULL, &config, &report, &err), "cannot write '/dev/full'");
    cr_assert(report.resumed > 0 && report.resumed < 10);
    config.output = place[OUTPUT];
    check_run(&lines);
    cr_assert_eq(report.resumed, 10);
    check_bytes(place[OUTPUT], wanted.size);
}

Test(direct, streams_keep_their_order_too)
{
    make_text();
    config.input_count = 3; /* a file before it, and one behind it */
    for (int j = 0; j < 4; j++) {
        config.output = j % 3 ? place[OUTPUT] : NULL;
        config.output_dir = j % 3 ? NULL : place[PARTS];
        struct mr_job job = *jobs[j % 2];
        want_all(&job);
        job.rekey = j % 2 ? rekey : NULL;
        config.chaos_percent = j < 2 ? 0 : 30;
        pid_t writer = feed_input(text, SIZE);
        must(mr_run(&job, NULL, &config, &report, &err));
        check_writer(writer);
        check(config.output != NULL || join_parts() == report.map_tasks);
        size_t size = wanted.size;
        for (int i = 1; i < 3; i++) {
            must(mr_buffer_reserve(&wanted, size) ? 0 : -1);
            must(mr_buffer_add(&wanted, wanted.at, size));
        }
        check_bytes(place[OUTPUT], 3 * size);
        cr_assert_geq(report.map_tasks, 3);
    }
}

static int drop(const void *state, struct mr_key *key, uint64_t *value,
                struct mr_context *context)
{
    (void)context, (void)state, (void)key, (void)value;
    return 0;
}

static void take_warning(void *arg, const struct mr_event *event)
{
    if (event->type == MR_EVENT_MESSAGE && event->level == MR_WARNING)
        snprintf(arg, 512, "%s", event->text);
}

Test(direct, a_reduce_that_is_left_out_is_told_of)
{
    char told[512] = "";
    struct mr_job job = words;
    job.reduce = drop;
    write_file("input", "b a b\n", 6);
    config.output = place[OUTPUT];
    config.listen = take_warning;
    config.listen_arg = told;
    want("b\t1\na\t1\nb\t1\n", 12);
    check_run(&job);
    check_bytes(place[OUTPUT], 12);
    cr_assert_str_eq(told, "warning: without reducers (-r 0) what the job 'words' does in its "
                           "reduce is left out");
    job.no_reduce = true; /* by its own choice */
    told[0] = '\0';
    check_run(&job);
    cr_assert_str_empty(told);
}

/* A job may choose by its options. */
static void fit(const void *state, struct mr_job *job)
{
    job->no_reduce = *(const bool *)state;
}

Test(direct, a_job_may_need_no_reducer_whatever_it_is_run_with)
{
    struct mr_job job = words;
    bool direct = true;
    job.fit = fit;
    memcpy(text, "b a b\n", 6);
    write_file("input", text, 6);
    config.output = place[OUTPUT];
    config.no_reduce = false;
    must(mr_run(&job, &direct, &config, &report, &err));
    want("b\t1\na\t1\nb\t1\n", 12);
    check_bytes(place[OUTPUT], 12);
    direct = false;
    must(mr_run(&job, &direct, &config, &report, &err));
    wanted.size = 0;
    want("b\t2\na\t1\n", 8);
    check_bytes(place[OUTPUT], 8);
}

/* ---- lines together --------------------------------------------------------------------- */

static int count_results(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                         struct mr_error *e)
{
    (void)key, (void)number, (void)value, (void)e;
    ++*(uint64_t *)arg;
    return 0;
}

Test(direct, lines_that_are_emitted_together_are_those_emitted_one_by_one)
{
    static const struct {
        enum mr_format format;
        uint64_t top;
        bool parts;
    } ways[] = { { MR_LINES, 0, false }, { MR_LINES, 100, false }, { MR_TSV, 0, false },
                 { MR_JSONL, 9000, false }, { MR_LINES, 0, true } };
    make_text();
    for (size_t i = 0; i < 2 * sizeof ways / sizeof *ways; i++) {
        uint64_t written[2], bytes[2], handed[2] = { 0, 0 };
        size_t way = i / 2;
        for (int t = 0; t < 2; t++) {
            bool together = t;
            config.format = ways[way].format;
            config.top = ways[way].top;
            config.output = ways[way].parts ? NULL : place[OUTPUT];
            config.output_dir = ways[way].parts ? place[PARTS] : NULL;
            config.split_size = i % 2 ? 30000 : 0;
            config.compress = i % 2;
            config.result = i == 1 ? count_results : NULL;
            config.result_arg = &handed[t];
            *deaths = 1;
            must(mr_run(&values, &together, &config, &report, &err));
            if (ways[way].parts)
                join_parts();
            written[t] = report.written;
            bytes[t] = report.output_bytes;
            check(report.emitted > 0 && report.emitted < SIZE);
            if (t == 0) {
                size_t size;
                char *all = read_file(place[OUTPUT], &size);
                wanted.size = 0;
                want(all, size);
                free(all);
            }
            check_bytes(place[OUTPUT], wanted.size);
        }
        check(written[0] == written[1] && bytes[0] == bytes[1] && handed[0] == handed[1]);
        check(i == 1 ? handed[0] == written[0] : handed[0] == 0);
    }
}

Test(direct, lines_are_not_emitted_together_to_a_reducer)
{
    bool together = true;
    make_text();
    config.output = place[OUTPUT];
    config.no_reduce = false;
    must_fail(mr_run(&values, &together, &config, &report, &err), "where there is a reducer");
}
