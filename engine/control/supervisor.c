/* The supervisor: fork, watch, reap, try again. */
#include "control/supervisor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "base/leaks.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ATTEMPTS = 4,         /* where the job does not say */
    TIMEOUT = 600,        /* seconds; the same */
    CHECK_MS = 1000,      /* between two checks for hung workers */
    PAUSED_MS = 2000,     /* a check that comes later than this comes after a pause of us all */
    ALL_WAIT = 5,         /* seconds to wait for a process while those there are wait for it */
    END_MS = 10000        /* for killed workers to end */
};

int mr_supervisor_open(struct mr_supervisor *s, const char *job, unsigned workers_max,
                       const struct mr_config *config, struct mr_signals *signals,
                       struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    s->job = job;
    s->config = config;
    s->chaos = (struct mr_chaos){ config->chaos_seed, config->chaos_percent };
    s->signals = signals;
    s->max_attempts = config->max_attempts ? config->max_attempts : ATTEMPTS;
    s->timeout = config->task_timeout ? config->task_timeout : TIMEOUT;
    s->watch = (struct mr_watch){ .config = config, .workers = &s->workers };
    return mr_workers_open(&s->workers, workers_max, err);
}

void mr_supervisor_close(struct mr_supervisor *s)
{
    mr_workers_close(&s->workers);
    mr_failed_attempts_free(&s->failed);
}

/* ---- workers ---------------------------------------------------------------------------- */

/* All of a worker: does the task, leaves its error in shared memory where it fails, and exits. */
static _Noreturn void be_worker(const struct mr_supervisor *s, const struct mr_phase *phase,
                                size_t task, struct mr_attempt *attempt, pid_t parent)
{
    mr_signals_begin_child(s->signals);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    struct mr_error err = { 0 };
    int result = phase->work(phase->arg, task, &attempt->progress, &err);
    attempt->returned = true;
    if (result < 0) {
        attempt->error = err;
        attempt->told = true;
    }
    mr_leaks_check();
    _exit(result < 0 ? 1 : 0);
}

/* Whether all that run may wait for one that cannot be started, as the feeder does for mappers. */
static bool all_may_wait(const struct mr_supervisor *s, const struct mr_phase *phase)
{
    for (unsigned i = 0; i < s->workers.count; i++)
        if (s->workers.at[i].state != MR_WORKER_IDLE &&
            !(mr_phase_traits(phase, s->workers.at[i].task) & MR_PATIENT))
            return false;
    return true;
}

static int cannot_fork(struct mr_supervisor *s, const struct mr_phase *phase, size_t task,
                       struct mr_error *err)
{
    char about[512];
    phase->describe(phase->arg, task, about, sizeof about);
    mr_error_system(err, "cannot start a process for %s (raise the limit, ulimit -u, or ask for "
                         "fewer: --mappers, --reducers)", about);
    if ((err->code != EAGAIN && err->code != ENOMEM) || mr_workers_running(&s->workers) == 0)
        return -1;
    if (s->refused.tv_sec == 0)
        s->refused = mr_clock_now();
    if (all_may_wait(s, phase) && mr_clock_seconds_since(s->refused) > ALL_WAIT)
        return -1;
    if (!s->warned)
        mr_event_say(s->config, MR_WARNING, "warning: going on with %u: %s",
                     mr_workers_running(&s->workers), err->text);
    s->warned = true;
    return 0;
}

static void discard(const struct mr_phase *phase, size_t task)
{
    if (phase->discard)
        phase->discard(phase->arg, task);
}

/* Starts an attempt. Returns 1, 0 when no process is to be had but others run, or -1. */
static int start(struct mr_supervisor *s, struct mr_phase *phase, size_t task,
                 struct mr_error *err)
{
    struct mr_worker *w = mr_workers_idle(&s->workers, mr_phase_traits(phase, task) & MR_ASIDE);
    if (w == NULL) { /* never, as at_once is at most workers_max */
        mr_schedule_tell(&phase->tasks, task, MR_TASK_PUT_BACK);
        return 0;
    }
    struct mr_attempt *attempt = mr_worker_attempt(&s->workers, w);
    if (phase->begin && phase->begin(phase->arg, task, err) < 0)
        return -1;
    memset(attempt, 0, sizeof *attempt);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        be_worker(s, phase, task, attempt, parent);
    if (pid < 0) {
        int code = errno;
        discard(phase, task);
        mr_schedule_tell(&phase->tasks, task, MR_TASK_PUT_BACK);
        errno = code;
        return cannot_fork(s, phase, task, err);
    }
    bool struck = !mr_schedule_last_attempt(&phase->tasks, task) &&
                  !(mr_phase_traits(phase, task) & (MR_ONCE | MR_SPARED)) &&
                  mr_chaos_strikes(&s->chaos);
    s->refused = (struct timespec){ 0, 0 };
    *w = (struct mr_worker){
        .state = MR_WORKER_BUSY, .pid = pid, .task = task,
        .attempt = phase->tasks.at[task].attempts, .started = mr_clock_now(),
        .kill_after = struck ? mr_chaos_delay(&s->chaos) + 1 : 0,
    };
    mr_watch_start(&s->watch, phase, w);
    return 1;
}

