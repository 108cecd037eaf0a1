/* Marked directories: only what a run made, and nobody has, is swept; and one run has each. */
#include "store/marked_directory.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

TestSuite(marked_directory, .init = make_store, .fini = remove_store, .timeout = HANGS);

#define PREFIX "test."

static struct mr_marked_directory m;

static bool exists(const char *name)
{
    struct stat st;
    return lstat(scratch(name), &st) == 0;
}

/* What is called own-... is the program's own here. */
static int remove_own(int directory, const char *name)
{
    return strncmp(name, "own-", 4) == 0 ? unlinkat(directory, name, 0) : 0;
}

static void sweep(void)
{
    mr_marked_sweep(store->fd, PREFIX, remove_own);
}

static struct mr_marked_directory make(void)
{
    struct mr_marked_directory made;
    check_for(mr_marked_make(&made, dup(store->fd), PREFIX) == 0, "%s", strerror(errno));
    return made;
}

static enum mr_taken take(const char *name)
{
    char path[sizeof store->directory + 64];
    strcpy(path, scratch(name));
    return mr_marked_take(&m, path, PREFIX);
}

/* Puts a file into one. */
static void put(const struct mr_marked_directory *in, const char *name)
{
    int fd = openat(in->fd, name, O_CREAT | O_WRONLY, 0600);
    check(fd >= 0);
    close(fd);
}

/* Lets it go as a killed run does. */
static void abandon(struct mr_marked_directory *a)
{
    close(a->marker);
    close(a->fd);
    close(a->parent);
}

static const char *marker_of(const char *name)
{
    static char path[sizeof store->directory + 300];
    snprintf(path, sizeof path, "%s/%s/" MR_MARKER, store->directory, name);
    return path;
}

/* ---- its own ---------------------------------------------------------------------------- */

Test(marked_directory, each_is_its_owners_alone_and_has_a_name_of_its_own)
{
    struct mr_marked_directory all[20];
    for (int i = 0; i < 20; i++) {
        struct stat st;
        all[i] = make();
        check(strlen(all[i].name) == strlen(PREFIX) + 6);
        for (int before = 0; before < i; before++)
            check(strcmp(all[i].name, all[before].name) != 0);
        check(lstat(scratch(all[i].name), &st) == 0 && S_ISDIR(st.st_mode));
        check((st.st_mode & 0777) == 0700);
        check(lstat(marker_of(all[i].name), &st) == 0 && S_ISREG(st.st_mode));
        check((st.st_mode & 0777) == 0600 && st.st_size > 0);
        check(fcntl(all[i].fd, F_GETFD) & fcntl(all[i].marker, F_GETFD) & FD_CLOEXEC);
    }
    for (int i = 0; i < 20; i++) {
        mr_marked_remove(&all[i], remove_own);
        mr_marked_close(&all[i]);
        check(!exists(all[i].name));
    }
}

Test(marked_directory, one_that_lives_stays_and_one_that_was_abandoned_goes)
{
    struct mr_marked_directory one = make(), other = make();
    put(&one, "own-file");
    put(&other, "own-file");
    for (int i = 0; i < 3; i++)
        sweep();
    cr_assert(exists(one.name) && exists(other.name) && scratch_files() == 4);
    abandon(&one);
    sweep();
    cr_assert(!exists(one.name) && exists(other.name) && scratch_files() == 2);
    abandon(&other);
    sweep();
    cr_assert_eq(rmdir(store->directory), 0, "nothing is left");
    check(mkdir(store->directory, 0700) == 0);
}

Test(marked_directory, it_lives_as_long_as_any_process_of_the_run_that_was_not_closed)
{
    int ends[2];
    char byte;
    for (int closed = 0; closed < 2; closed++) {
        check(pipe(ends) == 0);
        m = make();
        pid_t child = fork();
        if (child == 0) {
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) != 0); /* until the parent closes its end */
        }
        if (closed)
            mr_marked_close(&m);
        else
            abandon(&m);
        sweep();
        check(exists(m.name) == !closed);
        close(ends[1]);
        waitpid(child, NULL, 0);
        sweep();
        check(!exists(m.name));
        close(ends[0]);
    }
}

