/* The supervisor: every task is committed once, or the run fails with no worker left. */
#include "control/supervisor.h"

#include "support.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

enum { TASKS_MAX = 100 };

enum deed { SUCCEED, DIE, EXIT, FAIL, FAIL_FINALLY, HANG };

/* What became of a task, in shared memory. */
struct fate {
    enum deed deed;   /* what it does */
    unsigned times;   /* that it does so before it succeeds */
    unsigned begun, worked, committed, discarded;
};

static struct fate *fates;
static _Atomic unsigned *at_work, *most_at_work;
static struct mr_schedule *tasks; /* of the phase that runs */
static struct mr_report report;
static atomic_ullong spool_memory;

static void begin(void)
{
    fates = mr_memory_get_shared(TASKS_MAX * sizeof *fates);
    at_work = mr_memory_get_shared(4096);
    most_at_work = at_work + 1;
    check(fates != NULL && at_work != NULL);
}

static void end(void)
{
    mr_memory_release(fates, TASKS_MAX * sizeof *fates);
    mr_memory_release(at_work, 4096);
}

TestSuite(supervisor, .init = begin, .fini = end, .timeout = 60);

static int begin_task(void *arg, size_t task, struct mr_error *e)
{
    (void)arg, (void)e;
    fates[task].begun++;
    return 0;
}

static int work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    struct fate *fate = &fates[task];
    (void)arg;
    unsigned now = atomic_fetch_add(at_work, 1) + 1;
    if (now > *most_at_work)
        *most_at_work = now;
    usleep(1000 + (unsigned)(task % 7) * 500);
    atomic_fetch_add(progress, 1);
    atomic_fetch_sub(at_work, 1);
    if (fate->worked++ >= fate->times)
        return 0;
    switch (fate->deed) {
    case SUCCEED: return 0;
    case DIE: kill(getpid(), SIGKILL); break;
    case EXIT: _exit(3);
    case FAIL: snprintf(e->text, sizeof e->text, "task %zu is unhappy", task); return -1;
    case FAIL_FINALLY:
        snprintf(e->text, sizeof e->text, "task %zu is hopeless", task);
        e->final = true;
        return -1;
    case HANG: sleep(1000); break;
    }
    return 0;
}

static int commit(void *arg, size_t task, struct mr_error *e)
{
    (void)arg, (void)e;
    fates[task].committed++;
    return 0;
}

static void discard(void *arg, size_t task)
{
    (void)arg;
    fates[task].discarded++;
}

static void describe(void *arg, size_t task, char *text, size_t room)
{
    (void)arg;
    snprintf(text, room, "test task %zu (piece %zu)", task, task);
}

static struct mr_phase phase_of(unsigned at_once)
{
    return (struct mr_phase){ .at_once = at_once, .wake = -1, .begin = begin_task, .work = work, .commit = commit,
                              .discard = discard, .describe = describe };
}

/* Runs the tasks; afterwards no child may be left. */
static int run(size_t count, unsigned at_once, struct mr_phase *other)
{
    struct mr_supervisor s;
    struct mr_config config = { .max_attempts = 3 };
    struct mr_phase phase = other ? *other : phase_of(at_once);
    report = (struct mr_report){ 0 };
    must(mr_supervisor_open(&s, at_once, &config, &report, &err));
    s.spool_memory = &spool_memory;
    must(mr_schedule_init(&phase.tasks, TASKS_MAX, s.max_attempts, &err));
    mr_schedule_add(&phase.tasks, count);
    tasks = &phase.tasks;
    int result = mr_supervisor_run(&s, &phase, &err);
    bool done = mr_schedule_done(&phase.tasks);
    mr_schedule_free(&phase.tasks);
    mr_supervisor_close(&s);
    check(result < 0 || done);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    for (size_t i = 0; i < count; i++) {
        const struct fate *f = &fates[i];
        check_for(f->begun == f->committed + f->discarded && f->committed <= 1,
                  "task %zu: begun %u, committed %u, discarded %u", i, f->begun, f->committed,
                  f->discarded);
    }
    return result;
}

Test(supervisor, all_tasks_commit_exactly_once_with_so_many_at_once_at_most)
{
    for (unsigned at_once = 1; at_once <= 8; at_once *= 2) {
        memset(fates, 0, TASKS_MAX * sizeof *fates);
        *most_at_work = 0;
        must(run(40, at_once, NULL));
        for (int i = 0; i < 40; i++)
            check(fates[i].committed == 1 && fates[i].discarded == 0);
        check_for(*most_at_work <= at_once, "%u at once", *most_at_work);
        check(report.retried == 0 && report.attempts == 40);
    }
}

Test(supervisor, no_tasks_are_done_at_once)
{
    must(run(0, 4, NULL));
}

Test(supervisor, tasks_that_fail_are_tried_again_until_they_succeed)
{
    uint64_t failures = 0;
    for (int i = 0; i < 60; i++) {
        static const enum deed deeds[] = { SUCCEED, DIE, EXIT, FAIL };
        fates[i].deed = deeds[i % 4];
        fates[i].times = draw_below(3);
        failures += i % 4 ? fates[i].times : 0;
    }
    must(run(60, 4, NULL));
    for (int i = 0; i < 60; i++)
        check(fates[i].committed == 1 && fates[i].discarded == (i % 4 ? fates[i].times : 0));
    cr_assert_eq(report.retried, failures);
    cr_assert_eq(report.attempts, 60 + failures);
}

