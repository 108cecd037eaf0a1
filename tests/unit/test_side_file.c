/* A side file: it takes what it takes, and nobody waits. */
#include "program/side_file.h"

#include "support.h"

#include <errno.h>
#include <sys/resource.h>

TestSuite(side_file, .init = make_store, .fini = remove_store, .timeout = HANGS);

Test(side_file, pieces_stand_one_behind_the_other_in_place_of_what_was_there)
{
    struct mr_side_file b;
    const char *path = write_file("beside", "older and longer", 16);
    must(mr_side_file_open(&b, path));
    mr_side_file_put(&b, "one ", 4);
    mr_side_file_put(&b, "two", 3);
    mr_side_file_close(&b);
    char text[32];
    FILE *file = fopen(path, "r");
    size_t n = fread(text, 1, sizeof text, file);
    fclose(file);
    cr_assert(n == 7 && memcmp(text, "one two", 7) == 0);
    cr_assert(b.error == 0 && b.lost == 0 && b.size == 7);
}

Test(side_file, where_it_fails_it_ends_behind_a_whole_piece)
{
    struct mr_side_file b;
    struct stat st;
    const char *path = write_file("limited", "", 0);
    signal(SIGXFSZ, SIG_IGN);
    must(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 10, 10 }));
    must(mr_side_file_open(&b, path));
    mr_side_file_put(&b, "123456", 6);
    mr_side_file_put(&b, "789012", 6);
    mr_side_file_put(&b, "x", 1);
    mr_side_file_close(&b);
    cr_assert_eq(b.error, EFBIG);
    cr_assert(stat(path, &st) == 0 && st.st_size == 6, "%lld", (long long)st.st_size);
}

Test(side_file, what_cannot_be_opened_says_why_and_takes_nothing)
{
    struct mr_side_file b;
    cr_assert_eq(mr_side_file_open(&b, "/none/there"), -1);
    cr_assert_eq(b.error, ENOENT);
    mr_side_file_put(&b, "x", 1);
    mr_side_file_close(&b);
    cr_assert_eq(b.size, 0);
}