Test(marked_directory, what_cannot_be_removed_keeps_its_marker_for_the_next)
{
    char path[64];
    m = make();
    put(&m, "own-file");
    check(mkdirat(m.fd, "own-place", 0700) == 0);
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    snprintf(path, sizeof path, "%.30s/own-place", m.name);
    cr_assert(exists(path) && scratch_files() == 1);
    check(rmdir(scratch(path)) == 0);
    sweep();
    cr_assert_not(exists(m.name));
}

Test(marked_directory, what_is_not_its_own_stays_in_it_and_so_does_it)
{
    m = make();
    put(&m, "own-file");
    put(&m, "letter");
    abandon(&m);
    sweep();
    char path[64];
    snprintf(path, sizeof path, "%.30s/letter", m.name);
    cr_assert(exists(path) && scratch_files() == 1);
}

/* ---- look-alikes ------------------------------------------------------------------------ */

/* Makes a directory with everything that an abandoned one has. */
static void make_abandoned(const char *name, mode_t mode)
{
    char inside[64];
    struct mr_marked_directory made = make();
    put(&made, "own-file");
    abandon(&made);
    check(rename(scratch(made.name), scratch(name)) == 0 && chmod(scratch(name), mode) == 0);
    snprintf(inside, sizeof inside, "%s/own-file", name);
    check(exists(inside));
}

Test(marked_directory, what_only_resembles_one_is_not_swept)
{
    static const char *const names[] = { "test.12345", "test.1234567", "test.", "Test.123456",
                                         "test-123456", "atest.123456", "123456", "test.123456~" };
    static const mode_t modes[] = { 0755, 0750, 0711, 0777, 0770, 01777 };
    char name[32];
    int count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++, count += 2)
        make_abandoned(names[i], 0700);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++, count += 2) {
        snprintf(name, sizeof name, "test.%06zu", i);
        make_abandoned(name, modes[i]);
    }
    sweep();
    check_for(scratch_files() == count, "%d files, not %d", scratch_files(), count);
    make_abandoned("test.abcdef", 0700);
    sweep();
    cr_assert(!exists("test.abcdef"), "this one is one");
}

Test(marked_directory, files_links_pipes_and_sockets_are_not_swept_nor_what_links_lead_to)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    write_file("test.aaaaaa", "x", 1);
    make_abandoned("place", 0700);
    check(symlink("place", scratch("test.bbbbbb")) == 0);
    check(symlink("nowhere", scratch("test.cccccc")) == 0);
    check(mkfifo(scratch("test.dddddd"), 0600) == 0);
    check(chdir(store->directory) == 0);
    strcpy(address.sun_path, "test.eeeeee");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    check(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd);
    check(chdir("/") == 0);
    sweep();
    cr_assert(exists("test.aaaaaa") && exists("test.bbbbbb") && exists("test.cccccc") &&
              exists("test.dddddd") && exists("test.eeeeee"));
    cr_assert(exists("place/own-file"));
}

/* What is in place of the marker in a directory that else is one. */
static void replace_marker(const char *name, int way)
{
    const char *marker = marker_of(name);
    size_t length;
    char *text = read_file(marker, &length);
    if (way == 0)
        check(chmod(marker, 0644) == 0); /* others could lock it */
    else
        check(unlink(marker) == 0);
    if (way == 2)
        check(symlink("/etc/passwd", marker) == 0);
    if (way == 3)
        check(mkdir(marker, 0700) == 0);
    if (way == 4)
        check(mkfifo(marker, 0600) == 0);
    if (way >= 5) {
        int fd = open(marker, O_CREAT | O_WRONLY, 0600);
        size_t size = length - (way == 6) + (way == 7);
        text[3] ^= way == 8;
        text[length - 2] ^= way == 9;
        size = way == 10 ? (size_t)(strchr(text, '\n') + 1 - text) : size;
        check(fd >= 0 && (way == 5 || write(fd, text, size) == (ssize_t)size));
        close(fd);
    }
    free(text);
}

