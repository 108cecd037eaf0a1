/* The loop between a task and a program. */
#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUT_ROOM = 256 << 10, /* bytes of a line that are held at once */
    ERRORS_ROOM = 4 << 10,
    LOOK_MS = 500, /* between looks at how much is unread */
    SETTLE_MS = 1, /* the same, where that is waited for */
    SETTLE_LOOKS = 20, /* without a change, after which it no longer is */
    GATHER_PART = 16 /* of what the pipe can take */
};

/* What is being fed. */
struct food {
    const unsigned char *bytes;
    size_t size;
};

static int cannot(struct exchange *x, const char *what)
{
    return mr_fail(x->context, "cannot %s a program: %s", what, strerror(errno));
}

/* ---- the four descriptors --------------------------------------------------------------- */

/* The program reads no further: ends its input, and takes back what it has not read of it. */
static void stop_feeding(struct exchange *x)
{
    int left = 0;
    if (x->child.input >= 0 && ioctl(x->child.input, FIONREAD, &left) == 0 && left > 0)
        x->fed -= (uint64_t)left;
    child_close(&x->child.input);
}

static int write_some(struct exchange *x, struct food *food)
{
    ssize_t size = write(x->child.input, food->bytes, food->size);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size < 0 && errno != EPIPE)
        return cannot(x, "write to");
    if (size < 0) {
        stop_feeding(x);
        return 0;
    }
    food->bytes += size;
    food->size -= (size_t)size;
    x->fed += (size_t)size;
    mr_progress(x->context);
    return 0;
}

/* Reads what there is, into lines; at its end, the descriptor is closed. */
static int read_some(struct exchange *x, int *fd, struct line_cutter *lines)
{
    size_t room;
    unsigned char *to = line_cutter_room(lines, &room);
    ssize_t size = read(*fd, to, room);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size < 0)
        return cannot(x, "read from");
    mr_progress(x->context);
    if (lines == &x->output)
        gathering_note(&x->gathering, (size_t)size);
    if (size > 0)
        return line_cutter_add(lines, (size_t)size);
    child_close(fd);
    return line_cutter_end(lines);
}

/* Waits until something can be done, at most so many milliseconds (-1: any), and does it. */
static int turn(struct exchange *x, struct food *food, int ms)
{
    struct child *c = &x->child;
    bool gathers = gathering_begin(&x->gathering, c->output >= 0 && !c->ended);
    struct pollfd fds[] = {
        { food->size > 0 ? c->input : -1, POLLOUT, 0 },
        { gathers ? -1 : c->output, POLLIN, 0 },
        { c->errors, POLLIN, 0 },
        { c->alone ? -1 : c->line, POLLIN, 0 },
    };
    if (poll(fds, sizeof fds / sizeof *fds, gathers && ms != 0 ? GATHERING_MS : ms) < 0)
        return errno == EINTR ? 0 : cannot(x, "wait for");
    if (fds[2].revents != 0 && read_some(x, &c->errors, &x->errors) < 0)
        return -1;
    if (fds[1].revents != 0 && read_some(x, &c->output, &x->output) < 0)
        return -1;
    if (fds[0].revents != 0 && write_some(x, food) < 0)
        return -1;
    return fds[3].revents != 0 ? child_hear(c, x->context) : 0;
}

/* ---- an exchange ------------------------------------------------------------------------ */

int exchange_open(struct exchange *x, const char *command, struct mr_context *context,
                  int (*take)(void *context, const unsigned char *bytes, size_t size,
                              enum mr_part part),
                  bool together)
{
    *x = (struct exchange){ .context = context, .reporter = { .context = context },
                            .unread = -1, .open = true };
    if (line_cutter_init(&x->output, OUTPUT_ROOM, take, context) < 0 ||
        line_cutter_init(&x->errors, ERRORS_ROOM, reporter_take, &x->reporter) < 0)
        return mr_fail(context, "there is no memory for a program's lines");
    x->output.together = together;
    if (child_start(&x->child, command, context) < 0)
        return -1;
    int room = fcntl(x->child.output, F_GETPIPE_SZ);
    x->gathering.little = room > 0 ? (size_t)room / GATHER_PART : 0;
    return 0;
}