/* Takes note of the workers that have ended. Returns whether others have not. */
static bool reap_killed(struct mr_supervisor *s, const struct mr_phase *phase)
{
    bool more = false;
    for (unsigned i = 0; i < s->workers.count; i++) {
        struct mr_worker *w = &s->workers.at[i];
        if (w->state == MR_WORKER_IDLE)
            continue;
        int status = 0;
        pid_t pid = waitpid(w->pid, &status, WNOHANG);
        if (pid == 0 || (pid < 0 && errno == EINTR)) {
            more = true;
            continue;
        }
        w->state = MR_WORKER_IDLE;
        mr_watch_failed(&s->watch, phase, w, status, MR_END_STOPPED, NULL);
        discard(phase, w->task);
    }
    return more;
}

/* Waits no longer for killed workers: one that waits inside the kernel for a drive that is gone
 * ends only when the drive is back. */
static void leave_behind(struct mr_supervisor *s, const struct mr_phase *phase)
{
    for (unsigned i = 0; i < s->workers.count; i++) {
        struct mr_worker *w = &s->workers.at[i];
        if (w->state == MR_WORKER_IDLE)
            continue;
        mr_event_say(s->config, MR_WARNING, "warning: process %ld was killed but does not end: it "
                                            "waits for a device or a network", (long)w->pid);
        w->state = MR_WORKER_IDLE;
        mr_watch_failed(&s->watch, phase, w, 0, MR_END_STOPPED, NULL);
        discard(phase, w->task);
    }
}

/* Ends all workers that run and removes what they made. */
static void stop_all(struct mr_supervisor *s, const struct mr_phase *phase)
{
    for (unsigned i = 0; i < s->workers.count; i++)
        if (s->workers.at[i].state != MR_WORKER_IDLE)
            kill(s->workers.at[i].pid, SIGKILL);
    for (int ms = 0; reap_killed(s, phase); ms++) {
        if (ms == END_MS) {
            leave_behind(s, phase);
            return;
        }
        poll(NULL, 0, 1);
    }
}

/* ---- their ends ------------------------------------------------------------------------- */

/* Says in err how a failed attempt ended. */
static void explain(const struct mr_supervisor *s, const struct mr_phase *phase,
                    const struct mr_worker *w, bool hung, int status, struct mr_error *err)
{
    const struct mr_attempt *attempt = mr_worker_attempt(&s->workers, w);
    if (WIFEXITED(status) && attempt->told) {
        *err = attempt->error;
        return;
    }
    if (hung)
        mr_error_set(err, "no progress for %u s (--task-timeout)", s->timeout);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        mr_error_set(err, "killed by signal %d (%s, as the kernel does when memory is out; then "
                          "try a smaller --memory)", SIGKILL, strsignal(SIGKILL));
    else if (WIFSIGNALED(status))
        mr_error_set(err, "killed by signal %d (%s)", WTERMSIG(status),
                     strsignal(WTERMSIG(status)));
    else if (attempt->returned)
        mr_error_set(err, "ended with status %d", WEXITSTATUS(status)); /* a sanitizer's */
    else
        mr_error_set(err, "the job '%s' ended its process, with status %d: its functions must "
                          "return, not exit", s->job, WEXITSTATUS(status));
    if (mr_phase_traits(phase, w->task) & MR_ONCE) {
        char about[512];
        phase->describe(phase->arg, w->task, about, sizeof about);
        mr_error_prefix(err, "%s cannot be tried again", about);
    }
}

static int fail_task(const struct mr_supervisor *s, const struct mr_phase *phase, size_t task,
                     struct mr_error *err)
{
    char about[512], attempts[sizeof err->text];
    phase->describe(phase->arg, task, about, sizeof about);
    mr_failed_attempts_list(&s->failed, phase, task, attempts, sizeof attempts);
    if (*attempts == '\0') /* nor was there memory to note them: the last one's cause is known */
        return mr_error_prefix(err, "%s failed %u times", about, s->max_attempts);
    int code = err->code;
    mr_error_set(err, "%s failed %u times: %s", about, s->max_attempts, attempts);
    err->code = code;
    return -1;
}

