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

/* What the keeper tells: why the program cannot be started, or how it ended; and once more, should
 * it have left some running, when these have ended. */
struct word {
    int code; /* an errno, or 0 */
    int status;
    bool alone; /* nothing of the program but daemons runs on */
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

/* Looks up the parent and the session of a process. Returns false where they cannot be told. */
static bool find_parent(const char *pid, pid_t *parent, pid_t *session)
{
    char path[64], text[512], *behind;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return false;
    text[size] = '\0';
    behind = strrchr(text, ')'); /* of the name, which may have anything in it */
    if (behind == NULL || strlen(behind) < 4)
        return false;
    *parent = (pid_t)strtol(behind + 4, &behind, 10); /* ") S 1234 1200 1100": the last is it */
    (void)strtol(behind, &behind, 10);
    *session = (pid_t)strtol(behind, NULL, 10);
    return true;
}

/* Calls back for each child. Returns whether one of the calls has returned true. */
static bool any_child(bool (*call)(pid_t child, pid_t session))
{
    DIR *all = opendir("/proc");
    pid_t self = getpid(), parent, session;
    const struct dirent *d;
    bool any = false;
    /* cppcheck-suppress readdirCalled ; there is one thread, and one stream of a directory */
    while (all != NULL && (d = readdir(all)) != NULL)
        if (isdigit((unsigned char)d->d_name[0]) &&
            find_parent(d->d_name, &parent, &session) && parent == self)
            any |= call((pid_t)strtol(d->d_name, NULL, 10), session);
    if (all != NULL)
        closedir(all);
    return any;
}

static bool kill_child(pid_t child, pid_t session)
{
    (void)session;
    return kill(child, SIGKILL) == 0;
}

/* Whether a child has made itself a session, as daemons do. */
static bool is_daemon(pid_t child, pid_t session)
{
    (void)child;
    return session != getsid(0);
}

static bool is_no_daemon(pid_t child, pid_t session)
{
    return !is_daemon(child, session);
}

/* Whether what still runs is daemons. The children are enough: whose parent has ended is one. Where
 * none can be seen, as without /proc, nobody knows, and it is not so. */
static bool are_daemons(void)
{
    return any_child(is_daemon) && !any_child(is_no_daemon);
}

/* Takes note of children that have ended. Returns whether there are others. */
static bool reap(pid_t program, struct word *word, bool *ended)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR))
        if (pid == program) {
            *word = (struct word){ 0, status, false };
            *ended = true;
        }
    return pid == 0;
}

/* Kills all that the program has started: its group, if any of it may be left, and then children,
 * which those become whose parents have ended, until there are none. */
static void kill_all(pid_t program, bool alone)
{
    struct word ignored;
    bool ended = false;
    if (!alone)
        kill(-program, SIGKILL);
    for (int ms = 0; reap(program, &ignored, &ended) && ms < PATIENCE_MS; ms++) {
        poll(NULL, 0, 1);
        (void)any_child(kill_child);
    }
}

static bool tell(int line, const struct word *word)
{
    ssize_t sent;
    do
        sent = send(line, word, sizeof *word, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

/* Waits for the end of the line; until then, tells how the program has ended, and when nothing of
 * it runs on. Returns whether that is so. */
static bool watch(int line, int children, pid_t program)
{
    struct word word = { 0 };
    struct signalfd_siginfo info;
    bool ended = false, told = false;
    for (;;) {
        struct pollfd fds[] = { { line, POLLIN, 0 }, { children, POLLIN, 0 } };
        if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
            break;
        if (fds[0].revents != 0)
            break; /* nothing is ever said to us: it is the end */
        if (fds[1].revents != 0 && read(children, &info, sizeof info) < 0 && errno != EAGAIN &&
            errno != EINTR)
            break;
        bool others = reap(program, &word, &ended);
        if (!ended || word.alone)
            continue;
        word.alone = !others || are_daemons();
        if ((!told || word.alone) && !tell(line, &word))
            break;
        told = true;
    }
    return word.alone;
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
    struct word word = { errno, 0, false };
    /* Nobody is to wait for the end of an output because of us. */
    for (int fd = STDIN_FILENO; fd < FIRST_OTHER; fd++)
        close(fd);
    int line = p->line[1];
    p->line[1] = -1;
    close_pipes(p);
    if (program < 0) {
        (void)tell(line, &word);
        _exit(1);
    }
    setpgid(program, program); /* should it not have come to that itself */
    kill_all(program, watch(line, children, program));
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
    *c = (struct child){ 0, -1, -1, -1, -1, false, false, 0 };
    if (open_pipes(&p) < 0)
        return cannot_start(context);
    pid_t keeper = fork();
    if (keeper == 0)
        be_keeper(&p, command);
    int code = errno;
    if (keeper > 0) {
        *c = (struct child){ keeper, p.input[1], p.output[0], p.errors[0], p.line[0], false, false,
                            0 };
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
    c->alone = word.alone;
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
