/* The supervisor: fork, watch, reap, try again. */
#include "control/supervisor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "control/memory_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ATTEMPTS = 4,       /* where the job does not say */
    STALL_SECONDS = 600, /* without progress, a worker is taken for hung */
    WATCH_MS = 10,      /* between two looks at memory */
    PATIENCE_MS = 1000  /* between two looks for hung workers */
};

/* What a worker and the supervisor share. */
struct mr_attempt {
    _Atomic uint64_t progress;
    bool told; /* error says why it failed */
    struct mr_error error;
};

struct mr_worker {
    pid_t pid; /* 0: idle */
    size_t task;
    unsigned attempt; /* of the task, from 1 */
    uint64_t progress;
    struct timespec since; /* when progress was last seen */
    struct timespec started;
};

/* The failed tasks that wait to be tried again. */
struct retries {
    struct {
        size_t task;
        unsigned attempt;
    } *at;
    size_t count, room;
};

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

__attribute__((format(printf, 2, 3))) static void tell(const struct mr_supervisor *s,
                                                       const char *format, ...)
{
    if (s->config->log == NULL)
        return;
    char line[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    s->config->log(s->config->log_arg, line);
}

int mr_supervisor_open(struct mr_supervisor *s, unsigned room, const struct mr_config *config,
                       struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    s->config = config;
    s->signals = -1;
    s->room = room;
    s->max_attempts = config->max_attempts ? config->max_attempts : ATTEMPTS;
    /* A parent that ignores SIGCHLD would have our workers reaped behind our back. */
    struct sigaction child = { .sa_handler = SIG_DFL };
    sigaction(SIGCHLD, &child, &s->old_child);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction now;
        /* What was to be ignored (nohup, a background job) stays ignored. */
        if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(&mask, ending[i]);
    }
    sigprocmask(SIG_BLOCK, &mask, &s->old_mask);
    s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signals < 0)
        return mr_error_system(err, "cannot watch for signals");
    s->workers = calloc(room, sizeof *s->workers);
    s->attempts = mr_memory_get_shared(room * sizeof *s->attempts);
    if (s->workers == NULL || s->attempts == NULL)
        return mr_error_memory(err, room * sizeof *s->attempts, "the workers' states");
    return 0;
}

void mr_supervisor_close(struct mr_supervisor *s)
{
    mr_memory_release(s->attempts, s->room * sizeof *s->attempts);
    free(s->workers);
    s->workers = NULL;
    s->attempts = NULL;
    mr_close(&s->signals);
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
    sigaction(SIGCHLD, &s->old_child, NULL);
}

/* ---- workers ---------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define CHECK_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECK_LEAKS 1
#endif
#endif
#ifdef CHECK_LEAKS
void __lsan_do_leak_check(void);
#endif

/* The worker's life: does the task, leaves word, and is gone. */
static _Noreturn void be_worker(const struct mr_supervisor *s, const struct mr_phase *phase,
                                size_t task, struct mr_attempt *attempt, pid_t parent)
{
    /* What ends the run is the supervisor's to decide; a terminal's ^C reaches us too. */
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        signal(ending[i], ending[i] == SIGTERM ? SIG_DFL : SIG_IGN);
    /* A reader that goes away and a file that may not grow are errors like others. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    struct mr_error err = { 0 };
    int result = phase->work(phase->arg, task, &attempt->progress, &err);
    if (result < 0) {
        attempt->error = err;
        attempt->told = true;
    }
#ifdef CHECK_LEAKS
    __lsan_do_leak_check(); /* _exit does not */
#endif
    _exit(result < 0 ? 1 : 0);
}

static struct mr_worker *idle_worker(struct mr_supervisor *s)
{
    for (unsigned i = 0; i < s->room; i++)
        if (s->workers[i].pid == 0)
            return &s->workers[i];
    return NULL;
}

static unsigned running(const struct mr_supervisor *s)
{
    unsigned count = 0;
    for (unsigned i = 0; i < s->room; i++)
        count += s->workers[i].pid != 0;
    return count;
}

