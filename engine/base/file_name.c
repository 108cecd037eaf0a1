/* Names of files: listed, made, looked up and changed relative to open directories. */
#include "base/file_name.h"

#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lists what is open from its beginning. */
static int list(int fd, int directory, mr_directory_visit *visit, void *arg)
{
    _Alignas(struct dirent64) char bytes[4096];
    ssize_t got;
    while ((got = getdents64(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *e = (const void *)(bytes + at);
            at += e->d_reclen;
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
                visit(arg, directory, e->d_name);
        }
    return got < 0 ? -1 : 0;
}

int mr_directory_each(int directory, mr_directory_visit *visit, void *arg)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && lseek(directory, 0, SEEK_SET) < 0)
        return -1;
    int result = list(fd < 0 ? directory : fd, directory, visit, arg), code = errno;
    mr_close(&fd);
    errno = code;
    return result;
}

int mr_open_parent(const char *path, char name[MR_NAME_SIZE])
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    char parent[PATH_MAX];
    if (end - begin >= MR_NAME_SIZE || begin >= sizeof parent) {
        errno = ENAMETOOLONG;
        return -1;
    }
    snprintf(name, MR_NAME_SIZE, "%.*s", begin < end ? (int)(end - begin) : 1,
             begin < end ? path + begin : ".");
    snprintf(parent, sizeof parent, "%.*s", (int)begin, path);
    return open(begin > 0 ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int mr_draw_name(char *name, const char *prefix, size_t count)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    unsigned char drawn[MR_DRAWN_MAX];
    char *at = stpcpy(name, prefix);
    if (getrandom(drawn, count, 0) != (ssize_t)count)
        return -1;
    for (size_t i = 0; i < count; i++)
        *at++ = letters[drawn[i] % (sizeof letters - 1)];
    *at = '\0';
    return 0;
}

int mr_same_file(int fd, int directory, const char *name)
{
    struct stat is, was;
    if (fstat(fd, &was) < 0)
        return -1;
    if (fstatat(directory, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    return is.st_dev == was.st_dev && is.st_ino == was.st_ino;
}

int mr_sync_names(int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -1; /* it can be written to, but not read: then not synced */
    /* A file system that cannot is one that need not. */
    int result = fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
    int code = errno;
    close(fd);
    errno = code;
    return result;
}

/* The name by which the kernel finds what fd is open on. */
struct descriptor_name {
    char text[32];
};

static struct descriptor_name name_of(int fd)
{
    struct descriptor_name name;
    snprintf(name.text, sizeof name.text, "/proc/self/fd/%d", fd);
    return name;
}

bool mr_can_name_file(int fd)
{
    return access(name_of(fd).text, F_OK) == 0;
}

int mr_open_nameless(int directory)
{
    return openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int mr_name_file(int fd, int directory, const char *name)
{
    return linkat(AT_FDCWD, name_of(fd).text, directory, name, AT_SYMLINK_FOLLOW);
}

int mr_rename_new(int from_directory, const char *from, int to_directory, const char *to)
{
    struct stat st;
    if (renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A file system that cannot: a moment stays in which another may come between. */
    if (fstatat(to_directory, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
        errno = EEXIST;
    return errno == ENOENT ? renameat(from_directory, from, to_directory, to) : -1;
}

int mr_rename_exchange(int directory, const char *name, int other_directory, const char *other)
{
    return renameat2(directory, name, other_directory, other, RENAME_EXCHANGE);
}