/* The kernel has a power of two, and would take the next larger one. */
void exchange_limit(struct exchange *x, size_t bytes)
{
    enum { LEAST = 4096, MOST = 1 << 30 };
    int room = LEAST;
    while (room < MOST && (size_t)room * 2 <= bytes)
        room *= 2;
    (void)fcntl(x->child.input, F_SETPIPE_SZ, room);
}

bool exchange_is_sated(const struct exchange *x)
{
    return x->child.input < 0;
}

static bool has_failed(const struct exchange *x)
{
    return x->child.ended && x->child.status != 0;
}

/* Reads what it has written to its standard error, once it has ended. */
static int hear_last_words(struct exchange *x)
{
    struct food none = { NULL, 0 };
    child_kill(&x->child); /* none of what it has started is to say more */
    child_close(&x->child.output);
    while (x->child.errors >= 0)
        if (turn(x, &none, -1) < 0)
            return -1;
    return 0;
}

int exchange_feed(struct exchange *x, const unsigned char *bytes, size_t size)
{
    struct food food = { bytes, size };
    if (exchange_is_sated(x)) /* what it writes must not stay with it */
        return turn(x, &(struct food){ NULL, 0 }, 0);
    while (food.size > 0 && !exchange_is_sated(x)) {
        if (turn(x, &food, -1) < 0)
            return -1;
        if (x->child.ended)
            stop_feeding(x);
    }
    return has_failed(x) ? hear_last_words(x), -1 : 0;
}

int exchange_settle(struct exchange *x)
{
    struct food none = { NULL, 0 };
    int before = INT_MAX, left = INT_MAX;
    for (int looks = 0; left > 0 && looks < SETTLE_LOOKS; looks = left < before ? 0 : looks + 1) {
        before = left;
        if (exchange_is_sated(x) || ioctl(x->child.input, FIONREAD, &left) < 0)
            break;
        if (turn(x, &none, SETTLE_MS) < 0)
            return -1;
        if (x->child.ended)
            stop_feeding(x);
    }
    return has_failed(x) ? hear_last_words(x), -1 : 0;
}

/* Ends the input of a program that may have much of it yet to read: a pipe's other end tells how
 * much, and can be had by its name. Where it cannot, it is not looked at. */
static void end_input(struct exchange *x)
{
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", x->child.input);
    if (!exchange_is_sated(x))
        x->unread = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    x->unread_size = INT_MAX;
    child_close(&x->child.input);
}

/* One that reads on gets on, though it says nothing. */
static void look_at_unread(struct exchange *x)
{
    int size = 0;
    if (x->unread < 0)
        return;
    if (ioctl(x->unread, FIONREAD, &size) == 0 && size < x->unread_size)
        mr_progress(x->context);
    x->unread_size = size;
    if (size == 0)
        child_close(&x->unread);
}

int exchange_finish(struct exchange *x)
{
    struct food none = { NULL, 0 };
    end_input(x);
    while (!has_failed(x) && (!x->child.ended || x->child.output >= 0)) {
        look_at_unread(x);
        if (turn(x, &none, x->unread < 0 ? -1 : LOOK_MS) < 0)
            return -1;
        if (x->child.alone) /* a daemon does not end, and its output is not the program's */
            child_kill(&x->child);
    }
    if (hear_last_words(x) < 0)
        return -1;
    return has_failed(x) ? -1 : 0;
}

void exchange_close(struct exchange *x)
{
    child_end(&x->child);
    child_close(&x->unread);
    line_cutter_free(&x->output);
    line_cutter_free(&x->errors);
    x->open = false;
}

bool exchange_explain(const struct exchange *x, struct exchange_end *end)
{
    static const char words[] = "; its last words: ";
    const size_t head = sizeof words - 1;
    int status = x->child.status;
    if (!has_failed(x))
        return false;
    if (WIFSIGNALED(status))
        snprintf(end->how, sizeof end->how, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(end->how, sizeof end->how, "ended with status %d%s", WEXITSTATUS(status),
                 WEXITSTATUS(status) == 127 ? " (a command was not found)" : "");
    memcpy(end->last_words, words, sizeof words);
    reporter_last_lines(&x->reporter, end->last_words + head, sizeof end->last_words - head);
    if (end->last_words[head] == '\0')
        end->last_words[0] = '\0';
    return true;
}
