/* Text: the very bytes that were put there reach their place in the output, in large pieces. */
#include "write/text.h"

#include "outputs.h"
#include "support.h"

#include <sys/stat.h>

static struct mr_output output;
static _Atomic uint64_t progress;

static void begin(void)
{
    make_store();
    struct mr_config config = { .output = scratch("out") };
    must(make_output(&output, &config));
}

static void end(void)
{
    mr_output_close(&output);
    remove_store();
}

TestSuite(text, .init = begin, .fini = end);

static off_t written(void)
{
    struct stat st;
    check(fstat(output.as.file.fd, &st) == 0);
    return st.st_size;
}

/* Puts bytes in pieces of at most `piece`. */
static void put(struct mr_text *text, const unsigned char *bytes, size_t size, size_t piece)
{
    for (size_t at = 0; at < size;) {
        size_t part = size - at < piece ? size - at : piece;
        unsigned char *to = mr_text_reserve(text, part, &err);
        check(to != NULL);
        memcpy(to, bytes + at, part);
        mr_text_take(text, to + part);
        at += part;
    }
}

Test(text, what_is_put_in_any_pieces_is_written_whole)
{
    static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 200000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t piece = 1000; piece <= 300000; piece *= 17) {
            struct mr_text text = { .gather = 3 * piece, .output = &output, .progress = &progress };
            unsigned char *bytes = malloc(sizes[i] + 1), *got = malloc(sizes[i] + 1);
            draw_bytes(bytes, sizes[i], NULL);
            put(&text, bytes, sizes[i], piece);
            must(mr_text_finish(&text, &err));
            check(text.bytes == sizes[i]);
            check(pread(output.as.file.fd, got, sizes[i], 0) == (ssize_t)sizes[i]);
            check_for(memcmp(got, bytes, sizes[i]) == 0, "%zu by %zu", sizes[i], piece);
            mr_text_release(&text);
            free(bytes);
            free(got);
        }
}

Test(text, it_begins_at_its_place_and_leaves_what_is_before_alone)
{
    unsigned char bytes[300], got[300];
    draw_bytes(bytes, sizeof bytes, NULL);
    struct mr_text later = { .gather = 10, .output = &output, .from = 100, .progress = &progress };
    struct mr_text first = { .gather = 1000, .output = &output, .progress = &progress };
    put(&later, bytes + 100, 200, 7);
    must(mr_text_finish(&later, &err));
    put(&first, bytes, 100, 7);
    must(mr_text_finish(&first, &err));
    cr_assert_eq(pread(output.as.file.fd, got, sizeof got, 0), (ssize_t)sizeof got);
    cr_assert_arr_eq(got, bytes, sizeof got);
    mr_text_release(&later);
    mr_text_release(&first);
}

Test(text, little_is_gathered_and_much_is_not_gathered_without_bound)
{
    unsigned char bytes[1000];
    draw_bytes(bytes, sizeof bytes, NULL);
    struct mr_text text = { .gather = 5000, .output = &output, .progress = &progress };
    put(&text, bytes, 1000, 100);
    cr_assert_eq(written(), 0);
    for (int i = 0; i < 100; i++)
        put(&text, bytes, 1000, 100);
    cr_assert_geq(written(), 96000);
    cr_assert_lt(text.buffer.capacity, 20000);
    uint64_t before = progress;
    must(mr_text_finish(&text, &err));
    cr_assert_gt(progress, before);
    cr_assert_eq(written(), 101000);
    mr_text_release(&text);
}

Test(text, what_is_added_is_written_whole_and_at_once_where_it_is_much)
{
    enum { MOST = 50000 };
    static unsigned char bytes[MOST], got[MOST];
    struct mr_text text = { .gather = 1000, .output = &output, .progress = &progress };
    size_t all = 0;
    draw_bytes(bytes, MOST, NULL);
    for (size_t n = 0; all + n < MOST; all += n, n = draw_below(3) ? draw_below(900) : 3 * n) {
        must(mr_text_add(&text, bytes + all, n, &err));
        check(n < 1000 || written() == (off_t)(all + n));
        check(text.buffer.capacity <= 2048);
    }
    must(mr_text_finish(&text, &err));
    check(text.bytes == all && pread(output.as.file.fd, got, MOST, 0) == (ssize_t)all);
    cr_assert_arr_eq(got, bytes, all);
    mr_text_release(&text);
}

Test(text, a_place_that_cannot_be_written_fails_it)
{
    struct mr_output full;
    struct mr_config config = { .output = "/dev/full" };
    must(make_output(&full, &config));
    struct mr_text text = { .gather = 100, .output = &full, .progress = &progress };
    put(&text, (const unsigned char *)"a\t1\n", 4, 4);
    must_fail(mr_text_finish(&text, &err), "cannot write '/dev/full'");
    mr_text_release(&text);
    mr_output_close(&full);
}
