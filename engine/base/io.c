/* Full reads and writes over the system's partial ones. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/sendfile.h>
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

int mr_close(int *fd)
{
    int old = *fd;
    *fd = -1;
    return old < 0 ? 0 : close(old);
}
