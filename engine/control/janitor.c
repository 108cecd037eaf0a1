/* The janitor: waits for the end, and cleans up after a violent one. */
#include "control/janitor.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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
    if (pipe2(ends, O_CLOEXEC) < 0)
        return mr_error_system(err, "cannot make a pipe");
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
    return mr_error_system(err, "cannot start a process");
}

void mr_janitor_dismiss(struct mr_janitor *j)
{
    if (j->pid == 0)
        return;
    /* Should it be gone already (killed by hand), the write fails, and all is as well. */
    struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
    sigaction(SIGPIPE, &ignore, &old);
    char byte = 0;
    (void)mr_write_full(j->line, &byte, 1);
    sigaction(SIGPIPE, &old, NULL);
    mr_close(&j->line);
    while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    j->pid = 0;
}
