/* Targets: what a name stands for, through links, and which names are refused. */
#include "write/target.h"

#include "support.h"

TestSuite(target, .init = make_store, .fini = remove_store);

static struct mr_target found;

static void find(const char *path, enum mr_target_kind kind)
{
    must(mr_target_find(&found, path, &err));
    check_for(found.kind == kind, "'%s' is of kind %d", path, (int)found.kind);
}

static void refuse(const char *path, const char *words)
{
    must_fail(mr_target_find(&found, path, &err), words);
    check(err.final);
    mr_target_free(&found);
}

/* Checks that it was found in that scratch directory, under that name. */
static void check_place(const char *directory, const char *name)
{
    struct stat there, wanted;
    check(fstat(found.directory, &there) == 0 && stat(scratch(directory), &wanted) == 0);
    check(there.st_ino == wanted.st_ino && there.st_dev == wanted.st_dev);
    check_for(strcmp(found.name, name) == 0, "'%s', not '%s'", found.name, name);
    mr_target_free(&found);
}

Test(target, a_file_and_what_is_not_there)
{
    struct stat st;
    write_file("file", "x", 1);
    find(scratch("file"), MR_TARGET_FILE);
    check(stat(scratch("file"), &st) == 0 && st.st_ino == found.about.st_ino);
    check_place("", "file");
    find(scratch("new"), MR_TARGET_NEW);
    check_place("", "new");
    check(chdir(store->directory) == 0 && mkdir("d", 0700) == 0);
    find("file", MR_TARGET_FILE);
    check_place("", "file");
    find("d/../d//new", MR_TARGET_NEW);
    check_place("d", "new");
}

Test(target, links_are_followed_one_by_one)
{
    check(chdir(store->directory) == 0 && mkdir("d", 0700) == 0 && mkdir("e", 0700) == 0);
    write_file("e/file", "x", 1);
    check(symlink("../e/up", "d/link") == 0 && symlink("file", "e/up") == 0);
    check(symlink(scratch("d/link"), "absolute") == 0 && symlink("e/none", "dangling") == 0);
    find("d/link", MR_TARGET_FILE);
    check_place("e", "file");
    find("absolute", MR_TARGET_FILE);
    check_place("e", "file");
    find("dangling", MR_TARGET_NEW);
    check_place("e", "none");
    check(symlink("round", "round") == 0 && symlink("none/x", "astray") == 0);
    refuse("round", "Too many levels");
    refuse("astray", "cannot write 'astray': No such file or directory");
}

Test(target, pipes_and_devices)
{
    check(mkfifo(scratch("pipe"), 0600) == 0);
    find(scratch("pipe"), MR_TARGET_DEVICE);
    mr_target_free(&found);
    find("/dev/null", MR_TARGET_DEVICE);
    mr_target_free(&found);
}

Test(target, names_that_no_file_can_have)
{
    check(mkdir(scratch("d"), 0700) == 0 && symlink("d", scratch("link")) == 0);
    check(symlink("d/", scratch("slash")) == 0);
    write_file("file", "x", 1);
    refuse("", "name is empty");
    refuse("new/", "what ends in / is a directory");
    refuse("/", "what ends in / is a directory");
    refuse(".", "'.': Is a directory");
    refuse(scratch("d"), "Is a directory; name a file, or have --output-dir");
    refuse(scratch("link"), "Is a directory");
    refuse(scratch("slash"), "Is a directory");
    refuse(scratch("file/x"), "Not a directory");
    refuse(scratch("none/x"), "No such file");
}

Test(target, descriptors_of_this_process)
{
    char path[64];
    int fd = open(write_file("file", "x", 1), O_RDWR);
    int reading = open(scratch("file"), O_RDONLY);
    const char *const forms[] = { "/dev/fd/%d", "/proc/self/fd/%d", "/proc/thread-self/fd/%d" };
    check(fd >= 0 && reading >= 0);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(path, sizeof path, "%.*s%d", (int)strlen(forms[i]) - 2, forms[i], fd);
        find(path, MR_TARGET_DESCRIPTOR);
        check(found.descriptor == fd && S_ISREG(found.about.st_mode));
        mr_target_free(&found);
        snprintf(path, sizeof path, "%.*s%d", (int)strlen(forms[i]) - 2, forms[i], reading);
        refuse(path, "Bad file descriptor");
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    check(symlink(path, scratch("link")) == 0);
    find(scratch("link"), MR_TARGET_DESCRIPTOR);
    check(found.descriptor == fd);
    mr_target_free(&found);
    find("/dev/stdout", MR_TARGET_DESCRIPTOR);
    check(found.descriptor == STDOUT_FILENO);
    mr_target_free(&found);
    refuse("/dev/fd/999999999", "Bad file descriptor");
    snprintf(path, sizeof path, "/proc/%d/fd/0", (int)getppid());
    refuse(path, "it is another process's");
    /* Elsewhere a number is a name like others. */
    find(scratch("7"), MR_TARGET_NEW);
    mr_target_free(&found);
}

Test(target, nothing_stays_open)
{
    int before = open_descriptors();
    find(scratch("new"), MR_TARGET_NEW);
    mr_target_free(&found);
    mr_target_free(&found);
    refuse(".", "Is a directory");
    check(open_descriptors() == before);
}
