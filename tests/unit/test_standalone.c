/* A map task by itself: every key, with all its values, whatever the table has room for; large keys
 * in pieces; and a line of a result. */
#include "mapping.h"

TestSuite(standalone, .init = make_store, .fini = remove_store, .timeout = HANGS);

static const struct mr_records ends = { { { [' '] = 1, ['\n'] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state;
    return path && strstr(path, ".lines") ? &mr_lines : &ends;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    mr_count(out, "chunks", 1);
    return mr_emit_words(out, chunk);
}

static size_t lower(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    (void)state;
    for (size_t i = 0; i < size; i++)
        to[i] = key[i] >= 'A' && key[i] <= 'Z' ? key[i] + 32 : key[i];
    return size;
}

static const struct mr_job words = { .name = "words", .records = records, .map = map };
static const struct mr_job folded = { .name = "folded", .records = records, .map = map,
                                      .rekey = lower };

struct taken {
    struct pairs pairs;
    struct mr_buffer key;
    size_t pieces, fail_at;
};

static int take(void *arg, const unsigned char *bytes, size_t size, bool last, uint64_t value,
                struct mr_error *e)
{
    struct taken *t = arg;
    if (++t->pieces == t->fail_at)
        return mr_error_set(e, "no more room");
    check(mr_buffer_add(&t->key, bytes, size) == 0);
    if (!last)
        return 0;
    add_pair(&t->pairs, t->key.at, t->key.size, value);
    t->key.size = 0;
    return 0;
}

static int run(const struct mr_job *job, const char *path, uint64_t memory,
               struct mr_standalone *task, struct mr_report *report)
{
    struct mr_config config = { .inputs = &path, .input_count = 1, .memory = memory };
    memset(report, 0, sizeof *report);
    task->take = take;
    return mr_map_standalone(job, NULL, &config, task, report, &err);
}

static uint64_t count_of(const struct taken *t, const char *key)
{
    uint64_t all = 0;
    for (size_t i = 0; i < t->pairs.count; i++)
        all += compare_bytes(t->pairs.at[i].key, t->pairs.at[i].size, key, strlen(key)) == 0
                   ? t->pairs.at[i].value
                   : 0;
    return all;
}

static void free_taken(struct taken *t)
{
    free_pairs(&t->pairs);
    mr_buffer_free(&t->key);
}

Test(standalone, no_key_is_lost_whatever_the_table_holds)
{
    static char text[1 << 21];
    size_t size = 0, n = 0;
    uint64_t fewest = UINT64_MAX;
    while (size < sizeof text - 64) {
        bool long_key = n % 3 == 0;
        size += (size_t)sprintf(text + size, "%s%zu%s ", n % 5 ? "w" : "W", n % 60000 / 3,
                                long_key ? "-with-a-long-key" : "");
        n++;
    }
    for (int memory = 1; memory <= 64; memory *= 64) {
        struct taken t = { .pieces = 0 };
        struct mr_standalone task = { .arg = &t };
        struct mr_report report;
        must(run(&folded, write_file("input", text, size), (uint64_t)memory << 20, &task,
                 &report));
        uint64_t all = 0;
        for (size_t i = 0; i < t.pairs.count; i++)
            all += t.pairs.at[i].value;
        check(all == n && report.emitted == n && report.input_bytes == size);
        check(report.records == t.pairs.count && report.counter_count == 1);
        check(report.records >= 40000 && report.records < fewest); /* the larger, the fewer */
        fewest = report.records;
        free_taken(&t);
    }
}

Test(standalone, large_keys_come_in_pieces)
{
    static char text[3 << 20];
    memset(text, 'X', sizeof text);
    memcpy(text, "a ", 2);
    memcpy(text + sizeof text - 3, " a\n", 3);
    struct taken t = { .pieces = 0 };
    struct mr_standalone task = { .arg = &t };
    struct mr_report report;
    must(run(&folded, write_file("input", text, sizeof text), 1 << 20, &task, &report));
    check(count_of(&t, "a") == 2 && t.pairs.count == 2 && report.records == 2 && t.pieces > 4);
    for (size_t i = 0; i < 2; i++)
        check(t.pairs.at[i].size == 1 || t.pairs.at[i].size == sizeof text - 5);
    free_taken(&t);
}

Test(standalone, lines_that_another_program_has_cut_are_taken_as_they_are)
{
    static const char marked[] = "\xef\xbb\xbf" "a b\n", wide[] = "\xff\xfe" "a b\n";
    struct taken t = { .pieces = 0 };
    struct mr_standalone task = { .arg = &t };
    struct mr_report report;
    must(run(&words, write_file("input", marked, sizeof marked - 1), 0, &task, &report));
    check(count_of(&t, "a") == 1 && count_of(&t, "b") == 1);
    task.file = "its.lines";
    must(run(&words, write_file("input", marked, sizeof marked - 1), 0, &task, &report));
    check(count_of(&t, "\xef\xbb\xbf" "a b") == 1);
    must_fail(run(&words, write_file("input", wide, sizeof wide - 1), 0, &task, &report),
              "'its.lines' begins as a compressed file or UTF-16");
    task.inside = true;
    must(run(&words, write_file("input", wide, sizeof wide - 1), 0, &task, &report));
    check(count_of(&t, "\xff\xfe" "a b") == 1);
    free_taken(&t);
}

Test(standalone, who_takes_keys_may_fail)
{
    struct taken t = { .fail_at = 2 };
    struct mr_standalone task = { .arg = &t };
    struct mr_report report;
    must_fail(run(&words, write_file("input", "a b c", 5), 0, &task, &report), "no more room");
    must_fail(run(&words, scratch("none"), 0, &task, &report), "cannot read");
    free_taken(&t);
}

Test(standalone, a_line_is_what_a_result_has)
{
    struct mr_line line = { NULL, 0, 0 };
    static const struct {
        enum mr_format format;
        const char *line;
    } forms[] = { { MR_TSV, "a\"\xff\t12\n" }, { MR_CSV, "\"a\"\"\xff\",12\n" },
                  { MR_JSONL, "{\"word\":\"a\\\"\\udcff\",\"count\":12}\n" },
                  { MR_COLON, "a\"\xff:12\n" }, { MR_UNIQ, "     12 a\"\xff\n" } };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        must(mr_line_make(&line, forms[i].format, "a\"\xff", 3, 12, &err));
        check(line.size == strlen(forms[i].line));
        check(memcmp(line.at, forms[i].line, line.size) == 0);
    }
    free(line.at);
}
