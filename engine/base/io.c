/* Full reads and writes over the system's partial ones. */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_MAX = 1 << 30 }; /* bytes asked of the kernel at a time */

/* Whether a call that failed is to be made again: it was interrupted, or whoever gave us the
 * descriptor made it one that does not wait, and now we have waited. */
static bool again(int fd, short events)
{
    if (errno == EINTR)
        return true;
    struct pollfd wait = { fd, events, 0 };
    return errno == EAGAIN && (poll(&wait, 1, -1) >= 0 || errno == EINTR);
}

ssize_t mr_read_full(int fd, void *to, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(fd, (char *)to + done, n - done);
        if (got < 0 && again(fd, POLLIN))
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

ssize_t mr_pread_full(int fd, void *to, size_t n, off_t at)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, (char *)to + done, n - done, at + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* Writes all n bytes at a file position, or where the file stands (at below 0). */
static int write_all(int fd, const char *from, size_t n, off_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t put = at < 0 ? write(fd, from + done, n - done)
                             : pwrite(fd, from + done, n - done, at + (off_t)done);
        if (put < 0 && again(fd, POLLOUT))
            continue;
        if (put < 0)
            return -1;
        done += (size_t)put;
    }
    return 0;
}

int mr_write_full(int fd, const void *from, size_t n)
{
    return write_all(fd, from, n, -1);
}

int mr_pwrite_full(int fd, const void *from, size_t n, off_t at)
{
    if (at < 0) {
        errno = EINVAL;
        return -1;
    }
    return write_all(fd, from, n, at);
}

/* Copies inside the kernel as far as that goes. Returns how many bytes it did. */
static size_t copy_in_kernel(int out, int in, off_t at, size_t n)
{
    size_t done = 0;
    while (done < n) {
        off_t from = at + (off_t)done;
        size_t part = n - done < COPY_MAX ? n - done : COPY_MAX;
        /* cppcheck-suppress invalidFunctionArg ; part is not 0, as done is below n */
        ssize_t put = sendfile(out, in, &from, part);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    return done;
}

int mr_copy_full(int out, int in, off_t at, size_t n)
{
    /* Where the kernel cannot or fails, this goes on, and finds out why. */
    char part[1 << 16];
    for (size_t done = copy_in_kernel(out, in, at, n); done < n;) {
        size_t want = n - done < sizeof part ? n - done : sizeof part;
        ssize_t got = mr_pread_full(in, part, want, at + (off_t)done);
        if (got == 0)
            errno = EIO; /* a file of ours that is shorter than what was put there */
        if (got <= 0)
            return -1;
        if (mr_write_full(out, part, (size_t)got) < 0)
            return -1;
        done += (size_t)got;
    }
    return 0;
}

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

int mr_open_parent(const char *path, char name[MR_NAME_ROOM])
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    char parent[PATH_MAX];
    if (end - begin >= MR_NAME_ROOM || begin >= sizeof parent) {
        errno = ENAMETOOLONG;
        return -1;
    }
    snprintf(name, MR_NAME_ROOM, "%.*s", begin < end ? (int)(end - begin) : 1,
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

int mr_sync_step(int fd, uint64_t from)
{
    const unsigned wait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                          SYNC_FILE_RANGE_WAIT_AFTER;
    (void)sync_file_range(fd, (off_t)(from + MR_SYNC_STEP), MR_SYNC_STEP, SYNC_FILE_RANGE_WRITE);
    while (sync_file_range(fd, (off_t)from, MR_SYNC_STEP, wait) < 0) {
        if (errno == EINVAL || errno == ESPIPE || errno == ENOSYS)
            return 0; /* it cannot be done here, and need not be */
        if (errno != EINTR)
            return -1;
    }
    return 0;
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

int mr_close(int *fd)
{
    int old = *fd;
    *fd = -1;
    return old < 0 ? 0 : close(old);
}
