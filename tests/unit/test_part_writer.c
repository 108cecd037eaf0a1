/* Parts that are written by the tasks that make them: the same as by way of runs and a merge. */
#include "write/part_writer.h"
#include "write/pair.h"

#include "outputs.h"
#include "runs.h"

static struct mr_output output;
static _Atomic uint64_t progress;

static void begin(void)
{
    make_store();
    struct mr_config config = { .output_dir = scratch("parts") };
    must(make_output(&output, &config));
}

static void end(void)
{
    mr_output_close(&output);
    remove_store();
}

TestSuite(part_writer, .init = begin, .fini = end, .timeout = HANGS);

enum { VALUE_MAX = RUN_KEY_MAX, LARGEST = 300000 };

/* What records are emitted to. */
struct emitting {
    struct mr_spool spool;
    struct mr_block_writer blocks;
    struct mr_key_writer keys;
    struct mr_direct_plan plan;
    struct mr_direct direct;
};

static void open_direct(struct emitting *e, bool pack_lines, struct mr_direct_sink *sink)
{
    e->plan = (struct mr_direct_plan){ .run_payload = RUN_ROOM, .top = MR_ALL, .sink = sink,
                                       .pack_lines = pack_lines };
    mr_spool_create(&e->spool, store, sink ? "with-sink" : "with-runs", 0);
    must(mr_block_writer_init(&e->blocks, &e->spool, store, 0, true, &err));
    must(mr_key_writer_init(&e->keys, &e->blocks, RUN_ROOM, &err));
    must(mr_direct_init(&e->direct, &e->plan, true, VALUE_MAX, &e->blocks, &e->keys, &err));
}

static void close_direct(struct emitting *e, struct mr_block_link *runs)
{
    must(mr_direct_finish(&e->direct, runs));
    must(mr_spool_finish(&e->spool, store, &err));
    must(mr_spool_commit(&e->spool, store, &err));
    mr_direct_release(&e->direct);
    mr_key_writer_release(&e->keys);
    mr_block_writer_release(&e->blocks);
}

/* Sizes at which something else begins, and others. */
static size_t draw_size(void)
{
    static const size_t edges[] = { 0, 1, VALUE_MAX - 1, VALUE_MAX, 65535, 65536, LARGEST };
    return draw_below(4) ? draw_below(3 * VALUE_MAX) : edges[draw_below(7)];
}

/* Emits some records, in every way there is, the same for the same seed. */
static void emit(struct mr_direct *d, uint64_t seed, size_t count)
{
    static unsigned char bytes[LARGEST];
    random_state = seed;
    for (size_t i = 0; i < count; i++) {
        size_t size = draw_size(), cut = draw_below(size + 1);
        struct mr_record key = { (const unsigned char *)"key", (uint32_t)draw_below(4), false, 0 };
        draw_bytes(bytes, size, "ab,\"\t\xc3");
        for (size_t ends = draw_below(2) * draw_below(size / 8 + 1); ends > 0; ends--)
            bytes[draw_below(size)] = '\n';
        switch (draw_below(3)) {
        case 0:
            must(mr_direct_add_lines(d, bytes, size));
            break;
        case 1:
            must(mr_direct_add_value(d, &key, bytes, size));
            break;
        case 2:
            must(mr_direct_begin(d, &key));
            must(mr_direct_extend(d, bytes, cut));
            must(mr_direct_extend(d, bytes + cut, size - cut));
            must(mr_direct_end(d));
            break;
        }
    }
}

/* Writes them as a part, by way of a run. */
static void write_by_run(const struct mr_write_plan *plan, bool pack_lines, uint64_t seed,
                         size_t count, uint32_t part, struct mr_write_result *result)
{
    struct emitting e;
    struct mr_block_link at;
    struct mr_runs runs = { .count = 0 };
    open_direct(&e, pack_lines, NULL);
    emit(&e.direct, seed, count);
    close_direct(&e, &at);
    must(mr_runs_read(&runs, &e.spool, store, 0, at, &err));
    struct mr_write_range range = { .files = &runs, .file_count = 1, .in_sequence = true,
                                    .limit = MR_ALL, .part = part };
    must(mr_write_run(plan, &range, store, &output, result, &progress, &err));
    free(runs.at);
    mr_spool_drop(&e.spool, store);
}

/* The same as they come. */
static void write_at_once(const struct mr_write_plan *plan, bool pack_lines, uint64_t seed,
                          size_t count, uint32_t part, struct mr_write_result *result)
{
    struct emitting e;
    struct mr_block_link at;
    struct mr_part_writer w;
    mr_part_writer_init(&w, plan, &output, part, &progress);
    open_direct(&e, pack_lines, &w.sink);
    emit(&e.direct, seed, count);
    check(mr_direct_kept(&e.direct) == w.written.records);
    close_direct(&e, &at);
    check(at.offset == 0);
    must(mr_part_writer_finish(&w, result, &err));
    mr_part_writer_release(&w);
    mr_spool_drop(&e.spool, store);
}

