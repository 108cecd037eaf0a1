/* Names of files in open directories: listed, drawn, given and exchanged. */
#include "base/file_name.h"

#include "base/io.h"
#include "support.h"

#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>

TestSuite(file_name, .init = make_store, .fini = remove_store);

static void count_name(void *arg, int directory, const char *name)
{
    check(faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    unlinkat(directory, name, 0);
    ++*(int *)arg;
}

Test(file_name, each_name_of_a_directory_is_told_once_even_if_it_is_removed_then)
{
    enum { MANY = 3000 }; /* many calls of the kernel's */
    for (int i = 0; i < MANY; i++) {
        char name[64];
        snprintf(name, sizeof name, "%d-as-long-as-names-of-files-can-well-be", i);
        write_file(name, "", 0);
    }
    for (int again = 0; again < 2; again++) {
        int count = 0;
        check(mr_directory_each(store->fd, count_name, &count) == 0);
        check_for(count == (again ? 0 : MANY), "%d names", count);
    }
    int pipes[2], count = 0;
    check(pipe(pipes) == 0);
    cr_assert_eq(mr_directory_each(pipes[0], count_name, &count), -1);
    cr_assert_eq(mr_directory_each(-1, count_name, &count), -1);
    close(pipes[0]);
    close(pipes[1]);
}

Test(file_name, the_directory_that_a_name_is_in_is_found)
{
    static const struct {
        const char *path, *name;
    } cases[] = { { "a/b", "b" },     { "a/b///", "b" }, { "a//b", "b" },  { "b", "b" },
                  { "b/", "b" },      { "/", "." },      { "/b", "b" },    { "//", "." },
                  { "a/..", ".." },   { ".", "." },      { "a/b/c", "c" } };
    char name[MR_NAME_SIZE], far[5000];
    check(chdir(store->directory) == 0 && mkdir("a", 0700) == 0 && mkdir("a/b", 0700) == 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = mr_open_parent(cases[i].path, name);
        check_for(fd >= 0 && strcmp(name, cases[i].name) == 0, "%s: %s", cases[i].path, name);
        close(fd);
    }
    cr_assert_eq(mr_open_parent("none/b", name), -1);
    cr_assert_eq(errno, ENOENT);
    memset(far, 'x', sizeof far);
    far[sizeof far - 1] = '\0';
    cr_assert_eq(mr_open_parent(far, name), -1);
    cr_assert_eq(errno, ENAMETOOLONG);
    far[4500] = '/';
    cr_assert_eq(mr_open_parent(far, name), -1);
    cr_assert_eq(errno, ENAMETOOLONG);
    check(chdir("/") == 0);
}

Test(file_name, a_file_without_a_name_gets_one_that_is_new)
{
    int fd = mr_open_nameless(store->fd);
    if (fd < 0)
        cr_skip_test("this file system has no such files");
    check(mr_write_full(fd, "whole", 5) == 0);
    cr_assert_eq(scratch_files(), 0);
    write_file("taken", "x", 1);
    cr_assert_eq(mr_name_file(fd, store->fd, "taken"), -1);
    cr_assert_eq(errno, EEXIST);
    cr_assert_eq(mr_name_file(fd, store->fd, "named"), 0);
    close(fd);
    size_t size;
    char *bytes = read_file(scratch("named"), &size);
    cr_assert_str_eq(bytes, "whole");
    free(bytes);
}

Test(file_name, nothing_is_renamed_over_what_is_there)
{
    write_file("a", "a", 1);
    write_file("b", "b", 1);
    check(mkdir(scratch("empty"), 0700) == 0 && mkdir(scratch("other"), 0700) == 0);
    check(symlink("nowhere", scratch("link")) == 0);
    static const char *const there[] = { "b", "link", "a" };
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        check(mr_rename_new(store->fd, "a", store->fd, there[i]) == -1);
        check(errno == EEXIST);
    }
    check(mr_rename_new(store->fd, "empty", store->fd, "other") == -1 && errno == EEXIST);
    check(mr_rename_new(store->fd, "a", store->fd, "c") == 0);
    check(access(scratch("a"), F_OK) < 0 && access(scratch("c"), F_OK) == 0);
}

Test(file_name, a_drawn_name_is_a_prefix_and_letters_and_digits_of_its_own)
{
    char names[200][32];
    for (size_t i = 0; i < 200; i++) {
        size_t count = i % 2 ? MR_DRAWN_MAX : 6;
        check(mr_draw_name(names[i], ".x-", count) == 0);
        check(strlen(names[i]) == 3 + count && memcmp(names[i], ".x-", 3) == 0);
        for (const char *c = names[i] + 3; *c != '\0'; c++)
            check(isalnum((unsigned char)*c));
        for (size_t k = 0; k < i; k++)
            check(strcmp(names[i], names[k]) != 0);
    }
}
