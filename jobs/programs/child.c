/* A child and its keeper. */
#include "child.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FIRST_OTHER = 3,      /* the first descriptor that is no standard one */
    PIPE_ROOM = 1 << 20,  /* bytes, where the user may have so many */
    LOOK_MS = 1000,       /* between two looks for the program's end, should no signal tell of it */
    PATIENCE_MS = 10000   /* for those that were killed to end */
};

/* What the keeper tells: why the program cannot be started, or how it ended. */
struct word {
    int code; /* an errno, or 0 */
    int status;
};

/* The ends of the pipes, [0] to read from and [1] to write to. */
struct pipes {
    int input[2], output[2], errors[2], line[2];
};

void child_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *p)
{
    int *const all[] = { p->input, p->output, p->errors, p->line };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        child_close(&all[i][0]);
        child_close(&all[i][1]);
    }
}

static int open_pipes(struct pipes *p)
{
    *p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
    if (pipe2(p->input, O_CLOEXEC) == 0 && pipe2(p->output, O_CLOEXEC) == 0 &&
        pipe2(p->errors, O_CLOEXEC) == 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->line) == 0) {
        /* What is not granted only makes it slower. */
        (void)fcntl(p->input[1], F_SETPIPE_SZ, PIPE_ROOM);
        (void)fcntl(p->output[0], F_SETPIPE_SZ, PIPE_ROOM);
        return 0;
    }
    int code = errno;
    close_pipes(p);
    errno = code;
    return -1;
}

/* ---- the program ------------------------------------------------------------------------ */

static void close_others(void)
{
    if (close_range(FIRST_OTHER, ~0U, 0) == 0)
        return;
    long most = sysconf(_SC_OPEN_MAX); /* an old kernel */
    for (int fd = FIRST_OTHER; fd < most; fd++)
        close(fd);
}

static void usual_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL); /* where it cannot be set, it is that */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void be_program(const struct pipes *p, const char *command, pid_t keeper)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == keeper && dup2(p->input[0], STDIN_FILENO) >= 0 &&
        dup2(p->output[1], STDOUT_FILENO) >= 0 && dup2(p->errors[1], STDERR_FILENO) >= 0) {
        close_others();
        usual_signals();
        char shell[] = "sh", option[] = "-c", *words[] = { shell, option, strdup(command), NULL };
        if (words[2] != NULL)
            execv("/bin/sh", words);
    }
    _exit(127);
}

/* ---- the keeper ------------------------------------------------------------------------- */

/* The parent of a process; 0: it has none that can be told. */
static pid_t parent_of(const char *pid)
{
    char path[64], text[512], *behind;
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    behind = strrchr(text, ')'); /* of the name, which may have anything in it */
    if (behind == NULL || strlen(behind) < 4)
        return 0;
    parent = strtol(behind + 4, NULL, 10); /* ") S 1234" */
    return (pid_t)parent;
}

static void kill_children(void)
{
    DIR *all = opendir("/proc");
    pid_t self = getpid();
    const struct dirent *d;
    /* cppcheck-suppress readdirCalled ; there is one thread, and one stream of a directory */
    while (all != NULL && (d = readdir(all)) != NULL)
        if (isdigit((unsigned char)d->d_name[0]) && parent_of(d->d_name) == self)
            kill((pid_t)strtol(d->d_name, NULL, 10), SIGKILL);
    if (all != NULL)
        closedir(all);
}

/* Takes note of children that have ended. Returns whether there are others. */
static bool reap(pid_t program, struct word *word, bool *ended)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == program) {
            *word = (struct word){ 0, status };
            *ended = true;
        }
    return pid == 0;
}

/* Kills all that the program has started: its group, and then children, which those become whose
 * parents have ended, until there are none. */
static void kill_all(pid_t program)
{
    struct word ignored;
    bool ended = false;
    kill(-program, SIGKILL);
    for (int ms = 0; reap(program, &ignored, &ended) && ms < PATIENCE_MS; ms++) {
        poll(NULL, 0, 1);
        kill_children();
    }
}

/* Waits until the program has ended, which is told, and the line. */
static void watch(int line, int children, pid_t program)
{
    struct word word;
    struct signalfd_siginfo info;
    bool ended = false, told = false;
    for (;;) {
        struct pollfd fds[] = { { line, POLLIN, 0 }, { children, POLLIN, 0 } };
        if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
            return;
        if (fds[0].revents != 0)
            return; /* nothing is ever said to us: it is the end */
        if (fds[1].revents != 0 && read(children, &info, sizeof info) < 0 && errno != EAGAIN)
            return;
        (void)reap(program, &word, &ended);
        if (ended && !told && send(line, &word, sizeof word, MSG_NOSIGNAL) < 0)
            return;
        told = ended;
    }
}

static _Noreturn void be_keeper(struct pipes *p, const char *command)
{
    sigset_t all, child;
    /* A signal to the whole group must not end the one that is to clean up after it. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setpgid(0, 0);
    child_close(&p->line[0]);
    child_close(&p->input[1]);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    int status = prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t self = getpid(), program = children < 0 || status < 0 ? -1 : fork();
    if (program == 0)
        be_program(p, command, self);
    struct word word = { errno, 0 };
    /* Nobody is to wait for the end of an output because of us. */
    for (int fd = STDIN_FILENO; fd < FIRST_OTHER; fd++)
        close(fd);
    int line = p->line[1];
    p->line[1] = -1;
    close_pipes(p);
    if (program < 0) {
        (void)send(line, &word, sizeof word, MSG_NOSIGNAL);
        _exit(1);
    }
    setpgid(program, program); /* should it not have come to that itself */
    watch(line, children, program);
    kill_all(program);
    _exit(0);
}

/* ---- the worker ------------------------------------------------------------------------- */

static int cannot_start(struct mr_context *context)
{
    return mr_fail(context, "cannot start a program: %s (may this user have more processes and "
                            "open files: ulimit -u, ulimit -n?)", strerror(errno));
}

int child_start(struct child *c, const char *command, struct mr_context *context)
{
    struct pipes p;
    *c = (struct child){ 0, -1, -1, -1, -1, false, 0 };
    if (open_pipes(&p) < 0)
        return cannot_start(context);
    pid_t keeper = fork();
    if (keeper == 0)
        be_keeper(&p, command);
    int code = errno;
    if (keeper > 0) {
        *c = (struct child){ keeper, p.input[1], p.output[0], p.errors[0], p.line[0], false, 0 };
        p.input[1] = p.output[0] = p.errors[0] = p.line[0] = -1;
    }
    close_pipes(&p);
    errno = code;
    if (keeper < 0 || fcntl(c->input, F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(c->output, F_SETFL, O_NONBLOCK) < 0 || fcntl(c->errors, F_SETFL, O_NONBLOCK) < 0)
        return cannot_start(context);
    return 0;
}

int child_hear(struct child *c, struct mr_context *context)
{
    struct word word;
    ssize_t size = recv(c->line, &word, sizeof word, MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (size != sizeof word)
        return mr_fail(context, "the process that watches over a program is gone");
    errno = word.code;
    if (word.code != 0)
        return cannot_start(context);
    c->ended = true;
    c->status = word.status;
    return 0;
}

void child_kill(struct child *c)
{
    child_close(&c->line);
}

void child_end(struct child *c)
{
    if (c->keeper == 0)
        return;
    child_close(&c->input);
    child_close(&c->output);
    child_close(&c->errors);
    child_kill(c);
    while (waitpid(c->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    c->keeper = 0;
}
