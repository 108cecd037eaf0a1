/* What a name that the output is to have stands for. */
#include "write/target.h"

#include "base/error.h"
#include "base/io.h"
#include "write/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* in a row: as many as the kernel follows */

/* Opens a directory; with O_PATH where it may not be listed, but names in it may be reached. */
static int open_directory(int from, const char *path)
{
    int fd = openat(from, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        fd = openat(from, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd;
}

/* Goes from t's directory to the one that path leads to, all but its last name. Returns 0 or -1
 * (errno). */
static int go_to(struct mr_target *t, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *name = strdup(slash ? slash + 1 : path);
    int from = t->directory < 0 ? AT_FDCWD : t->directory;
    int fd = parent && name ? open_directory(from, parent) : -1;
    int code = errno;
    free(parent);
    free(t->name);
    mr_close(&t->directory);
    t->directory = fd;
    t->name = name;
    errno = code;
    return fd < 0 ? -1 : 0;
}

/* Whether t is the name of one of some process's descriptors. */
static bool is_descriptor(const struct mr_target *t)
{
    struct statfs fs;
    size_t length = strlen(t->name);
    return length > 0 && length < 10 && strspn(t->name, "0123456789") == length &&
           fstatfs(t->directory, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Whether the directory is that of this process's descriptors. */
static bool is_own(int directory)
{
    static const char *const paths[] = { "/proc/self/fd", "/proc/thread-self/fd" };
    struct stat st, own;
    if (fstat(directory, &st) < 0)
        return false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (stat(paths[i], &own) == 0 && own.st_ino == st.st_ino && own.st_dev == st.st_dev)
            return true;
    return false;
}

static int find_descriptor(struct mr_target *t, const char *path, struct mr_error *err)
{
    if (!is_own(t->directory)) {
        mr_error_set(err, "cannot write '%s': it is another process's; give the file's own name",
                     path);
        return mr_error_final(err);
    }
    int fd = (int)strtol(t->name, NULL, 10), flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        flags = -1;
    }
    if (flags < 0 || fstat(fd, &t->about) < 0)
        return mr_cannot_write(path, err);
    t->kind = MR_TARGET_DESCRIPTOR;
    t->descriptor = fd;
    return 0;
}

/* Whether to follow a link: not another user's in a directory where everybody may make links, as it
 * could lead to any file of this user's. */
static bool is_trusted(const struct stat *link, const struct stat *directory)
{
    bool shared = (directory->st_mode & S_ISVTX) && (directory->st_mode & S_IWOTH);
    return !shared || link->st_uid == geteuid() || link->st_uid == directory->st_uid;
}

/* Reads the link that fd is open on into text. Returns 0 or -1. */
static int read_link(const struct mr_target *t, int fd, const struct stat *st, char *text,
                     size_t room, const char *path, struct mr_error *err)
{
    struct stat directory;
    if (fstat(t->directory, &directory) < 0)
        return mr_cannot_write(path, err);
    if (!is_trusted(st, &directory)) {
        mr_error_set(err, "cannot write '%s': it leads through '%s', another user's link in a "
                          "directory where everybody may make one", path, t->name);
        return mr_error_final(err);
    }
    ssize_t length = readlinkat(fd, "", text, room - 1);
    if (length < 0)
        return mr_cannot_write(path, err);
    text[length] = '\0';
    return 0;
}

/* Finds what t's name is. Returns 0, 1 when it is a link, whose text is put into link, or -1. */
static int find_name(struct mr_target *t, char *link, size_t room, const char *path,
                     struct mr_error *err)
{
    if (is_descriptor(t))
        return find_descriptor(t, path, err);
    int fd = openat(t->directory, t->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    t->kind = MR_TARGET_NEW;
    if (fd < 0)
        return errno == ENOENT ? 0 : mr_cannot_write(path, err);
    int result = fstat(fd, &t->about) < 0 ? mr_cannot_write(path, err) : 0;
    if (result == 0 && S_ISLNK(t->about.st_mode))
        result = read_link(t, fd, &t->about, link, room, path, err) < 0 ? -1 : 1;
    close(fd);
    t->kind = S_ISREG(t->about.st_mode) ? MR_TARGET_FILE : MR_TARGET_DEVICE;
    return result;
}

static int is_directory(const char *path, const char *why, struct mr_error *err)
{
    mr_error_set(err, "cannot write '%s': %s; name a file, or have --output-dir make a directory "
                      "of parts",
                 path, why);
    return mr_error_final(err);
}

int mr_target_find(struct mr_target *t, const char *path, struct mr_error *err)
{
    char link[4096];
    *t = MR_TARGET_NONE;
    if (*path == '\0') {
        mr_error_set(err, "cannot write '': its name is empty");
        return mr_error_final(err);
    }
    if (path[strlen(path) - 1] == '/')
        return is_directory(path, "what ends in / is a directory", err);
    int more = go_to(t, path) < 0 ? mr_cannot_write(path, err) : 1;
    for (int links = 0; more > 0 && links <= LINKS_MAX; links++) {
        if (*t->name == '\0')
            return is_directory(path, strerror(EISDIR), err);
        more = find_name(t, link, sizeof link, path, err);
        if (more > 0 && go_to(t, link) < 0)
            more = mr_cannot_write(path, err);
    }
    if (more > 0) {
        errno = ELOOP;
        return mr_cannot_write(path, err);
    }
    if (more == 0 && t->kind != MR_TARGET_NEW && S_ISDIR(t->about.st_mode))
        return is_directory(path, strerror(EISDIR), err);
    return more;
}

bool mr_target_is_same(const struct mr_target *a, const struct mr_target *b)
{
    struct stat x, y;
    return a->directory >= 0 && b->directory >= 0 && strcmp(a->name, b->name) == 0 &&
           fstat(a->directory, &x) == 0 && fstat(b->directory, &y) == 0 &&
           x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

void mr_target_free(struct mr_target *t)
{
    mr_close(&t->directory);
    free(t->name);
    *t = MR_TARGET_NONE;
}