/* Whether an attempt ended by its own doing: SIGKILL comes from outside, or from us where it
 * hung. */
static bool has_ended_itself(bool hung, int status)
{
    return hung || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
}

/* What a failed attempt means to its task. Returns 0, or -1 when it is the run's end. */
static int take_failure(struct mr_supervisor *s, struct mr_phase *phase, const struct mr_worker *w,
                        enum mr_end *end, struct mr_error *err)
{
    if (err->damaged != 0)
        mr_event_tell(s->config, &(struct mr_event){ .type = MR_EVENT_DAMAGE, .text = err->text });
    *end = MR_END_FAILED;
    bool other = err->damaged != 0 && !err->final && phase->lost;
    int lost = other ? phase->lost(phase->arg, w->task, err) : 0;
    if (lost != 0) {
        mr_schedule_tell(&phase->tasks, w->task, MR_TASK_PUT_BACK);
        *end = MR_END_PUT_BACK;
        return lost < 0 ? -1 : 0;
    }
    if (err->final || (mr_phase_traits(phase, w->task) & MR_ONCE)) {
        mr_schedule_tell(&phase->tasks, w->task, MR_TASK_GIVE_UP);
        return -1;
    }
    mr_failed_attempts_add(&s->failed, phase, w->task, w->attempt, err->text);
    if (mr_schedule_tell(&phase->tasks, w->task, MR_TASK_FAIL) == MR_TASK_FAILED)
        return fail_task(s, phase, w->task, err);
    *end = MR_END_RETRIED;
    return 0;
}

/* An attempt has failed: what it made is discarded, and its task tried again or not. */
static int fail(struct mr_supervisor *s, struct mr_phase *phase, const struct mr_worker *w,
                bool hung, int status, struct mr_error *err)
{
    char why[sizeof err->text];
    enum mr_end end = MR_END_RETRIED;
    int result = 0;
    explain(s, phase, w, hung, status, err);
    bool spared = has_ended_itself(hung, status) && err->damaged == 0 && phase->crashed &&
                  phase->crashed(phase->arg, w->task, err) > 0;
    memcpy(why, err->text, sizeof why);
    discard(phase, w->task);
    if (spared)
        mr_schedule_tell(&phase->tasks, w->task, MR_TASK_PUT_BACK);
    else
        result = take_failure(s, phase, w, &end, err);
    mr_watch_failed(&s->watch, phase, w, status, end, why);
    return result;
}

void mr_supervisor_recall(struct mr_supervisor *s, size_t task)
{
    for (unsigned i = 0; i < s->workers.count; i++) {
        struct mr_worker *w = &s->workers.at[i];
        if (w->state != MR_WORKER_BUSY || w->task != task)
            continue;
        kill(w->pid, SIGKILL);
        w->state = MR_WORKER_RECALLED;
    }
}

/* A recalled attempt has ended, whichever way. */
static void put_back(struct mr_supervisor *s, struct mr_phase *phase, const struct mr_worker *w,
                     int status)
{
    discard(phase, w->task);
    mr_schedule_tell(&phase->tasks, w->task, MR_TASK_PUT_BACK);
    mr_watch_failed(&s->watch, phase, w, status, MR_END_PUT_BACK, "what it reads is made again");
}

/* A worker has ended: its result is committed or discarded. */
static int finish(struct mr_supervisor *s, struct mr_phase *phase, struct mr_worker *w,
                  int status, struct mr_error *err)
{
    enum mr_worker_state was = w->state;
    bool hung = was == MR_WORKER_LOST, returned = mr_worker_attempt(&s->workers, w)->returned;
    w->state = MR_WORKER_IDLE;
    if (was == MR_WORKER_RECALLED) {
        put_back(s, phase, w, status);
        return 0;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !returned)
        return fail(s, phase, w, hung, status, err);
    if (phase->commit && phase->commit(phase->arg, w->task, err) < 0) {
        mr_watch_failed(&s->watch, phase, w, status, MR_END_FAILED, err->text);
        return -1;
    }
    mr_schedule_tell(&phase->tasks, w->task, MR_TASK_SUCCEED);
    phase->read += mr_worker_read(&s->workers, w);
    mr_watch_done(&s->watch, phase, w);
    return 0;
}

static int reap(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err)
{
    for (unsigned i = 0; i < s->workers.count; i++) {
        struct mr_worker *w = &s->workers.at[i];
        int status;
        if (w->state == MR_WORKER_IDLE)
            continue;
        pid_t pid = waitpid(w->pid, &status, WNOHANG);
        if (pid < 0 && errno != EINTR) {
            w->state = MR_WORKER_IDLE; /* not ours to wait for any more: somebody else did */
            return mr_error_system(err, "cannot wait for a worker (does another part of this "
                                        "program wait for its children?)");
        }
        if (pid > 0 && finish(s, phase, w, status, err) < 0)
            return -1;
    }
    return 0;
}

