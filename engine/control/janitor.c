/* The janitor: waits for the run's end, and cleans up when it was killed. */
#include "control/janitor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

static _Noreturn void be_janitor(int socket, void (*clean)(void *arg), void (*sweep)(void *arg),
                                 void *arg)
{
    /* A signal to the whole process group must not end the process that cleans up after it. */
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    /* Who reads the run's output is to see its end when the run ends, not when the janitor does. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fd != socket)
            close(fd);
    sweep(arg);
    char byte;
    if (mr_read_full(socket, &byte, 1) == 0)
        clean(arg);
    _exit(0);
}

/* What is told of it; signal: that has ended it, or 0. */
static void tell(const struct mr_janitor *j, enum mr_event_type type, int signal)
{
    double took = type == MR_EVENT_JANITOR ? 0 : mr_clock_seconds_since(j->began);
    mr_event_tell(j->config, &(struct mr_event){ .type = type, .pid = j->pid, .took = took,
                                                 .signal = signal });
}

int mr_janitor_start(struct mr_janitor *j, const struct mr_config *config,
                     void (*clean)(void *arg), void (*sweep)(void *arg), void *arg,
                     struct mr_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return mr_error_system(err, "cannot make sockets to the process that cleans up after a "
                                    "run");
    j->pid = fork();
    if (j->pid == 0) {
        close(ends[1]);
        be_janitor(ends[0], clean, sweep, arg);
    }
    int code = errno;
    close(ends[0]);
    j->socket = ends[1];
    j->config = config;
    j->began = mr_clock_now();
    if (j->pid > 0) {
        tell(j, MR_EVENT_JANITOR, 0);
        return 0;
    }
    j->pid = 0;
    mr_close(&j->socket);
    errno = code;
    return mr_error_system(err, "cannot start the process that cleans up after a run (may this "
                                "user have no more: ulimit -u?)");
}

/* Waits a while for the janitor's end, which closes its end of the sockets. */
static bool has_ended(const struct mr_janitor *j)
{
    struct pollfd socket = { j->socket, 0, 0 };
    int got;
    do
        got = poll(&socket, 1, PATIENCE_MS);
    while (got < 0 && errno == EINTR);
    return got > 0;
}

void mr_janitor_dismiss(struct mr_janitor *j)
{
    if (j->pid == 0)
        return;
    /* Where it has ended already (somebody has killed it), this fails, which does no harm. */
    char byte = 0;
    (void)send(j->socket, &byte, 1, MSG_NOSIGNAL);
    bool ended = has_ended(j);
    if (!ended && kill(j->pid, SIGKILL) == 0)
        ended = has_ended(j);
    mr_close(&j->socket);
    int status = 0;
    while (waitpid(j->pid, &status, ended ? 0 : WNOHANG) < 0 && errno == EINTR)
        ;
    tell(j, MR_EVENT_JANITOR_END, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    j->pid = 0;
}
