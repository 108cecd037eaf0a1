/* The writer: ranges merged to text at their places, or each file of runs to a part of its own. */
#include "write/writer.h"
#include "write/format.h"

#include "outputs.h"
#include "runs.h"
#include "sort/ranges.h"

TestSuite(writer, .init = make_store, .fini = remove_store);

/* The text of pairs in the plainest format, to be freed. */
static char *text_of(const struct pairs *p, size_t *size)
{
    size_t room = 1;
    for (size_t i = 0; i < p->count; i++)
        room += p->at[i].size + 24;
    char *text = malloc(room);
    *size = 0;
    for (size_t i = 0; i < p->count; i++) {
        memcpy(text + *size, p->at[i].key, p->at[i].size);
        *size += p->at[i].size;
        *size += (size_t)sprintf(text + *size, "\t%llu\n", (unsigned long long)p->at[i].value);
    }
    return text;
}

static const struct mr_write_plan plain = { .format = MR_TSV, .scale = { mr_format_size, MR_TSV, NULL },
                                            .run_payload = RUN_ROOM };

static void write_range(struct mr_output *o, const struct mr_write_range *range,
                        struct mr_ordering order, struct mr_write_result *result)
{
    struct mr_write_plan plan = plain;
    _Atomic uint64_t progress = 0;
    plan.order = order;
    must(mr_write_run(&plan, range, store, o, result, &progress, &err));
}

static void open_output(struct mr_output *o, const char *file, const char *directory)
{
    struct mr_config config = { .output = file, .output_dir = directory };
    must(make_output(o, &config));
}

/* Writes all there is in one range; returns the text, to be freed. */
static char *write_all(struct mr_write_range range, struct mr_ordering order, size_t *size,
                       struct mr_write_result *result)
{
    struct mr_output o;
    open_output(&o, scratch("out"), NULL);
    write_range(&o, &range, order, result);
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    char *text = read_file(scratch("out"), size);
    check(result->from == 0 && result->bytes == *size);
    return text;
}

static void check_text(char *got, size_t got_size, const struct pairs *p)
{
    size_t size;
    char *wanted = text_of(p, &size);
    check_for(got_size == size, "%zu bytes, not %zu", got_size, size);
    check(memcmp(got, wanted, size) == 0);
    free(wanted);
    free(got);
}

/* Checks that all parts in a row have the text of pairs. */
static void check_parts(const struct pairs *p)
{
    char *text = NULL;
    size_t size = 0, part;
    for (int i = 0; i < RUN_FILES; i++) {
        char name[64];
        snprintf(name, sizeof name, "parts/part-r-%05d", i);
        char *one = read_file(scratch(name), &part);
        text = realloc(text, size + part + 1);
        memcpy(text + size, one, part);
        size += part;
        free(one);
    }
    check_text(text, size, p);
}

Test(writer, all_runs_are_one_text_in_order)
{
    for (int round = 0; round < 12; round++) {
        struct run_files f;
        struct mr_write_result result;
        size_t size;
        make_runs(&f, all_orderings[round % ORDERINGS], 4, round < 4 ? 8000 : 300, 100, round % 2, true);
        struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES,
                                        .limit = MR_ALL };
        char *text = write_all(range, f.order, &size, &result);
        check(result.records == f.all.count);
        check_text(text, size, &f.all);
        free_runs(&f);
    }
}

Test(writer, a_limit_ends_the_text_there)
{
    struct run_files f;
    make_runs(&f, all_orderings[0], 4, 300, 100, false, false);
    for (uint64_t limit = 0; limit < f.all.count + 50; limit += 37) {
        struct mr_write_result result;
        size_t size, count = limit < f.all.count ? (size_t)limit : f.all.count;
        struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES, .limit = limit };
        char *text = write_all(range, f.order, &size, &result);
        struct pairs first = { f.all.at, count, 0 };
        check(result.records == count);
        check_text(text, size, &first);
    }
    free_runs(&f);
}

