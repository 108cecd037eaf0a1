/* The verbs that make, date and remove: mkdir, touchz, touch, rm, rmdir. */
#include "fs.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* ---- mkdir, touchz ---------------------------------------------------------------------- */

int fs_mkdir(const struct fs_call *c)
{
    struct places found = { 0 };
    int status = fs_find_all(c, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct place *p = &found.at[i];
        if (fs_has(c, "-p") && fs_is_directory(p))
            continue;
        if ((fs_has(c, "-p") && path_make_above(p->local) < 0) || mkdir(p->local, 0777) < 0)
            status = errno == EEXIST && !fs_is_directory(p)
                         ? fs_fail(c, p->shown, "Is not a directory")
                         : fs_fail_system(c, p->shown);
    }
    return status;
}

int fs_touchz(const struct fs_call *c)
{
    struct places found = { 0 };
    struct stat st;
    int status = fs_find_all(c, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct place *p = &found.at[i];
        int fd = open(p->local, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
        if (fd < 0 || fstat(fd, &st) < 0)
            status = fs_fail_system(c, p->shown);
        else if (st.st_size > 0)
            status = fs_fail(c, p->shown, "Not a zero-length file");
        if (fd >= 0)
            close(fd);
    }
    return status;
}

/* The time that a text says, yyyyMMdd:HHmmss; or now. Returns false: it says none. */
static bool read_time(const char *text, struct timespec *time)
{
    struct tm tm = { .tm_isdst = -1 };
    *time = (struct timespec){ .tv_nsec = UTIME_NOW };
    if (text == NULL)
        return true;
    const char *end = strptime(text, "%Y%m%d:%H%M%S", &tm);
    *time = (struct timespec){ .tv_sec = mktime(&tm) };
    return end != NULL && *end == '\0';
}

/* Sets a file's times; makes it where it is to. */
static int touch(const struct fs_call *c, const struct place *p, const struct timespec times[2])
{
    if (utimensat(AT_FDCWD, p->local, times, 0) == 0)
        return 0;
    if (errno != ENOENT)
        return fs_fail_system(c, p->shown);
    if (fs_has(c, "-c"))
        return 0;
    int fd = open(p->local, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    int status = fd < 0 || futimens(fd, times) < 0 ? fs_fail_system(c, p->shown) : 0;
    if (fd >= 0)
        close(fd);
    return status;
}

int fs_touch(const struct fs_call *c)
{
    struct timespec times[2];
    struct places found = { 0 };
    if (!read_time(fs_value(c, "-t"), &times[0]))
        return fs_fail(c, fs_value(c, "-t"), "It is to be a time, yyyyMMdd:HHmmss");
    times[1] = times[0];
    bool one = fs_has(c, "-a") != fs_has(c, "-m"); /* the other one stays */
    if (one)
        times[fs_has(c, "-a")].tv_nsec = UTIME_OMIT;
    int status = fs_find_all(c, &found);
    for (size_t i = 0; i < found.count; i++)
        status |= touch(c, &found.at[i], times);
    return status;
}

/* ---- rm, rmdir -------------------------------------------------------------------------- */

static int remove_place(const struct fs_call *c, const struct place *p)
{
    bool deep = fs_has(c, "-R") || fs_has(c, "-r") || text_is(c->verb, "rmr");
    if (path_has_root(c->fs, p->local))
        return fs_fail(c, p->shown, "the root is not removed");
    if (fs_is_directory(p) && !deep)
        return fs_fail(c, p->shown, "Is a directory");
    if (RUN("rm", "-rf", "--", p->local) != 0)
        return 1;
    printf("Deleted %s\n", p->shown);
    return 0;
}

int fs_rm(const struct fs_call *c)
{
    struct mr_error err = { 0 };
    struct fs_call there = *c;
    there.args = (struct list){ 0 };
    /* With -f, what is not there is as good as removed. */
    for (size_t i = 0; i < c->args.count; i++) {
        struct places found = { 0 };
        if (!fs_has(c, "-f") || path_match(c->fs, c->args.at[i], &found, &err) < 0 ||
            found.count > 0)
            list_add(&there.args, c->args.at[i]);
    }
    return fs_each(&there, remove_place);
}

static int remove_directory(const struct fs_call *c, const struct place *p)
{
    bool lenient = fs_has(c, "--ignore-fail-on-non-empty");
    if (rmdir(p->local) == 0 || (lenient && (errno == ENOTEMPTY || errno == EEXIST)))
        return 0;
    return errno == ENOTEMPTY || errno == EEXIST ? fs_fail(c, p->shown, "Directory is not empty")
                                                 : fs_fail_system(c, p->shown);
}

int fs_rmdir(const struct fs_call *c)
{
    return fs_each(c, remove_directory);
}