/* Starts an attempt. Returns 1, 0 when no process is to be had but others run, or -1. */
static int start(struct mr_supervisor *s, const struct mr_phase *phase, size_t task,
                 unsigned number, struct mr_error *err)
{
    struct mr_worker *w = idle_worker(s);
    struct mr_attempt *attempt = &s->attempts[w - s->workers];
    if (phase->begin && phase->begin(phase->arg, task, err) < 0)
        return -1;
    memset(attempt, 0, sizeof *attempt);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        be_worker(s, phase, task, attempt, parent);
    if (pid < 0) {
        int code = errno;
        phase->discard(phase->arg, task);
        errno = code;
        if ((errno == EAGAIN || errno == ENOMEM) && running(s) > 0)
            return 0;
        return mr_error_system(err, "cannot start a process for %s task %zu (fewer processes: "
                                    "-m, -r)", phase->name, task);
    }
    struct timespec now = mr_clock_now();
    *w = (struct mr_worker){
        .pid = pid, .task = task, .attempt = number, .since = now, .started = now,
    };
    return 1;
}

/* Ends all workers that run and removes what they made. */
static void stop_all(struct mr_supervisor *s, const struct mr_phase *phase)
{
    for (unsigned i = 0; i < s->room; i++)
        if (s->workers[i].pid != 0)
            kill(s->workers[i].pid, SIGKILL);
    for (unsigned i = 0; i < s->room; i++) {
        struct mr_worker *w = &s->workers[i];
        if (w->pid == 0)
            continue;
        while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        w->pid = 0;
        phase->discard(phase->arg, w->task);
    }
}

/* ---- their ends ------------------------------------------------------------------------- */

/* Says in err how a failed attempt ended. */
static void explain(const struct mr_supervisor *s, const struct mr_phase *phase,
                    const struct mr_worker *w, int status, struct mr_error *err)
{
    const struct mr_attempt *attempt = &s->attempts[w - s->workers];
    if (WIFEXITED(status) && attempt->told) {
        *err = attempt->error;
        return;
    }
    char about[512];
    phase->describe(phase->arg, w->task, about, sizeof about);
    if (WIFSIGNALED(status))
        mr_error_set(err, "%s task %zu (%s) was killed by signal %d (%s)", phase->name, w->task,
                     about, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        mr_error_set(err, "%s task %zu (%s) ended with status %d", phase->name, w->task, about,
                     WEXITSTATUS(status));
}

static int add_retry(struct retries *r, size_t task, unsigned attempt, struct mr_error *err)
{
    void *at = mr_memory_grow(r->at, &r->room, r->count, sizeof *r->at, "tasks to try again", err);
    if (at == NULL)
        return -1;
    r->at = at;
    r->at[r->count].task = task;
    r->at[r->count++].attempt = attempt;
    return 0;
}

/* A worker has ended: its task is done, tried again, or the job has failed. */
static int finish(struct mr_supervisor *s, const struct mr_phase *phase, struct mr_worker *w,
                  int status, struct retries *retries, struct mr_error *err)
{
    w->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        tell(s, "%s task %zu: done in %.3f s, attempt %u", phase->name, w->task,
             mr_clock_seconds_since(w->started), w->attempt);
        return phase->commit(phase->arg, w->task, err);
    }
    phase->discard(phase->arg, w->task);
    explain(s, phase, w, status, err);
    tell(s, "%s task %zu: attempt %u failed: %s", phase->name, w->task, w->attempt, err->text);
    if (err->final || (phase->once && phase->once(phase->arg, w->task)))
        return -1;
    if (w->attempt >= s->max_attempts)
        return mr_error_prefix(err, "%s task %zu failed %u times, the last time so", phase->name,
                               w->task, w->attempt);
    s->retried++;
    return add_retry(retries, w->task, w->attempt + 1, err);
}

static int reap(struct mr_supervisor *s, const struct mr_phase *phase, struct retries *retries,
                struct mr_error *err)
{
    for (unsigned i = 0; i < s->room; i++) {
        struct mr_worker *w = &s->workers[i];
        int status;
        if (w->pid == 0)
            continue;
        pid_t pid = waitpid(w->pid, &status, WNOHANG);
        if (pid < 0 && errno != EINTR) {
            w->pid = 0; /* not ours to wait for any more: somebody else did */
            return mr_error_system(err, "cannot wait for %s task %zu", phase->name, w->task);
        }
        if (pid > 0 && finish(s, phase, w, status, retries, err) < 0)
            return -1;
    }
    return 0;
}

