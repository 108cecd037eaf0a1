/* A result that the program is handed itself: record by record the same as in the output. */
#include "mapreduce.h"

#include "support.h"

#include <errno.h>
#include <sys/wait.h>

static struct mr_report report;
static struct mr_config config;
static char place[3][sizeof ((struct mr_store *)NULL)->directory + 32];
static const char *inputs[] = { place[0] };

enum { INPUT, OUTPUT, TEMPORARY };

/* What was handed over, as TSV. */
static struct handed {
    char *text;
    size_t size, room;
    uint64_t records, limit;
    bool whole;   /* each is asked for in one piece, */
    bool tried;   /* and read piece by piece where that is refused */
    bool bytes;   /* the job's values are */
    size_t pieces; /* that the largest came in */
    pid_t pid;
} handed;

static void add(const void *bytes, size_t size)
{
    if (handed.size + size + 1 > handed.room) {
        handed.room = 2 * (handed.size + size + 1);
        handed.text = realloc(handed.text, handed.room);
        check(handed.text != NULL);
    }
    memcpy(handed.text + handed.size, bytes, size);
    handed.size += size;
    handed.text[handed.size] = '\0';
}

static int add_key(struct mr_key *key)
{
    const unsigned char *bytes;
    size_t size, pieces = 0;
    int more;
    if (handed.whole) {
        if (mr_key_whole(key, &bytes, &size) == 0) {
            add(bytes, size);
            return 0;
        }
        if (!handed.tried)
            return -1;
    }
    for (; (more = mr_key_next(key, &bytes, &size)) > 0; pieces++) {
        check(size > 0 || pieces == 0);
        add(bytes, size);
    }
    if (pieces > handed.pieces)
        handed.pieces = pieces;
    return more;
}

static int take(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                struct mr_error *failure)
{
    char text[32];
    check(arg == &handed && getpid() == handed.pid && (value != NULL) == handed.bytes);
    if (handed.records == handed.limit)
        return handed.limit % 2 ? 1 : mr_error_set(failure, "enough of '%s'", "it\n");
    handed.records++;
    if (add_key(key) < 0)
        return -1;
    add("\t", 1);
    if (value != NULL) {
        if (number != 0 || add_key(value) < 0)
            return -1;
    } else {
        add(text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)number));
    }
    add("\n", 1);
    return 0;
}

static void begin(void)
{
    static const char *const names[] = { "input", "out", "temporary" };
    make_store();
    for (int i = 0; i < 3; i++)
        strcpy(place[i], scratch(names[i]));
    check(mkdir(place[TEMPORARY], 0700) == 0);
    config = (struct mr_config){ .inputs = inputs, .input_count = 1, .memory = MR_MEMORY_MIN,
                                 .mappers = 2, .reducers = 3, .temp_dir = place[TEMPORARY],
                                 .output = place[OUTPUT], .result = take, .result_arg = &handed };
}

static void end(void)
{
    free(handed.text);
    remove_store();
}

TestSuite(handover, .init = begin, .fini = end, .timeout = HANGS);

/* ---- jobs ------------------------------------------------------------------------------- */

static int map_lines(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit(out, line, size, size) < 0)
            return -1;
    return 0;
}

static int map_pairs(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit_value(out, line, size / 2, line + size / 2, size - size / 2) < 0)
            return -1;
    return 0;
}

/* Every other key's value becomes a key of its own. */
static int reduce_pairs(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    const unsigned char *bytes, *name;
    size_t size, name_size;
    (void)state;
    if (mr_values_next(values) < 0 || mr_values_whole(values, &bytes, &size) < 0 ||
        mr_key_whole(key, &name, &name_size) < 0)
        return -1;
    bool own = name_size % 2 == 0;
    return mr_emit_result(out, own ? bytes : NULL, own ? size : 0, own ? name : bytes,
                          own ? name_size : size);
}

static const struct mr_job numbers = { .name = "numbers", .map = map_lines,
                                       .whole_records = true };
static const struct mr_job pairs = { .name = "pairs", .values = MR_BYTES, .map = map_pairs,
                                     .whole_records = true, .reduce_values = reduce_pairs };

/* Lines of a few bytes and some of up to `longest`. */
static void make_text(size_t longest)
{
    enum { SIZE = 1200000 };
    static unsigned char text[SIZE];
    draw_bytes(text, SIZE, "abcdefghijklmnopqrstuvwxyz");
    for (size_t at = 0, n = 1; at < SIZE; n++) {
        text[at] = '\n';
        at += n % 600 == 0 ? longest - n % 7 : 2 + n * n % 13;
    }
    text[SIZE - 1] = '\n';
    write_file("input", text, SIZE);
}

static int run(const struct mr_job *job)
{
    handed.size = handed.records = handed.pieces = 0;
    handed.bytes = job->values == MR_BYTES;
    handed.pid = getpid();
    add("", 0);
    int result = mr_run(job, NULL, &config, &report, &err);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    check(rmdir(place[TEMPORARY]) == 0 && mkdir(place[TEMPORARY], 0700) == 0);
    return result;
}

