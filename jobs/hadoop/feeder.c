/* From a descriptor to another. */
#include "feeder.h"

#include "heartbeat.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE = 256 << 10,
    LOOK_NS = 100000000 /* between looks at how much is unread */
};

/* Writes all. Where sent is not NULL, who reads does not block the writer, and each time that it
 * makes room for more is worth a heartbeat. */
static int write_all(int fd, const char *bytes, size_t size, int64_t *sent)
{
    struct pollfd room = { fd, POLLOUT, 0 };
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        bool full = n < 0 && sent != NULL && errno == EAGAIN;
        if (full && poll(&room, 1, -1) > 0)
            heartbeat_send(sent);
        else if (n < 0 && !full && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int feeder_write(int fd, const char *bytes, size_t size)
{
    return write_all(fd, bytes, size, NULL);
}

enum { UNREAD = 1 }; /* nobody reads on, which a program need not */

static int hand_on(const struct framing *f, int to, int64_t *sent, struct mr_error *err)
{
    if (write_all(to, f->made, f->made_size, sent) == 0)
        return 0;
    return errno == EPIPE ? UNREAD
                          : mr_error_set(err, "a program cannot be fed: %s", strerror(errno));
}

/* Ends the input of a program that may have much of it yet to read, and sends heartbeats while it
 * does: a pipe's other end tells how much, and can be had by its name. */
static void end_with_heartbeats(int to, int64_t *sent)
{
    const struct timespec between = { .tv_nsec = LOOK_NS };
    char name[32];
    int last = INT_MAX, size = 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", to);
    int unread = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    close(to);
    while (unread >= 0 && last > 0 && ioctl(unread, FIONREAD, &size) == 0) {
        if (size < last)
            heartbeat_send(sent);
        last = size;
        (void)nanosleep(&between, NULL);
    }
    if (unread >= 0)
        close(unread);
}

static int feed(struct framing *f, int to, const char *bytes, size_t size, int64_t *sent,
                struct mr_error *err)
{
    return framing_convert(f, bytes, size, err) < 0 ? -1 : hand_on(f, to, sent, err);
}

static int feed_all(struct framing *f, int from, int to, char *piece, int64_t *sent,
                    struct mr_error *err)
{
    ssize_t size;
    while ((size = read(from, piece, PIECE)) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return mr_error_set(err, "cannot read from wc-mr: %s", strerror(errno));
        int result = feed(f, to, piece, (size_t)size, sent, err);
        if (result != 0)
            return result;
    }
    return 0;
}

static int cannot_go_on(const struct framing *f, struct mr_error *err)
{
    return mr_error_set(err, "cannot read '%s': %s", f->file, strerror(errno));
}

/* Feeds what a file has for the record at hand, up to its end. */
static int feed_record(struct framing *f, int file, int to, char *piece, int64_t *sent,
                       struct mr_error *err)
{
    ssize_t size = 1;
    f->last = true;
    while (framing_is_within(f) && size != 0) {
        size = pread(file, piece, PIECE, (off_t)f->offset);
        if (size < 0 && errno != EINTR)
            return cannot_go_on(f, err);
        int result = size > 0 ? feed(f, to, piece, (size_t)size, sent, err) : 0;
        if (result != 0)
            return result;
    }
    return 0;
}

/* A record that goes on behind the mapper's stretch of the file is read to its end there. */
static int feed_rest(struct framing *f, int to, char *piece, int64_t *sent, struct mr_error *err)
{
    if (f->file == NULL || !framing_is_within(f))
        return 0;
    int file = open(f->file, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return cannot_go_on(f, err);
    int result = feed_record(f, file, to, piece, sent, err);
    close(file);
    return result;
}

static int run_with(struct framing *f, int from, int to, char *piece, struct mr_error *err)
{
    int64_t sent = 0;
    int result = feed_all(f, from, to, piece, &sent, err);
    if (result == 0)
        result = feed_rest(f, to, piece, &sent, err);
    if (result == 0)
        result = framing_end(f, err) < 0 ? -1 : hand_on(f, to, &sent, err);
    if (result == 0)
        end_with_heartbeats(to, &sent);
    return result;
}

int feeder_run(struct framing *f, int from, int to, struct mr_error *err)
{
    char *piece = malloc(PIECE);
    (void)fcntl(to, F_SETFL, O_NONBLOCK); /* else it is only waited for, and nothing told */
    int result = piece ? run_with(f, from, to, piece, err)
                       : mr_error_set(err, "there is no memory to feed a program");
    free(piece);
    framing_free(f);
    return result < 0 ? -1 : 0;
}