/* Kills workers that have made no progress for long; reap then finds them. */
static void end_hung(struct mr_supervisor *s, const struct mr_phase *phase)
{
    /* After a pause of us all (^Z, a laptop's sleep) everybody starts anew. */
    bool paused = mr_clock_seconds_since(s->last_look) > 10.0 * PATIENCE_MS / 1000;
    s->last_look = mr_clock_now();
    for (unsigned i = 0; i < s->room; i++) {
        struct mr_worker *w = &s->workers[i];
        if (w->pid == 0 || (phase->once && phase->once(phase->arg, w->task)))
            continue;
        uint64_t progress = atomic_load(&s->attempts[i].progress);
        if (progress != w->progress || paused) {
            w->progress = progress;
            w->since = mr_clock_now();
        } else if (mr_clock_seconds_since(w->since) > STALL_SECONDS) {
            tell(s, "%s task %zu: no progress for %d s", phase->name, w->task, STALL_SECONDS);
            kill(w->pid, SIGKILL);
            w->since = mr_clock_now();
        }
    }
}

/* ---- the loop --------------------------------------------------------------------------- */

/* Takes the signals that came. Returns 0, or -1 when one of them ends the run. */
static int take_signals(struct mr_supervisor *s, struct mr_error *err)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        mr_error_set(err, "ended by signal %u (%s)", info.ssi_signo,
                     strsignal((int)info.ssi_signo));
        err->signal = (int)info.ssi_signo;
        return -1;
    }
    return 0;
}

/* Starts what can be started. Returns 1 when tasks are left to wait for, 0 at the end, -1. */
static int start_tasks(struct mr_supervisor *s, const struct mr_phase *phase,
                       struct retries *retries, struct mr_error *err)
{
    while (running(s) < phase->at_once) {
        size_t task;
        unsigned attempt = 1;
        if (retries->count > 0) {
            task = retries->at[retries->count - 1].task;
            attempt = retries->at[retries->count - 1].attempt;
            retries->count--;
        } else {
            enum mr_next next = phase->next(phase->arg, &task);
            if (next == MR_NEXT_END)
                return running(s) > 0;
            if (next == MR_NEXT_WAIT)
                return 1;
        }
        int started = start(s, phase, task, attempt, err);
        if (started < 0)
            return -1;
        if (started == 0)
            return add_retry(retries, task, attempt, err) < 0 ? -1 : 1;
    }
    return 1;
}

static int wait_and_reap(struct mr_supervisor *s, const struct mr_phase *phase,
                         struct retries *retries, struct mr_error *err)
{
    struct pollfd fds[2] = { { s->signals, POLLIN, 0 }, { phase->wake, POLLIN, 0 } };
    bool watch = s->config->watch_memory;
    if (poll(fds, phase->wake < 0 ? 1 : 2, watch ? WATCH_MS : PATIENCE_MS) < 0 && errno != EINTR)
        return mr_error_system(err, "cannot wait for workers");
    if (watch) {
        struct mr_memory_sum now = { 0, 0 };
        mr_memory_add(&now, getpid());
        for (unsigned i = 0; i < s->room; i++)
            if (s->workers[i].pid != 0)
                mr_memory_add(&now, s->workers[i].pid);
        uint64_t all = now.private + now.shared + atomic_load(s->spool_memory);
        if (all > s->peak_memory)
            s->peak_memory = all;
    }
    uint64_t rung;
    bool woken = phase->wake >= 0 && (fds[1].revents & POLLIN);
    if (woken && read(phase->wake, &rung, sizeof rung) < 0 && errno != EAGAIN)
        return mr_error_system(err, "cannot read an event counter");
    if (take_signals(s, err) < 0)
        return -1;
    end_hung(s, phase);
    return reap(s, phase, retries, err);
}

int mr_supervisor_run(struct mr_supervisor *s, const struct mr_phase *phase,
                      struct mr_error *err)
{
    struct retries retries = { NULL, 0, 0 };
    int more = 1;
    while (more > 0) {
        more = start_tasks(s, phase, &retries, err);
        if (more > 0 && wait_and_reap(s, phase, &retries, err) < 0)
            more = -1;
    }
    if (more < 0)
        stop_all(s, phase);
    free(retries.at);
    return more;
}
