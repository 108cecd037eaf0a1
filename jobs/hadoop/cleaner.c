/* rm -rf, in time. */
#include "cleaner.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_cleaner(int line, const char *directory, const char *stage,
                                 const char *side)
{
    sigset_t all;
    char byte;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setpgid(0, 0);
    /* Nobody is to wait for the end of an output because of us. */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (null < 0 || dup2(null, fd) < 0)
            close(fd);
    while (read(line, &byte, 1) < 0 && errno == EINTR)
        ;
    (void)RUN("rm", "-rf", "--", directory, stage, side);
    _exit(0);
}

int cleaner_start(struct cleaner *c, const char *directory, const char *stage, const char *side,
                  struct mr_error *err)
{
    int line[2];
    if (pipe(line) < 0) /* the writing end is for all programs below, too */
        return mr_error_set(err, "cannot make a pipe: %s", strerror(errno));
    c->pid = fork();
    if (c->pid == 0) {
        close(line[1]);
        be_cleaner(line[0], directory, stage, side);
    }
    close(line[0]);
    c->line = line[1];
    return c->pid > 0 ? 0 : mr_error_set(err, "cannot start a process: %s", strerror(errno));
}

void cleaner_end(struct cleaner *c)
{
    close(c->line);
    while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