static char *read_part(uint32_t part, size_t *size)
{
    char path[sizeof store->directory + 100];
    snprintf(path, sizeof path, "/proc/self/fd/%d/part-r-%05u", output.as.parts.fd, part);
    return read_file(path, size);
}

static void check_same_parts(void)
{
    size_t sizes[2];
    char *parts[2] = { read_part(0, &sizes[0]), read_part(1, &sizes[1]) };
    check_for(sizes[0] == sizes[1], "%zu bytes, not %zu", sizes[1], sizes[0]);
    check(memcmp(parts[0], parts[1], sizes[0]) == 0);
    free(parts[0]);
    free(parts[1]);
}

Test(part_writer, what_is_emitted_is_the_same_part_as_by_way_of_a_run)
{
    static const enum mr_format formats[] = { MR_LINES, MR_TSV, MR_CSV, MR_JSONL, MR_COLON };
    for (uint64_t seed = 1; seed < 60; seed++) {
        enum mr_format format = formats[seed % 5];
        struct mr_write_plan plan = { .format = format, .scale = { mr_pair_size, format, NULL },
                                      .order = { .values = true }, .pairs = true,
                                      .run_payload = RUN_ROOM };
        struct mr_write_result by_run, at_once;
        bool pack_lines = format == MR_LINES && seed % 2;
        size_t count = seed % 7 * 20;
        write_by_run(&plan, pack_lines, seed, count, 0, &by_run);
        write_at_once(&plan, pack_lines, seed, count, 1, &at_once);
        check_same_parts();
        check(by_run.records == at_once.records && by_run.lines == at_once.lines);
        check(by_run.bytes == at_once.bytes);
    }
}

static const struct mr_write_plan lines_plan = { .format = MR_LINES, .pairs = true };

static void check_part(uint32_t part, const char *wanted)
{
    size_t size;
    char *got = read_part(part, &size);
    check_for(size == strlen(wanted) && memcmp(got, wanted, size) == 0, "'%s', not '%s'", got,
              wanted);
    free(got);
}

/* Begins a part with a line that is written once so many bytes have gathered. */
static void begin_part(struct mr_part_writer *w, uint32_t part, const char *line, size_t gather)
{
    mr_part_writer_init(w, &lines_plan, &output, part, &progress);
    w->text.gather = gather;
    must(w->sink.lines(&w->sink, (const unsigned char *)line, strlen(line), 1, &err));
}

Test(part_writer, an_attempt_begins_anew_what_another_has_left)
{
    struct mr_part_writer w;
    struct mr_write_result written;
    begin_part(&w, 7, "much that has been written", 1);
    must(mr_text_add(&w.text, "", 0, &err)); /* the end of the line, too */
    mr_part_writer_release(&w); /* it dies */
    check_part(7, "much that has been written\n");
    begin_part(&w, 7, "little", 100);
    must(mr_part_writer_finish(&w, &written, &err));
    mr_part_writer_release(&w);
    check_part(7, "little\n");
    check(written.records == 1 && written.lines == 1 && written.bytes == 7 && written.from == 0);
    mr_part_writer_init(&w, &lines_plan, &output, 7, &progress);
    must(mr_part_writer_finish(&w, &written, &err));
    mr_part_writer_release(&w);
    check_part(7, "");
    check(written.records == 0 && written.bytes == 0);
}

Test(part_writer, a_file_ends_where_its_last_attempt_has_ended)
{
    struct mr_config config = { .output = scratch("out") };
    struct mr_output file;
    must(make_output(&file, &config));
    for (int attempt = 0; attempt < 2; attempt++) {
        const char *line = attempt == 0 ? "much that has been written" : "little";
        struct mr_part_writer w;
        struct mr_write_result written;
        mr_part_writer_init(&w, &lines_plan, &file, 0, &progress);
        must(w.sink.lines(&w.sink, (const unsigned char *)line, strlen(line), 1, &err));
        must(mr_part_writer_finish(&w, &written, &err));
        mr_part_writer_release(&w);
        check(written.from == 0 && written.bytes == strlen(line) + 1);
    }
    must(mr_output_commit(&file, &err));
    mr_output_close(&file);
    check_content("out", "little\n");
}

Test(part_writer, a_part_that_cannot_be_written_fails_it)
{
    struct mr_part_writer w;
    struct mr_write_result written;
    check(symlinkat("/dev/full", output.as.parts.fd, "part-r-00003") == 0);
    begin_part(&w, 3, "a line", 100);
    must_fail(mr_part_writer_finish(&w, &written, &err), "in output directory");
    mr_part_writer_release(&w);
    check(unlinkat(output.as.parts.fd, "part-r-00003", 0) == 0);
}
