/* Text: the very bytes that were formatted reach the output, or an error does. */
#include "texts.h"

TestSuite(text, .init = make_store, .fini = remove_store, .timeout = 60);

static unsigned char *draw_text(size_t size)
{
    unsigned char *bytes = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)draw();
    return bytes;
}

Test(text, what_is_written_in_any_pieces_is_copied_whole)
{
    static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 200000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t piece = 1000; piece <= 300000; piece *= 17) {
            struct mr_spool spool;
            size_t size;
            unsigned char *bytes = draw_text(sizes[i]);
            write_text(&spool, "text", 7, bytes, sizes[i], piece);
            check(sizes[i] > 0 || spool.size == 0);
            char *got = read_text(&spool, 7, &size);
            check_for(size == sizes[i] && memcmp(got, bytes, size) == 0, "%zu by %zu", sizes[i],
                      piece);
            mr_spool_drop(&spool, store);
            free(bytes);
            free(got);
        }
}

/* A copy that must fail for the text's sake, and gives no byte that was not written. */
static void must_be_damaged(const struct mr_spool *spool, uint32_t number,
                            const unsigned char *bytes)
{
    static _Atomic uint64_t progress;
    size_t size;
    int out = open(scratch("copy"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    struct mr_text_copy copy = { .out = out, .progress = &progress };
    must_fail(mr_text_copy(&copy, spool, store, number, &err), "damaged");
    check(!copy.writing && err.damaged == 1 && !err.final);
    close(out);
    char *got = read_file(scratch("copy"), &size);
    check(size == copy.copied && memcmp(got, bytes, size) == 0);
    free(got);
}

Test(text, any_byte_wrong_is_seen_before_it_is_copied)
{
    struct mr_spool spool;
    unsigned char *bytes = draw_text(900);
    store->allowed = 0;
    write_text(&spool, "text", 0, bytes, 900, 50);
    int fd = open(scratch("text"), O_RDWR);
    for (off_t at = 0; at < (off_t)spool.size; at++) {
        unsigned char byte, wrong;
        check(pread(fd, &byte, 1, at) == 1);
        wrong = (unsigned char)(byte ^ 1 << draw_below(8));
        check(pwrite(fd, &wrong, 1, at) == 1);
        must_be_damaged(&spool, 0, bytes);
        check(pwrite(fd, &byte, 1, at) == 1);
    }
    must_be_damaged(&spool, 1, bytes); /* another text's */
    for (off_t size = (off_t)spool.size - 1; size >= 0; size -= 7) {
        check(ftruncate(fd, size) == 0);
        must_be_damaged(&spool, 0, bytes);
    }
    close(fd);
    mr_spool_drop(&spool, store);
    free(bytes);
}

Test(text, a_file_that_cannot_be_written_is_told_apart)
{
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    write_text(&spool, "text", 0, "a\t1\n", 4, 4);
    int full = open("/dev/full", O_WRONLY);
    struct mr_text_copy copy = { .out = full, .progress = &progress };
    cr_assert_eq(mr_text_copy(&copy, &spool, store, 0, &err), -1);
    cr_assert(copy.writing);
    cr_assert_eq(copy.copied, 0);
    close(full);
    mr_spool_drop(&spool, store);
}