Test(writer, with_a_part_a_file_each_gets_its_own_share_of_the_first)
{
    struct run_files f;
    struct mr_write_result result;
    struct pairs wanted = { NULL, 0, 0 };
    size_t limit = 200;
    make_runs(&f, all_orderings[0], 4, 300, 1000000, false, false);
    check(f.all.count > limit);
    /* The first of all, in the order of the files they are of. */
    for (uint32_t file = 0; file < RUN_FILES; file++) {
        struct pairs own = { NULL, 0, 0 };
        struct mr_merge m;
        struct mr_run_reader *next;
        must(mr_merge_init(&m, f.runs[file].count, RUN_ROOM, store, f.order, &err));
        for (size_t i = 0; i < f.runs[file].count; i++)
            must(mr_merge_add(&m, &f.runs[file], &f.runs[file].at[i], 0, NULL));
        while (mr_merge_next(&m, &next) > 0)
            add_record(&own, &next->current.record, (struct mr_key_place){ NULL, 0, NULL });
        mr_merge_release(&m);
        plain_order = f.order;
        for (size_t i = 0; i < own.count; i++)
            if (compare_pairs(&own.at[i], &f.all.at[limit]) < 0)
                add_pair(&wanted, own.at[i].key, own.at[i].size, own.at[i].value);
        free_pairs(&own);
    }
    struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES, .limit = limit,
                                    .part_a_file = true };
    struct mr_output o;
    open_output(&o, NULL, scratch("parts"));
    write_range(&o, &range, f.order, &result);
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    cr_assert_eq(result.records, limit);
    check_parts(&wanted);
    free_pairs(&wanted);
    free_runs(&f);
}

Test(writer, ranges_in_any_order_and_twice_make_the_whole_text)
{
    for (int round = 0; round < 16; round++) {
        enum { RANGES = 5 };
        struct run_files f;
        struct mr_point bounds[RANGES];
        struct mr_output o;
        size_t size;
        make_runs(&f, all_orderings[round % ORDERINGS], 4, round < 4 ? 8000 : 300, 100, round % 2, true);
        int found = mr_ranges_find(bounds, RANGES, f.runs, RUN_FILES, RUN_ROOM, store, f.order,
                                   &err);
        must(found);
        open_output(&o, scratch("out"), NULL);
        uint64_t bytes = 0, end = 0;
        for (int i = found; i >= -1; i--) { /* the first is written once more */
            int number = i < 0 ? 0 : i;
            struct mr_write_result result;
            struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES,
                                            .from = number > 0 ? &bounds[number - 1] : NULL,
                                            .until = number < found ? &bounds[number] : NULL,
                                            .limit = MR_ALL };
            write_range(&o, &range, f.order, &result);
            check(i < 0 || i == found || result.from + result.bytes == end);
            end = result.from;
            bytes += i < 0 ? 0 : result.bytes;
        }
        check(end == 0);
        must(mr_output_commit(&o, &err));
        mr_output_close(&o);
        char *text = read_file(scratch("out"), &size);
        check(bytes == size);
        check_text(text, size, &f.all);
        free_runs(&f);
    }
}

/* Changes a byte in the midst of a file of runs. */
static void flip(struct mr_spool *s)
{
    unsigned char byte;
    off_t at = (off_t)(s->size / 4 * 3);
    check(pread(s->fd, &byte, 1, at) == 1);
    byte ^= 1;
    check(pwrite(s->fd, &byte, 1, at) == 1);
}

Test(writer, a_stream_goes_on_where_it_was_when_what_was_damaged_is_made_again)
{
    struct run_files f;
    struct mr_sent sent = { 0 };
    struct mr_output o = { .kind = MR_OUTPUT_STREAM, .opened = -1 };
    struct mr_write_result result;
    struct mr_write_plan plan = plain;
    _Atomic uint64_t progress = 0;
    size_t size;
    do {
        make_runs(&f, all_orderings[0], 1, 20000, 1000000, false, false);
        if (f.runs[0].count > 0 && f.spools[0].size > 100000)
            break;
        free_runs(&f);
    } while (true);
    int fd = open(scratch("stream"), O_CREAT | O_WRONLY, 0600);
    o.as.stream = (struct mr_stream){ fd, "stream", &sent };
    plan.order = f.order;
    struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES, .limit = MR_ALL };
    flip(&f.spools[0]);
    must_fail(mr_write_run(&plan, &range, store, &o, &result, &progress, &err), "damaged");
    check(!err.final && sent.sent > 0 && !mr_output_is_sending(&o));
    flip(&f.spools[0]);
    must(mr_write_run(&plan, &range, store, &o, &result, &progress, &err));
    close(fd);
    char *text = read_file(scratch("stream"), &size);
    check_text(text, size, &f.all);
    free_runs(&f);
}