static void check_fails(enum deed deed, const char *words, unsigned attempts)
{
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    fates[5] = (struct fate){ .deed = deed, .times = 1000 };
    must_fail(run(TASKS_MAX, 3, NULL), words);
    check_for(fates[5].begun == attempts && fates[5].committed == 0, "%u attempts",
              fates[5].begun);
}

Test(supervisor, a_task_that_never_succeeds_fails_the_run_and_says_why)
{
    check_fails(DIE, "killed by signal 9", 3);
    cr_assert_not_null(strstr(err.text, "piece 5"), "%s", err.text);
    check_fails(EXIT, "ended with status 3", 3);
    check_fails(FAIL, "task 5 is unhappy", 3);
    cr_assert_not_null(strstr(err.text, "failed 3 times"), "%s", err.text);
}

Test(supervisor, a_final_failure_is_not_tried_again)
{
    check_fails(FAIL_FINALLY, "task 5 is hopeless", 1);
    cr_assert(err.final);
}

static int seven_is_once(void *arg, size_t task)
{
    (void)arg;
    return task == 7 ? MR_ONCE : 0;
}

Test(supervisor, a_task_that_can_run_once_only_is_not_tried_again)
{
    struct mr_phase phase = phase_of(3);
    phase.traits = seven_is_once;
    fates[7] = (struct fate){ .deed = DIE, .times = 1 };
    fates[6] = (struct fate){ .deed = DIE, .times = 1 };
    must_fail(run(20, 3, &phase), "killed");
    cr_assert_eq(fates[7].begun, 1);
}

Test(supervisor, the_other_workers_are_ended_when_one_fails_the_run)
{
    fates[0] = (struct fate){ .deed = HANG, .times = 1 };
    fates[1] = (struct fate){ .deed = HANG, .times = 1 };
    fates[2] = (struct fate){ .deed = FAIL_FINALLY, .times = 1 };
    must_fail(run(3, 3, NULL), "hopeless");
    cr_assert_eq(fates[0].discarded, 1);
    cr_assert_eq(fates[1].discarded, 1);
}

static int fail_to_commit(void *arg, size_t task, struct mr_error *e)
{
    (void)arg;
    if (task == 4)
        return snprintf(e->text, sizeof e->text, "no room for task 4"), -1;
    fates[task].committed++;
    return 0;
}

Test(supervisor, a_failed_commit_fails_the_run)
{
    struct mr_supervisor s;
    struct mr_config config = { 0 };
    struct mr_phase phase = phase_of(2);
    phase.commit = fail_to_commit;
    must(mr_supervisor_open(&s, 2, &config, &report, &err));
    must(mr_schedule_init(&phase.tasks, 10, 1, &err));
    mr_schedule_add(&phase.tasks, 10);
    must_fail(mr_supervisor_run(&s, &phase, &err), "no room for task 4");
    mr_schedule_free(&phase.tasks);
    mr_supervisor_close(&s);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* Tasks that come only after others, as those of streams do: told of by an event. */
static int bell;

static bool grow_when_rung(void *arg)
{
    (void)arg;
    if (tasks->count < 3 && (tasks->count == 0 || fates[tasks->count - 1].worked))
        mr_schedule_add(tasks, 1);
    return tasks->count < 3;
}

static int work_and_ring(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    uint64_t one = 1;
    (void)arg, (void)progress, (void)e;
    usleep(2000);
    fates[task].worked++;
    check(write(bell, &one, sizeof one) == sizeof one);
    usleep(200000); /* the next one may start meanwhile */
    return 0;
}

Test(supervisor, a_task_that_must_wait_starts_when_the_bell_is_rung)
{
    struct mr_phase phase = phase_of(3);
    bell = eventfd(0, EFD_NONBLOCK);
    phase.wake = bell;
    phase.grow = grow_when_rung;
    phase.work = work_and_ring;
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    must(run(0, 3, &phase));
    clock_gettime(CLOCK_MONOTONIC, &after);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(fates[i].committed, 1);
    double seconds = (double)(after.tv_sec - before.tv_sec) +
                     (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    cr_assert_lt(seconds, 0.55, "one after the other they would take 0.6 s: %f", seconds);
    close(bell);
}

Test(supervisor, a_signal_ends_the_run_and_is_told)
{
    fates[0] = (struct fate){ .deed = HANG, .times = 1 };
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        usleep(100000);
        kill(self, SIGTERM);
        _exit(0);
    }
    struct mr_supervisor s;
    struct mr_config config = { 0 };
    struct mr_phase phase = phase_of(1);
    must(mr_supervisor_open(&s, 1, &config, &report, &err));
    must(mr_schedule_init(&phase.tasks, 1, 1, &err));
    mr_schedule_add(&phase.tasks, 1);
    must_fail(mr_supervisor_run(&s, &phase, &err), "ended by signal 15");
    mr_schedule_free(&phase.tasks);
    mr_supervisor_close(&s);
    cr_assert_eq(err.signal, SIGTERM);
    cr_assert_eq(fates[0].discarded, 1);
    waitpid(child, NULL, 0);
}

Test(supervisor, signals_are_as_before_once_it_is_closed)
{
    struct mr_supervisor s;
    struct mr_config config = { 0 };
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    must(mr_supervisor_open(&s, 1, &config, &report, &err));
    mr_supervisor_close(&s);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < 32; i++)
        check(sigismember(&before, i) == sigismember(&after, i));
}