static void check_same_as_output(void)
{
    size_t size;
    char *got = read_file(place[OUTPUT], &size);
    check_for(size == handed.size && memcmp(got, handed.text, size) == 0,
              "%zu bytes in the output, %zu handed over", size, handed.size);
    check(report.written == handed.records && report.output_bytes == size);
    free(got);
}

/* ---- tests ------------------------------------------------------------------------------ */

Test(handover, it_is_the_result_in_its_order_whatever_the_job)
{
    handed.limit = UINT64_MAX;
    for (int i = 0; i < 16; i++) {
        const struct mr_job *job = i % 2 ? &pairs : &numbers;
        make_text(i % 8 < 4 ? 20 : 250000);
        config.order = i % 2 ? MR_BY_KEY : (enum mr_order)(i / 2 % MR_ORDERS);
        config.no_reduce = i >= 12;
        config.split_size = i % 3 ? 100000 : 0;
        config.top = i % 5 == 4 ? 100 : 0;
        config.reverse = i % 7 == 6;
        config.compress = i % 3 == 2;
        must(run(job));
        check_same_as_output();
        if (i % 8 >= 4 && config.top == 0)
            check(handed.pieces > 1);
        config.output = NULL;
        struct handed before = handed;
        handed.text = NULL;
        handed.room = 0;
        must(run(job));
        check(handed.size == before.size && memcmp(handed.text, before.text, before.size) == 0);
        check(report.written == handed.records && report.output_bytes == 0);
        free(before.text);
        config.output = place[OUTPUT];
    }
}

Test(handover, what_is_asked_for_in_one_piece_comes_in_one)
{
    handed.limit = UINT64_MAX;
    handed.whole = true;
    make_text(250000);
    config.order = MR_BY_KEY;
    must(run(&pairs));
    check_same_as_output();
    must(run(&numbers));
    check_same_as_output();
    /* Larger than that can be. */
    static unsigned char large[3 << 19];
    memset(large, 'x', sizeof large);
    write_file("input", large, sizeof large);
    must_fail(run(&numbers), "a key of 1572864 bytes is too large to be held in memory: "
                             "mr_config.memory=25M would do, at the key 'xxxx");
    config.memory = 25 << 20;
    must(run(&numbers));
    check_same_as_output();
    config.memory = MR_MEMORY_MIN;
    handed.whole = false;
    must(run(&numbers));
    check_same_as_output();
}

Test(handover, one_that_could_not_be_whole_has_no_part_in_what_fails_later)
{
    enum { SIZE = 3 << 19 };
    static unsigned char lines[SIZE + 4];
    memset(lines, 'x', SIZE);
    memcpy(lines + SIZE, "\nb\na", 4);
    write_file("input", lines, sizeof lines);
    handed.whole = handed.tried = true;
    handed.limit = UINT64_MAX;
    must(run(&numbers));
    check_same_as_output();
    unlink(place[OUTPUT]);
    for (handed.limit = 1; handed.limit < 3; handed.limit++) {
        must_fail(run(&numbers), handed.limit % 2 ? "the program that ran the job took no more"
                                                  : "enough of 'it\\n'");
        check(strstr(err.text, "at the key") == NULL && strstr(err.text, "too large") == NULL);
    }
}

Test(handover, a_program_that_takes_no_more_ends_the_run_and_there_is_no_output)
{
    make_text(20);
    for (handed.limit = 4; handed.limit < 6; handed.limit++) {
        unlink(place[OUTPUT]);
        must_fail(run(&numbers), handed.limit % 2 ? "the program that ran the job took no more"
                                                  : "enough of 'it\\n'");
        check(handed.records == handed.limit && access(place[OUTPUT], F_OK) < 0);
    }
}

Test(handover, it_is_what_the_ordered_parts_of_a_directory_hold)
{
    handed.limit = UINT64_MAX;
    config.output = NULL;
    config.output_dir = place[OUTPUT];
    config.ordered_parts = true;
    for (int i = 0; i < 8; i++) {
        char part[sizeof place[OUTPUT] + 24];
        size_t at = 0, size;
        make_text(i % 2 ? 20 : 250000);
        config.order = i % 4 ? MR_BY_KEY : MR_BY_VALUE;
        config.top = i == 7 ? 100 : 0;
        must(run(i % 4 ? &pairs : &numbers));
        for (unsigned n = 0; n < config.reducers; n++) {
            snprintf(part, sizeof part, "%s/part-r-%05u", place[OUTPUT], n);
            char *got = read_file(part, &size);
            check(at + size <= handed.size && memcmp(got, handed.text + at, size) == 0);
            at += size;
            free(got);
        }
        check(at == handed.size && report.written == handed.records);
        nftw(place[OUTPUT], remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

Test(handover, of_nothing_nothing_is_handed_over)
{
    write_file("input", "", 0);
    must(run(&numbers));
    check(handed.records == 0 && report.written == 0);
    config.output = NULL;
    must(run(&numbers));
    check(handed.records == 0);
}
