/* Side files: pieces written without blocking. */
#include "program/side_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1 << 20 /* bytes that wait at most */ };

int mr_side_file_open(struct mr_side_file *b, const char *path)
{
    *b = MR_SIDE_FILE_NONE;
    b->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (b->fd < 0)
        b->error = errno;
    return b->fd < 0 ? -1 : 0;
}

void mr_side_file_wait(struct mr_side_file *b)
{
    int flags = b->fd < 0 ? -1 : fcntl(b->fd, F_GETFL);
    if (flags >= 0)
        (void)fcntl(b->fd, F_SETFL, flags & ~O_NONBLOCK); /* else what is not taken is lost */
}

/* An error: what is there of the last piece is taken away, where that can be. */
static void fail(struct mr_side_file *b, int code)
{
    struct stat st;
    b->error = code;
    if (fstat(b->fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(b->fd, (off_t)b->whole) < 0)
        b->error = code; /* it stays as it is */
    close(b->fd);
    b->fd = -1;
}

/* Writes what waits, as far as it is taken at once. */
static void write_waiting(struct mr_side_file *b)
{
    size_t done = 0;
    while (done < b->waiting.size) {
        ssize_t n = write(b->fd, b->waiting.at + done, b->waiting.size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            fail(b, errno);
            break;
        }
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    b->waiting.size -= done;
    if (b->waiting.size > 0 && done > 0)
        memmove(b->waiting.at, b->waiting.at + done, b->waiting.size);
    if (b->waiting.size == 0)
        b->whole = b->size;
}

void mr_side_file_put(struct mr_side_file *b, const void *bytes, size_t n)
{
    if (b->fd < 0)
        return;
    if ((b->waiting.size > 0 && n > ROOM - b->waiting.size) ||
        mr_buffer_add(&b->waiting, bytes, n) < 0) {
        b->lost++;
        return;
    }
    b->size += n;
    write_waiting(b);
}

void mr_side_file_close(struct mr_side_file *b)
{
    if (b->fd >= 0 && b->waiting.size > 0) {
        write_waiting(b);
        b->lost += b->waiting.size > 0;
    }
    if (b->fd >= 0 && close(b->fd) < 0)
        b->error = errno;
    b->fd = -1;
    mr_buffer_free(&b->waiting);
}