/* The seconds since the last check for hung workers; none after a pause of us all (^Z). */
static double seconds_since_check(struct mr_supervisor *s)
{
    double seconds = mr_clock_seconds_since(s->last_check);
    s->last_check = mr_clock_now();
    return seconds < 0 || seconds > PAUSED_MS / 1000.0 ? 0 : seconds;
}

/* Kills workers that have made no progress for long; reap then finds them. */
static void end_hung(struct mr_supervisor *s, const struct mr_phase *phase)
{
    double passed = seconds_since_check(s);
    for (unsigned i = 0; i < s->workers.count && s->timeout != MR_NEVER; i++) {
        struct mr_worker *w = &s->workers.at[i];
        if (w->state != MR_WORKER_BUSY)
            continue;
        uint64_t progress = atomic_load(&mr_worker_attempt(&s->workers, w)->progress);
        double age = mr_clock_seconds_since(w->started);
        w->idle += age < passed ? age : passed;
        if (progress != w->progress || (mr_phase_traits(phase, w->task) & MR_PATIENT))
            w->idle = 0;
        w->progress = progress;
        if (w->idle > s->timeout) {
            kill(w->pid, SIGKILL);
            w->state = MR_WORKER_LOST;
        }
    }
}

/* Kills the workers whose time chaos has set. Returns the nanoseconds until the next one's, or
 * UINT64_MAX. */
static uint64_t kill_by_chaos(struct mr_supervisor *s)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < s->workers.count && s->chaos.percent > 0; i++) {
        struct mr_worker *w = &s->workers.at[i];
        if (w->state != MR_WORKER_BUSY || w->kill_after == 0)
            continue;
        uint64_t age = (uint64_t)(mr_clock_seconds_since(w->started) * 1e9);
        if (age >= w->kill_after) {
            kill(w->pid, SIGKILL);
            w->kill_after = 0;
        } else if (w->kill_after - age < next) {
            next = w->kill_after - age;
        }
    }
    return next;
}

/* ---- the loop --------------------------------------------------------------------------- */

/* Starts what can be started. Returns 1 when there is something to wait for, 0, or -1. */
static int start_tasks(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err)
{
    bool more = phase->grow && phase->grow(phase->arg);
    size_t task;
    while (mr_workers_running(&s->workers) < phase->at_once &&
           mr_schedule_start(&phase->tasks, phase->ready, phase->arg, &task)) {
        int started = start(s, phase, task, err);
        if (started <= 0)
            return started < 0 ? -1 : 1;
        more = phase->grow && phase->grow(phase->arg);
    }
    return more || mr_workers_running(&s->workers) > 0;
}

/* How long may be waited for what happens, in nanoseconds. */
static uint64_t longest_wait(struct mr_supervisor *s)
{
    uint64_t wait = mr_watch_wait(&s->watch, CHECK_MS) * 1000000ull, kill_in = kill_by_chaos(s);
    return kill_in < wait ? kill_in : wait;
}

static int wait_and_reap(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err)
{
    struct pollfd fds[2] = { { s->signals->fd, POLLIN, 0 }, { phase->wake, POLLIN, 0 } };
    uint64_t wait = longest_wait(s);
    struct timespec limit = { (time_t)(wait / 1000000000), (long)(wait % 1000000000) };
    bool handled = ppoll(fds, phase->wake < 0 ? 1 : 2, &limit, NULL) < 0;
    if (handled && errno != EINTR)
        return mr_error_system(err, "cannot wait for signals and the ends of workers");
    mr_watch_look(&s->watch, phase, handled);
    uint64_t rung;
    bool woken = phase->wake >= 0 && (fds[1].revents & POLLIN);
    if (woken && read(phase->wake, &rung, sizeof rung) < 0 && errno != EAGAIN && errno != EINTR)
        return mr_error_system(err, "cannot read an event counter");
    if (mr_signals_check(s->signals, err) < 0)
        return -1;
    mr_signals_see_children();
    end_hung(s, phase);
    return reap(s, phase, err);
}

int mr_supervisor_run(struct mr_supervisor *s, struct mr_phase *phase, struct mr_error *err)
{
    int more = mr_signals_check(s->signals, err) < 0 ? -1 : 1;
    mr_watch_phase(&s->watch, phase);
    while (more > 0) {
        more = start_tasks(s, phase, err);
        if (more > 0 && wait_and_reap(s, phase, err) < 0)
            more = -1;
    }
    if (more < 0)
        stop_all(s, phase);
    return more;
}