Test(marked_directory, without_a_true_marker_it_is_not_swept)
{
    for (int way = 0; way <= 10; way++) {
        make_abandoned("test.123456", 0700);
        replace_marker("test.123456", way);
        sweep();
        check_for(exists("test.123456/own-file"), "way %d", way);
        check(rename(scratch("test.123456"), scratch("other")) == 0);
        nftw(scratch("other"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    check(mkdir(scratch("test.123456"), 0700) == 0);
    sweep();
    cr_assert(exists("test.123456"), "an empty one might be anybody's");
}

static bool take_and_remove(const char *name);

/* Puts a copy of the marker in its place. */
static void copy_marker(const char *name)
{
    char copy[64];
    size_t size;
    char *text = read_file(marker_of(name), &size);
    snprintf(copy, sizeof copy, "%s/copy", name);
    write_file(copy, text, size);
    check(chmod(scratch(copy), 0600) == 0);
    check(rename(scratch(copy), marker_of(name)) == 0);
    free(text);
}

Test(marked_directory, a_copy_is_not_swept_but_may_be_taken_and_stays)
{
    make_abandoned("test.123456", 0700);
    copy_marker("test.123456");
    sweep();
    cr_assert(exists("test.123456/own-file") && exists("test.123456/" MR_MARKER));
    cr_assert(take_and_remove("test.123456"), "it is the user's, who told us to work there");
    /* The same file in another directory. */
    int in = open(store->directory, O_PATH | O_DIRECTORY);
    make_abandoned("test.abcdef", 0700);
    check(mkdir(scratch("test.ghijkl"), 0700) == 0);
    check(renameat(in, "test.abcdef/" MR_MARKER, in, "test.ghijkl/" MR_MARKER) == 0);
    close(in);
    sweep();
    cr_assert(exists("test.ghijkl/" MR_MARKER) && exists("test.abcdef/own-file"));
}

Test(marked_directory, one_that_was_given_is_not_swept)
{
    check(mkdir(scratch("given"), 0700) == 0);
    cr_assert_eq(take("given"), MR_TAKEN);
    put(&m, "own-file");
    abandon(&m);
    check(rename(scratch("given"), scratch("test.123456")) == 0);
    sweep();
    cr_assert(exists("test.123456/own-file"));
}

Test(marked_directory, another_users_are_not_swept)
{
    if (geteuid() != 0)
        cr_skip_test("only root can make files of other users");
    make_abandoned("test.aaaaaa", 0700);
    make_abandoned("test.bbbbbb", 0700);
    check(chown(scratch("test.aaaaaa"), 54321, 54321) == 0);
    check(chown(marker_of("test.bbbbbb"), 54321, 54321) == 0);
    sweep();
    cr_assert(exists("test.aaaaaa/own-file") && exists("test.bbbbbb/own-file"));
}

Test(marked_directory, one_whose_name_stands_for_another_is_removed_from_within_only)
{
    m = make();
    put(&m, "own-file");
    check(rename(scratch(m.name), scratch("away")) == 0);
    check(mkdir(scratch(m.name), 0700) == 0);
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    cr_assert(exists(m.name), "an empty one, but not ours");
    cr_assert(exists("away") && scratch_files() == 0);
}

/* ---- taken ------------------------------------------------------------------------------ */

/* Taken, with a file in it, and removed; whether it has stayed as a directory then. */
static bool take_and_remove(const char *name)
{
    enum mr_taken taken = take(name);
    check_for(taken == MR_TAKEN, "%d, %s", (int)taken, strerror(errno));
    put(&m, "own-file");
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    check(scratch_files() == 0);
    return exists(name);
}

Test(marked_directory, what_was_made_goes_and_what_was_given_stays)
{
    struct stat st;
    cr_assert_not(take_and_remove("made"));
    check(mkdir(scratch("given"), 0755) == 0);
    cr_assert(take_and_remove("given"));
    check(symlink("given", scratch("link")) == 0);
    cr_assert(take_and_remove("link") && exists("given"));
    check(lstat(scratch("given"), &st) == 0 && (st.st_mode & 0777) == 0755);
    cr_assert_eq(take("made/"), MR_TAKEN, "with a slash");
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    cr_assert_not(exists("made"));
}

Test(marked_directory, one_that_was_abandoned_is_taken_and_goes_as_it_came)
{
    for (int given = 0; given < 2; given++) {
        if (given)
            check(mkdir(scratch("kept"), 0700) == 0);
        for (int i = 0; i < 3; i++) {
            check(take("kept") == MR_TAKEN);
            check(m.made == !given);
            put(&m, "own-file");
            abandon(&m);
        }
        check(take_and_remove("kept") == given);
    }
}

Test(marked_directory, what_is_not_empty_and_has_no_true_marker_is_not_taken)
{
    check(mkdir(scratch("kept"), 0700) == 0);
    write_file("kept/own-file", "x", 1);
    cr_assert_eq(take("kept"), MR_TAKEN_OTHER);
    mr_marked_close(&m);
    check(symlink("kept", scratch("link")) == 0);
    cr_assert_eq(take("link"), MR_TAKEN_OTHER);
    mr_marked_close(&m);
    cr_assert(exists("kept/own-file"));
    for (int way = 0; way <= 10; way++) {
        make_abandoned("test.123456", 0700);
        replace_marker("test.123456", way);
        check_for(take("test.123456") == MR_TAKEN_OTHER, "way %d", way);
        mr_marked_close(&m);
        check(exists("test.123456/own-file"));
        check(rename(scratch("test.123456"), scratch("other")) == 0);
        nftw(scratch("other"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

Test(marked_directory, one_that_others_can_write_to_or_own_is_not_taken)
{
    static const mode_t open_to[] = { 0720, 0702, 0777, 01777 };
    check(mkdir(scratch("kept"), 0700) == 0);
    for (size_t i = 0; i < sizeof open_to / sizeof *open_to; i++) {
        check(chmod(scratch("kept"), open_to[i]) == 0);
        check(take("kept") == MR_TAKEN_SHARED);
        mr_marked_close(&m);
    }
    if (geteuid() != 0)
        return;
    check(chmod(scratch("kept"), 0700) == 0 && chown(scratch("kept"), 54321, 54321) == 0);
    cr_assert_eq(take("kept"), MR_TAKEN_SHARED);
    mr_marked_close(&m);
}

Test(marked_directory, what_is_no_directory_or_cannot_be_one_is_a_failure)
{
    static const struct {
        const char *name;
        int code;
    } cases[] = { { "file", ENOTDIR }, { "file/in", ENOTDIR }, { "none/in", ENOENT },
                  { "dangling", ENOENT }, { "circle", ELOOP } };
    write_file("file", "x", 1);
    check(symlink("nowhere", scratch("dangling")) == 0);
    check(symlink("circle", scratch("circle")) == 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum mr_taken taken = take(cases[i].name);
        check_for(taken == MR_TAKEN_FAILED && errno == cases[i].code, "%s: %d, %s", cases[i].name,
                  (int)taken, strerror(errno));
        mr_marked_close(&m);
    }
    check_for(scratch_files() == 1 && !exists("nowhere"), "nothing was made");
}

Test(marked_directory, only_one_has_it)
{
    struct mr_marked_directory first;
    check(take("kept") == MR_TAKEN);
    first = m;
    cr_assert_eq(take("kept"), MR_TAKEN_BUSY);
    mr_marked_close(&m);
    check(symlink("kept", scratch("link")) == 0);
    cr_assert_eq(take("link"), MR_TAKEN_BUSY);
    mr_marked_close(&m);
    mr_marked_close(&first);
    cr_assert_eq(take("kept"), MR_TAKEN);
    mr_marked_close(&m);
}

Test(marked_directory, nobody_else_can_hold_its_lock)
{
    if (geteuid() != 0)
        cr_skip_test("only root can become another user");
    check(mkdir(scratch("given"), 0755) == 0 && chmod(store->directory, 0755) == 0);
    check(take("given") == MR_TAKEN);
    abandon(&m);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(54321) < 0 || setuid(54321) < 0)
            _exit(1);
        int fd = open(scratch("given"), O_RDONLY);
        _exit(fd < 0 || flock(fd, LOCK_EX) < 0 || open(marker_of("given"), O_RDONLY) >= 0 ||
              kill(getpid(), SIGSTOP) < 0);
    }
    int status;
    check(waitpid(child, &status, WUNTRACED) == child);
    cr_assert(WIFSTOPPED(status), "it has the directory's lock, and cannot open the marker");
    cr_assert_eq(take("given"), MR_TAKEN);
    mr_marked_close(&m);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

/* ---- many at once ----------------------------------------------------------------------- */

/* Starts some processes and waits until all have ended well. */
static void side_by_side(int (*run)(int number))
{
    enum { MANY = 5 };
    pid_t children[MANY];
    for (int i = 0; i < MANY; i++)
        if ((children[i] = fork()) == 0)
            _exit(run(i));
    for (int i = 0; i < MANY; i++) {
        int status;
        waitpid(children[i], &status, 0);
        check_for(status == 0, "process %d: status %x", i, (unsigned)status);
    }
}

static int make_and_sweep(int number)
{
    (void)number;
    for (int i = 0; i < 200; i++) {
        struct mr_marked_directory made;
        if (mr_marked_make(&made, dup(store->fd), PREFIX) < 0)
            return 1;
        sweep();
        struct stat is, was;
        if (fstat(made.fd, &was) < 0 || fstatat(store->fd, made.name, &is, 0) < 0 ||
            is.st_ino != was.st_ino || faccessat(made.fd, MR_MARKER, F_OK, 0) < 0)
            return 2;
        if (i % 2)
            mr_marked_remove(&made, remove_own);
        mr_marked_close(&made);
    }
    return 0;
}

Test(marked_directory, those_who_make_and_those_who_sweep_do_not_get_in_each_others_way)
{
    side_by_side(make_and_sweep);
    sweep();
    cr_assert_eq(rmdir(store->directory), 0, "nothing is left");
    check(mkdir(store->directory, 0700) == 0);
}

/* Who has it is alone in it, and its name leads there. */
static int use(const char *name, bool made, int number)
{
    int had = 0;
    for (int i = 0; had < 60 && i < 200000; i++) {
        enum mr_taken taken = take(name);
        if (taken == MR_TAKEN) {
            struct stat is, was;
            int fd = openat(m.fd, "own-file", O_CREAT | O_EXCL | O_WRONLY, 0600);
            if (fd < 0 || fstat(m.fd, &was) < 0 || stat(scratch(name), &is) < 0 ||
                is.st_ino != was.st_ino || m.made != made)
                return 1;
            close(fd);
            had++;
            if (number % 2)
                unlinkat(m.fd, "own-file", 0);
            else
                mr_marked_remove(&m, remove_own);
        } else if (taken != MR_TAKEN_BUSY) {
            return 2;
        }
        mr_marked_close(&m);
    }
    return had < 60 ? 3 : 0;
}

static int use_made(int number)
{
    return use("kept", true, number);
}

static int use_given(int number)
{
    return use("given", false, number);
}

Test(marked_directory, of_many_that_take_it_at_once_one_has_it_though_it_goes_and_comes)
{
    side_by_side(use_made);
    check(take("kept") == MR_TAKEN);
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    cr_assert_eq(rmdir(store->directory), 0, "nothing is left");
    check(mkdir(store->directory, 0700) == 0);
}

Test(marked_directory,
     of_many_that_take_a_given_one_at_once_one_has_it_though_its_marker_goes_and_comes)
{
    check(mkdir(scratch("given"), 0700) == 0);
    side_by_side(use_given);
    check(take("given") == MR_TAKEN);
    mr_marked_remove(&m, remove_own);
    mr_marked_close(&m);
    cr_assert_eq(rmdir(scratch("given")), 0, "nothing is left in it");
}
