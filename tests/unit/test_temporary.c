/* Temporary names: what a dead run left is swept, and nothing else is. */
#include "base/temporary.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(temporary, .init = make_store, .fini = remove_store, .timeout = 60);

#define PREFIX "test."

static bool exists(const char *name)
{
    struct stat st;
    return lstat(scratch(name), &st) == 0;
}

/* Makes one; its name in the scratch directory goes to name. */
static int make(char *name, bool directory)
{
    char path[sizeof store->directory + 32];
    snprintf(path, sizeof path, "%s/" PREFIX MR_TEMPORARY_END, store->directory);
    int fd = mr_temporary_make(path, directory);
    check_for(fd >= 0, "%s: %s", path, strerror(errno));
    strcpy(name, path + strlen(store->directory) + 1);
    return fd;
}

Test(temporary, they_are_their_owners_alone_and_have_names_of_their_own)
{
    char names[20][32];
    int fds[20];
    for (int i = 0; i < 20; i++) {
        struct stat st;
        fds[i] = make(names[i], i % 2);
        check(strlen(names[i]) == strlen(PREFIX MR_TEMPORARY_END));
        for (int before = 0; before < i; before++)
            check(strcmp(names[i], names[before]) != 0);
        check(fstat(fds[i], &st) == 0);
        check(i % 2 ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode));
        check((st.st_mode & 0777) == (i % 2 ? 0700 : 0600));
        check(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
}

Test(temporary, one_that_lives_stays_and_one_that_was_abandoned_goes)
{
    char file[32], directory[32], inside[64];
    int fd = make(file, false), other = make(directory, true);
    snprintf(inside, sizeof inside, "%s/inside", directory);
    write_file(inside, "x", 1);
    for (int i = 0; i < 3; i++)
        mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(exists(file) && exists(directory) && exists(inside));
    close(fd);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(!exists(file) && exists(directory) && exists(inside));
    close(other);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert_not(exists(directory));
}

Test(temporary, it_lives_as_long_as_any_process_of_the_run)
{
    char name[32];
    int ends[2];
    char byte;
    check(pipe(ends) == 0);
    int fd = make(name, true);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0); /* until the parent closes its end */
    }
    close(fd);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(exists(name), "the child has it still");
    close(ends[1]);
    waitpid(child, NULL, 0);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert_not(exists(name));
    close(ends[0]);
}

Test(temporary, what_a_killed_process_left_goes)
{
    char path[sizeof store->directory + 32];
    snprintf(path, sizeof path, "%s/" PREFIX MR_TEMPORARY_END, store->directory);
    pid_t child = fork();
    if (child == 0) {
        if (mr_temporary_make(path, true) >= 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status));
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert_eq(rmdir(store->directory), 0, "it is empty");
    check(mkdir(store->directory, 0700) == 0);
}

Test(temporary, names_that_only_resemble_it_are_not_swept)
{
    static const char *const names[] = { "test.12345", "test.1234567", "test.", "Test.123456",
                                         "test-123456", "atest.123456", "123456", "test.123456~" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_file(names[i], "x", 1);
    write_file("test.123456", "x", 1);
    mr_temporary_sweep(store->directory, PREFIX);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_for(exists(names[i]), "%s is gone", names[i]);
    cr_assert_not(exists("test.123456"), "this one has such a name");
}

Test(temporary, links_and_pipes_are_not_swept_nor_what_links_lead_to)
{
    write_file("aim", "x", 1);
    check(mkdir(scratch("place"), 0700) == 0);
    write_file("place/inside", "x", 1);
    check(symlink("aim", scratch("test.aaaaaa")) == 0);
    check(symlink("place", scratch("test.bbbbbb")) == 0);
    check(symlink("nowhere", scratch("test.cccccc")) == 0);
    check(mkfifo(scratch("test.dddddd"), 0600) == 0);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(exists("test.aaaaaa") && exists("test.bbbbbb") && exists("test.cccccc") &&
              exists("test.dddddd"));
    cr_assert(exists("aim") && exists("place/inside"));
    /* Nor is anything swept when the place itself is a link. */
    write_file("place/test.eeeeee", "x", 1);
    mr_temporary_sweep(scratch("test.bbbbbb"), PREFIX);
    cr_assert(exists("place/test.eeeeee"));
}

Test(temporary, a_directory_in_an_abandoned_one_keeps_both)
{
    check(mkdir(scratch("test.aaaaaa"), 0700) == 0);
    check(mkdir(scratch("test.aaaaaa/deep"), 0700) == 0);
    write_file("test.aaaaaa/deep/file", "x", 1);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(exists("test.aaaaaa/deep/file"), "no run makes that");
}

Test(temporary, another_users_are_not_swept)
{
    if (geteuid() != 0)
        cr_skip_test("only root can make files of other users");
    check(chown(write_file("test.aaaaaa", "x", 1), 54321, 54321) == 0);
    check(mkdir(scratch("test.bbbbbb"), 0777) == 0);
    check(chown(scratch("test.bbbbbb"), 54321, 54321) == 0);
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert(exists("test.aaaaaa") && exists("test.bbbbbb"));
}

Test(temporary, a_place_that_is_not_there_is_nothing_to_sweep_and_no_place_to_make_one)
{
    char path[sizeof store->directory + 64];
    mr_temporary_sweep(scratch("none"), PREFIX);
    for (int directory = 0; directory < 2; directory++) {
        snprintf(path, sizeof path, "%s/none/" PREFIX MR_TEMPORARY_END, store->directory);
        cr_assert_eq(mr_temporary_make(path, directory), -1);
        cr_assert_eq(errno, ENOENT);
    }
}

Test(temporary, only_one_has_a_lock)
{
    int first = open(store->directory, O_RDONLY | O_DIRECTORY);
    int second = open(store->directory, O_RDONLY | O_DIRECTORY);
    cr_assert(mr_temporary_lock(first));
    cr_assert(mr_temporary_lock(first), "it has it already");
    cr_assert_not(mr_temporary_lock(second));
    cr_assert_eq(errno, EWOULDBLOCK);
    close(first);
    cr_assert(mr_temporary_lock(second));
    close(second);
}

/* Makes temporary files and sweeps, again and again. Returns whether all that was made stayed
 * until it was let go. */
static bool make_and_sweep(void)
{
    for (int i = 0; i < 300; i++) {
        char path[sizeof store->directory + 32];
        struct stat is, was;
        snprintf(path, sizeof path, "%s/" PREFIX MR_TEMPORARY_END, store->directory);
        int fd = mr_temporary_make(path, i % 2);
        mr_temporary_sweep(store->directory, PREFIX);
        if (fd < 0 || fstat(fd, &was) < 0 || lstat(path, &is) < 0 || is.st_ino != was.st_ino)
            return false;
        close(fd);
    }
    return true;
}

Test(temporary, those_who_make_and_those_who_sweep_do_not_get_in_each_others_way)
{
    pid_t children[4];
    for (int i = 0; i < 4; i++)
        if ((children[i] = fork()) == 0)
            _exit(!make_and_sweep());
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(children[i], &status, 0);
        check(status == 0);
    }
    mr_temporary_sweep(store->directory, PREFIX);
    cr_assert_eq(scratch_files(), 0);
}
