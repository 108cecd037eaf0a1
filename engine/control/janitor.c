/* The janitor: waits for the end, and cleans up after a violent one. */
#include "control/janitor.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

static _Noreturn void be_janitor(int line, void (*clean)(void *arg), void (*sweep)(void *arg),
                                 void *arg)
{
    /* A signal to the whole group must not end the one that is to clean up after it. */
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    /* Nobody is to wait for the end of our output because of us. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fd != line)
            close(fd);
    sweep(arg);
    char byte;
    if (mr_read_full(line, &byte, 1) == 0)
        clean(arg);
    _exit(0);
}

int mr_janitor_start(struct mr_janitor *j, void (*clean)(void *arg), void (*sweep)(void *arg),
                     void *arg, struct mr_error *err)
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
    j->line = ends[1];
    if (j->pid > 0)
        return 0;
    j->pid = 0;
    mr_close(&j->line);
    errno = code;
    return mr_error_system(err, "cannot start the process that cleans up after a run (may this "
                                "user have no more: ulimit -u?)");
}

/* Waits a while for the janitor to let go of the line, as it does at its end. False: it has not. */
static bool has_ended(const struct mr_janitor *j)
{
    struct pollfd line = { j->line, 0, 0 };
    int got;
    do
        got = poll(&line, 1, PATIENCE_MS);
    while (got < 0 && errno == EINTR);
    return got > 0;
}

void mr_janitor_dismiss(struct mr_janitor *j)
{
    if (j->pid == 0)
        return;
    /* Should it be gone already (killed by hand), this fails, and all is as well. */
    char byte = 0;
    (void)send(j->line, &byte, 1, MSG_NOSIGNAL);
    bool ended = has_ended(j);
    if (!ended && kill(j->pid, SIGKILL) == 0)
        ended = has_ended(j);
    mr_close(&j->line);
    while (waitpid(j->pid, NULL, ended ? 0 : WNOHANG) < 0 && errno == EINTR)
        ;
    j->pid = 0;
}
