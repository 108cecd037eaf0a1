/* Messages: written where that is possible at once, kept for a while, or counted. */
#include "program/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ROOM = 256 << 10, /* bytes that wait at most */
    LINE = 4096       /* of one: a pipe takes that many as a whole or not at all */
};

/* Standard error is shared with whoever started us, so it must not be made one that does not wait.
 * A pipe or a terminal can be opened once more for that. Elsewhere it is asked before each line
 * whether it is ready, which is as good unless another process is quicker by a hair. */
static void open_own(struct mr_messages *m)
{
    struct stat st;
    m->open = true;
    m->fd = -1;
    m->waiting = malloc(ROOM);
    if (fstat(STDERR_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        m->fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void close_own(struct mr_messages *m)
{
    if (m->open && m->fd >= 0)
        close(m->fd);
    free(m->waiting);
    *m = (struct mr_messages){ .program = m->program };
}

/* Writes as much of a line as is taken at once. Returns how much that was; all of it, too, where
 * nobody is there to take it any more. */
static size_t put(const struct mr_messages *m, const char *line, size_t size)
{
    int fd = m->fd >= 0 ? m->fd : STDERR_FILENO;
    struct pollfd ready = { fd, POLLOUT, 0 };
    if (poll(&ready, 1, 0) != 1)
        return 0;
    ssize_t n = write(fd, line, size);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : size;
    return (size_t)n;
}

/* Writes the lines that wait, one at a time, as far as that goes. */
static void put_waiting(struct mr_messages *m)
{
    size_t done = 0, n = 1;
    while (done < m->size && n > 0) {
        const char *line = m->waiting + done;
        const char *end = memchr(line, '\n', m->size - done);
        n = put(m, line, (size_t)(end - line) + 1);
        done += n;
    }
    m->size -= done;
    if (m->size > 0)
        memmove(m->waiting, m->waiting + done, m->size);
}

/* Keeps a line, or what is left of one: of that there always is room, as nothing waits then. */
static void keep(struct mr_messages *m, const char *line, size_t size)
{
    if (size > ROOM - m->size) {
        m->lost++;
        return;
    }
    memcpy(m->waiting + m->size, line, size);
    m->size += size;
}

/* Adds a line, which size bytes begin; its last becomes its end. */
static void add_line(struct mr_messages *m, char *line, size_t size)
{
    line[size - 1] = '\n';
    if (!m->open)
        open_own(m);
    mr_messages_hide(m);
    if (m->waiting == NULL) { /* nothing is begun that could not be ended */
        m->lost++;
        return;
    }
    put_waiting(m);
    size_t done = m->size == 0 ? put(m, line, size) : 0;
    if (done < size)
        keep(m, line + done, size - done);
}

void mr_messages_add(struct mr_messages *m, const char *text)
{
    char line[LINE];
    int length = snprintf(line, sizeof line, "%s: %s\n", m->program, text);
    if (length > 0)
        add_line(m, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

void mr_messages_add_bare(struct mr_messages *m, const char *text)
{
    char line[LINE];
    int length = snprintf(line, sizeof line, "%s\n", text);
    if (length > 0)
        add_line(m, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* ---- what is not to stay ---------------------------------------------------------------- */

/* To the beginning of the line; and all from there on is cleared. */
static const char clear[] = "\r\033[J";

void mr_messages_hide(struct mr_messages *m)
{
    if (m->drawn && m->size == 0 && put(m, clear, sizeof clear - 1) > 0)
        m->drawn = false;
}

/* Whether the terminal is this program's now: it was not started in the background. */
static bool is_in_front(void)
{
    pid_t front = tcgetpgrp(STDERR_FILENO);
    return front < 0 || front == getpgrp();
}

void mr_messages_draw(struct mr_messages *m, const char *line)
{
    char text[LINE];
    if (!m->open)
        open_own(m);
    if (m->size > 0 || !is_in_front())
        return;
    int length = snprintf(text, sizeof text, "%s%s\r", clear, line);
    if (length > 0 && (size_t)length < sizeof text && put(m, text, (size_t)length) > 0)
        m->drawn = true;
}

unsigned mr_messages_width(void)
{
    const char *terminal = getenv("TERM");
    const int fd = STDERR_FILENO;
    struct winsize size;
    if (!isatty(fd) || terminal == NULL || *terminal == '\0' || strcmp(terminal, "dumb") == 0)
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* ---- the end ---------------------------------------------------------------------------- */

void mr_messages_end(struct mr_messages *m)
{
    mr_messages_hide(m);
    if (m->drawn && m->size + m->lost > 0)
        fwrite(clear, 1, sizeof clear - 1, stderr);
    if (m->size > 0)
        fwrite(m->waiting, 1, m->size, stderr);
    if (m->lost > 0)
        fprintf(stderr, "%s: %llu messages were lost, as %s\n", m->program, m->lost,
                m->waiting ? "standard error did not take them" : "no memory was left for them");
    close_own(m);
}

void mr_messages_leave(struct mr_messages *m)
{
    put_waiting(m);
    mr_messages_hide(m);
    close_own(m);
}
