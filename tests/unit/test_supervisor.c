/* The supervisor: every task is committed once, or the run fails with no worker left. */
#include "base/error.h"
#include "control/report.h"
#include "control/supervisor.h"

#include "support.h"

#include <errno.h>
#include <grp.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
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
static struct mr_config config = { .max_attempts = 3 };
static struct mr_signals signals;
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

TestSuite(supervisor, .init = begin, .fini = end, .timeout = HANGS);

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
    return (struct mr_phase){ .stage = "test", .at_once = at_once, .wake = -1,
                              .begin = begin_task, .work = work, .commit = commit,
                              .discard = discard, .describe = describe };
}

static int open_supervisor(struct mr_supervisor *s, unsigned at_once)
{
    /* What it tells is told to the report first. */
    static struct mr_report_listener listener;
    static struct mr_config own;
    mr_report_listen(&listener, &config, &own, &report);
    if (mr_signals_open(&signals, &err) < 0 ||
        mr_supervisor_open(s, "test", at_once, &own, &signals, &err) < 0)
        return -1;
    s->watch.spool_memory = &spool_memory;
    return 0;
}

static void close_supervisor(struct mr_supervisor *s)
{
    mr_supervisor_close(s);
    mr_signals_close(&signals);
}

/* Runs the tasks; afterwards no child may be left. */
static int run(size_t count, unsigned at_once, struct mr_phase *other)
{
    struct mr_supervisor s;
    struct mr_phase phase = other ? *other : phase_of(at_once);
    must(open_supervisor(&s, at_once));
    must(mr_schedule_init(&phase.tasks, TASKS_MAX, s.max_attempts, &err));
    mr_schedule_add(&phase.tasks, count);
    tasks = &phase.tasks;
    int result = mr_supervisor_run(&s, &phase, &err);
    bool done = mr_schedule_done(&phase.tasks);
    mr_schedule_free(&phase.tasks);
    close_supervisor(&s);
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

/* Writes each event as a few letters. */
static void note(void *arg, const struct mr_event *e)
{
    static const char *const ends[] = { "done", "retried", "put back", "failed", "stopped" };
    char *to = arg;
    int room = 1000 - (int)strlen(to);
    to += strlen(to);
    if (e->type == MR_EVENT_START)
        snprintf(to, (size_t)room, "%zu.%u begins, ", e->task, e->attempt);
    else if (e->type == MR_EVENT_END)
        snprintf(to, (size_t)room, "%zu.%u %s by %d: %s, ", e->task, e->attempt, ends[e->end],
                 e->signal, e->text ? e->text : "");
}

/* Ticks: how many, and the last. */
struct ticks {
    unsigned count;
    struct mr_event last;
};

static void count_ticks(void *arg, const struct mr_event *e)
{
    struct ticks *t = arg;
    if (e->type != MR_EVENT_TICK)
        return;
    check(e->tasks == 30 && e->done >= t->last.done && e->workers <= 2 && e->memory > 0 &&
          strcmp(e->stage, "test") == 0);
    t->count++;
    t->last = *e;
}

Test(supervisor, ticks_tell_how_far_a_stage_is)
{
    struct ticks t = { 0 };
    config = (struct mr_config){ .tick = 5, .listen = count_ticks, .listen_arg = &t };
    must(run(30, 2, NULL)); /* it takes 37 ms at least */
    check_for(t.count >= 4, "%u", t.count);
    check(t.last.done > 10);
    t = (struct ticks){ 0 };
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    config.tick = 0;
    must(run(30, 2, NULL));
    check_for(t.count == 0, "only who asks is told");
}

static int first_is_aside(void *arg, size_t task)
{
    (void)arg;
    return task == 0 ? MR_ASIDE : 0;
}

static void check_aside(void *arg, const struct mr_event *e)
{
    if (e->type != MR_EVENT_START && e->type != MR_EVENT_END)
        return;
    ++*(unsigned *)arg;
    cr_assert_eq(e->aside, e->task == 0);
    check_for(e->task == 0 ? e->worker == 2 : e->worker < 2, "%u", e->worker);
}

Test(supervisor, what_serves_the_others_has_the_last_place)
{
    unsigned told = 0;
    struct mr_phase phase = phase_of(3);
    phase.traits = first_is_aside;
    config = (struct mr_config){ .listen = check_aside, .listen_arg = &told };
    must(run(3, 3, &phase));
    cr_assert_eq(told, 6);
}

Test(supervisor, what_it_tells_of_attempts_is_how_they_ended)
{
    static const struct {
        enum deed deed;
        const char *told;
    } cases[] = {
        { SUCCEED, "0.1 begins, 0.1 done by 0: , " },
        { FAIL, "0.1 begins, 0.1 retried by 0: task 0 is unhappy, "
                "0.2 begins, 0.2 failed by 0: task 0 is unhappy, " },
        { FAIL_FINALLY, "0.1 begins, 0.1 failed by 0: task 0 is hopeless, " },
        { DIE, "0.1 begins, 0.1 retried by 9: killed by signal 9 " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[1000] = "";
        memset(fates, 0, TASKS_MAX * sizeof *fates);
        fates[0] = (struct fate){ .deed = cases[i].deed, .times = 9 };
        config = (struct mr_config){ .max_attempts = 2, .by_options = true, .listen = note,
                                     .listen_arg = told };
        check((run(1, 1, NULL) == 0) == (cases[i].deed == SUCCEED));
        check_for(strncmp(told, cases[i].told, strlen(cases[i].told)) == 0, "%s", told);
    }
    /* One that hangs is stopped when the other has ended the run. */
    char told[1000] = "";
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    fates[0] = (struct fate){ .deed = HANG, .times = 1 };
    fates[1] = (struct fate){ .deed = FAIL_FINALLY, .times = 1 };
    config.listen_arg = told;
    check(run(2, 2, NULL) < 0);
    cr_assert(strstr(told, "1.1 failed by 0: task 1 is hopeless, 0.1 stopped by 9: , "), "%s",
              told);
    cr_assert_eq(report.killed, 0);
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
    check_fails(EXIT, "ended its process, with status 3: its functions must return", 3);
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

/* Its second attempt is the one that comes to what cannot be done again. */
static int seven_is_once_the_second_time(void *arg, size_t task)
{
    (void)arg;
    return task == 7 && fates[7].begun == 2 ? MR_ONCE : 0;
}

Test(supervisor, a_task_is_tried_again_until_it_is_at_what_cannot_be_repeated)
{
    for (unsigned deaths = 1; deaths <= 2; deaths++) {
        struct mr_phase phase = phase_of(3);
        phase.traits = seven_is_once_the_second_time;
        memset(fates, 0, TASKS_MAX * sizeof *fates);
        fates[7] = (struct fate){ .deed = DIE, .times = deaths };
        if (deaths == 1)
            must(run(20, 3, &phase));
        else
            must_fail(run(20, 3, &phase), "cannot be tried again: killed");
        cr_assert_eq(fates[7].begun, 2);
    }
}

Test(supervisor, a_phase_may_have_nothing_to_commit_or_discard)
{
    struct mr_phase phase = phase_of(3);
    phase.begin = NULL;
    phase.commit = NULL;
    phase.discard = NULL;
    fates[3] = (struct fate){ .deed = FAIL, .times = 2 };
    must(run(20, 3, &phase));
    cr_assert_eq(fates[3].worked, 3);
    cr_assert_eq(report.retried, 2);
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
    struct mr_phase phase = phase_of(2);
    phase.commit = fail_to_commit;
    must(open_supervisor(&s, 2));
    must(mr_schedule_init(&phase.tasks, 10, 1, &err));
    mr_schedule_add(&phase.tasks, 10);
    must_fail(mr_supervisor_run(&s, &phase, &err), "no room for task 4");
    mr_schedule_free(&phase.tasks);
    close_supervisor(&s);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* Whether task 0 has been at work, as another process says. */
static bool has_worked(void)
{
    return *(volatile unsigned *)&fates[0].worked > 0;
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
    atomic_fetch_add(at_work, 1);
    fates[task].worked++;
    check(write(bell, &one, sizeof one) == sizeof one);
    while (*at_work < 3) /* the others start meanwhile, or this never ends */
        usleep(1000);
    return 0;
}

Test(supervisor, a_task_that_must_wait_starts_when_the_bell_is_rung)
{
    struct mr_phase phase = phase_of(3);
    bell = eventfd(0, EFD_NONBLOCK);
    phase.wake = bell;
    phase.grow = grow_when_rung;
    phase.work = work_and_ring;
    must(run(0, 3, &phase));
    for (int i = 0; i < 3; i++)
        cr_assert_eq(fates[i].committed, 1);
    close(bell);
}

Test(supervisor, a_signal_ends_the_run_and_is_told)
{
    fates[0] = (struct fate){ .deed = HANG, .times = 1 };
    pid_t self = getpid(), child = fork();
    if (child == 0) {
        while (!has_worked())
            usleep(1000);
        kill(self, SIGTERM);
        _exit(0);
    }
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(1);
    sigset_t blocked;
    must(open_supervisor(&s, 1));
    must(mr_schedule_init(&phase.tasks, 1, 1, &err));
    mr_schedule_add(&phase.tasks, 1);
    must_fail(mr_supervisor_run(&s, &phase, &err), "ended by signal 15");
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    cr_assert_not(sigismember(&blocked, SIGTERM), "a second one ends it at once");
    mr_schedule_free(&phase.tasks);
    close_supervisor(&s);
    cr_assert_eq(err.signal, SIGTERM);
    cr_assert_eq(fates[0].discarded, 1);
    waitpid(child, NULL, 0);
}

/* ---- attempts that hang ----------------------------------------------------------------- */

/* Runs tasks, the last of which may hang at first, until no other attempt was taken for hung, as it
 * may well be on a machine that stands still. Whether there was such a run. */
static bool only_the_last_hangs(struct mr_phase *phase, size_t count, bool hangs)
{
    config.max_attempts = 100;
    for (int i = 0; i < 20; i++) {
        memset(fates, 0, TASKS_MAX * sizeof *fates);
        fates[count - 1] = (struct fate){ .deed = HANG, .times = hangs };
        must(run(count, (unsigned)count, phase));
        if (report.killed == hangs && fates[count - 1].begun == 1 + (unsigned)hangs)
            return true;
    }
    return false;
}

/* Task 0 goes on slowly, task 1 waits for long, and what else there is is as usual. */
static int work_slowly(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    if (task > 1)
        return work(arg, task, progress, e);
    fates[task].worked++;
    for (int i = 0; i < 45; i++) {
        usleep(100000);
        atomic_fetch_add(progress, task == 0);
    }
    return 0;
}

static int one_is_patient(void *arg, size_t task)
{
    (void)arg;
    return task == 1 ? MR_PATIENT : 0;
}

Test(supervisor, a_hung_one_is_killed_and_neither_a_slow_one_nor_one_that_rightly_waits)
{
    struct mr_phase phase = phase_of(3);
    phase.work = work_slowly;
    phase.traits = one_is_patient;
    config.task_timeout = 3;
    cr_assert(only_the_last_hangs(&phase, 3, true));
}

Test(supervisor, one_that_always_hangs_fails_the_run_and_the_message_says_so)
{
    config = (struct mr_config){ .max_attempts = 1, .task_timeout = 1 };
    fates[0] = (struct fate){ .deed = HANG, .times = 1 };
    must_fail(run(1, 1, NULL), "test task 0 (piece 0) failed 1 times: attempt 1: no progress for "
                               "1 s (--task-timeout)");
}

Test(supervisor, without_a_timeout_none_is_hung)
{
    struct mr_phase phase = phase_of(2);
    phase.work = work_slowly;
    config.task_timeout = MR_NEVER;
    must(run(2, 2, &phase));
    cr_assert_eq(report.killed, 0);
}

/* Waits rightly for longer than the timeout, and then works for a while without any sign. */
static _Atomic unsigned *is_waiting; /* in at_work's page */

static int wait_and_work(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    (void)arg, (void)progress, (void)e;
    fates[task].worked++;
    *is_waiting = true;
    usleep(4500000);
    *is_waiting = false;
    usleep(700000);
    return 0;
}

static int patient_while_it_waits(void *arg, size_t task)
{
    (void)arg, (void)task;
    return *is_waiting ? MR_PATIENT : 0;
}

Test(supervisor, a_wait_that_is_right_is_not_held_against_what_follows_it)
{
    struct mr_phase phase = phase_of(1);
    is_waiting = at_work + 2;
    phase.work = wait_and_work;
    phase.traits = patient_while_it_waits;
    config.task_timeout = 4;
    cr_assert(only_the_last_hangs(&phase, 1, false));
}

static int work_without_a_sign(void *arg, size_t task, _Atomic uint64_t *progress,
                               struct mr_error *e)
{
    (void)arg, (void)progress, (void)e;
    fates[task].worked++;
    for (int i = 0; i < 15; i++)
        usleep(100000);
    return 0;
}

/* A run in a group of its own. Returns an exit status. */
static int run_in_a_group(void)
{
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(1);
    phase.work = work_without_a_sign;
    config.task_timeout = 3;
    setpgid(0, 0);
    if (open_supervisor(&s, 1) < 0 || mr_schedule_init(&phase.tasks, 1, 3, &err) < 0)
        return 3;
    mr_schedule_add(&phase.tasks, 1);
    int result = mr_supervisor_run(&s, &phase, &err);
    return result < 0 ? 4 : report.killed > 0 ? 5 : 0;
}

/* Pauses such a run. Returns its exit status, or what else has ended it. */
static int pause_a_group(void)
{
    int status;
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    pid_t child = fork();
    if (child == 0)
        _exit(run_in_a_group());
    setpgid(child, child);
    while (!has_worked())
        usleep(1000);
    usleep(500000);
    kill(-child, SIGSTOP);
    usleep(5000000);
    kill(-child, SIGCONT);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(supervisor, a_pause_of_all_is_not_taken_for_a_hung_attempt)
{
    int status = 5;
    for (int i = 0; i < 20 && status == 5; i++) /* a machine may stand still for one of them alone */
        status = pause_a_group();
    cr_assert_eq(status, 0, "status %d", status);
}

/* ---- how attempts end ------------------------------------------------------------------- */

static int fail_in_turn(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    static const enum deed deeds[] = { DIE, EXIT, EXIT, FAIL };
    fates[task].deed = task == 5 ? deeds[fates[task].worked % 4] : FAIL;
    return work(arg, task, progress, e);
}

Test(supervisor, a_task_that_failed_is_told_of_with_the_end_of_each_attempt)
{
    struct mr_phase phase = phase_of(1);
    phase.work = fail_in_turn;
    config.max_attempts = 4;
    fates[3].times = 2; /* another task's failures are not this one's */
    fates[5].times = 1000;
    must_fail(run(10, 1, &phase),
              "test task 5 (piece 5) failed 4 times: attempt 1: killed by signal 9 (Killed, as the "
              "kernel does when memory is out; then try a smaller --memory); attempts 2 to 3: the job "
              "'test' ended its process, with status 3: its functions must return, not exit; "
              "attempt 4: task 5 is unhappy");
    cr_assert_null(strstr(err.text, "task 3"), "%s", err.text);
}

Test(supervisor, ends_too_many_for_a_message_are_cut_off)
{
    struct mr_phase phase = phase_of(2);
    phase.work = fail_in_turn;
    config.max_attempts = 200;
    fates[5].times = 1000;
    must_fail(run(6, 2, &phase), "failed 200 times: attempt 1: killed");
    cr_assert_lt(strlen(err.text), sizeof err.text);
}

/* ---- temporary files that are lost ------------------------------------------------------ */

static int lost_result; /* what the callback says */

static int work_on_damaged(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    fates[task].deed = FAIL;
    int result = work(arg, task, progress, e);
    if (result < 0)
        e->damaged = 70 + task;
    return result;
}

static int lose(void *arg, size_t task, struct mr_error *e)
{
    (void)arg;
    check(e->damaged == 70 + task);
    if (lost_result < 0)
        snprintf(e->text, sizeof e->text, "what task %zu needs is lost", task);
    return lost_result;
}

static int run_on_damaged(int result, unsigned times)
{
    struct mr_phase phase = phase_of(2);
    phase.work = work_on_damaged;
    phase.lost = lose;
    lost_result = result;
    fates[4].times = times;
    return run(8, 2, &phase);
}

Test(supervisor, an_attempt_that_found_something_lost_is_put_back_and_does_not_count)
{
    must(run_on_damaged(1, 10)); /* of 3 attempts */
    cr_assert_eq(fates[4].begun, 11);
    cr_assert_eq(report.damaged, 10);
    cr_assert_eq(report.retried, 0);
}

Test(supervisor, one_that_found_its_own_file_damaged_has_failed)
{
    must(run_on_damaged(0, 2));
    cr_assert_eq(fates[4].begun, 3);
    cr_assert_eq(report.retried, 2);
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    must_fail(run_on_damaged(0, 3), "failed 3 times: attempts 1 to 3: task 4 is unhappy");
}

Test(supervisor, the_run_fails_when_what_was_lost_cannot_be_made_again)
{
    must_fail(run_on_damaged(-1, 1), "what task 4 needs is lost");
    cr_assert_eq(fates[4].begun, 1);
}

static bool ready_until_lost(void *arg, size_t task)
{
    (void)arg;
    return task != 4 || fates[4].begun == 0;
}

Test(supervisor, a_phase_goes_on_with_what_does_not_need_what_was_lost)
{
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(2);
    phase.work = work_on_damaged;
    phase.lost = lose;
    phase.ready = ready_until_lost;
    lost_result = 1;
    fates[4].times = 1;
    must(open_supervisor(&s, 2));
    must(mr_schedule_init(&phase.tasks, 8, 3, &err));
    mr_schedule_add(&phase.tasks, 8);
    must(mr_supervisor_run(&s, &phase, &err));
    for (size_t i = 0; i < 8; i++)
        check(fates[i].committed == (i != 4));
    cr_assert_not(mr_schedule_done(&phase.tasks));
    phase.ready = NULL; /* it has been made again */
    must(mr_supervisor_run(&s, &phase, &err));
    cr_assert(mr_schedule_done(&phase.tasks));
    cr_assert_eq(fates[4].committed, 1);
    mr_schedule_free(&phase.tasks);
    close_supervisor(&s);
}

static struct mr_supervisor *running;

/* Task 0 finds something lost when task 1 runs, and is done by no fault of its own. */
static int lose_and_recall(void *arg, size_t task, struct mr_error *e)
{
    (void)arg, (void)e;
    check(task == 0 && fates[1].begun == 1);
    mr_supervisor_recall(running, 1);
    return 1;
}

static int work_until_recalled(void *arg, size_t task, _Atomic uint64_t *progress,
                               struct mr_error *e)
{
    (void)arg, (void)progress;
    if (fates[task].worked++ > 0)
        return 0;
    while (task == 1)
        usleep(1000);
    while (fates[1].worked == 0)
        usleep(1000);
    mr_error_set(e, "task 0 has found something lost");
    e->damaged = 70;
    return -1;
}

Test(supervisor, an_attempt_that_is_recalled_is_put_back_and_does_not_count)
{
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(2);
    phase.work = work_until_recalled;
    phase.lost = lose_and_recall;
    running = &s;
    must(open_supervisor(&s, 2));
    must(mr_schedule_init(&phase.tasks, 2, 1, &err));
    mr_schedule_add(&phase.tasks, 2);
    must(mr_supervisor_run(&s, &phase, &err));
    for (size_t i = 0; i < 2; i++)
        check(fates[i].begun == 2 && fates[i].committed == 1 && fates[i].discarded == 1);
    cr_assert_eq(report.retried, 0);
    mr_schedule_free(&phase.tasks);
    close_supervisor(&s);
}

/* ---- chaos ------------------------------------------------------------------------------ */

static int work_for_long(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    (void)arg, (void)progress, (void)e;
    fates[task].worked++;
    usleep(150000);
    return 0;
}

static int seven_is_once_and_six_spared(void *arg, size_t task)
{
    (void)arg;
    return task == 7 ? MR_ONCE : task == 6 ? MR_SPARED : 0;
}

Test(supervisor, chaos_kills_attempts_but_the_last_and_those_that_cannot_be_repeated)
{
    struct mr_phase phase = phase_of(4);
    phase.work = work_for_long;
    phase.traits = seven_is_once_and_six_spared;
    config.chaos_seed = 1;
    config.chaos_percent = 100;
    must(run(8, 4, &phase));
    cr_assert_gt(report.killed, 0);
    cr_assert_leq(report.killed, 6 * 2);
    cr_assert_eq(report.killed, report.retried);
    cr_assert_eq(fates[7].begun, 1);
    cr_assert_eq(fates[6].begun, 1);
    config.max_attempts = 1;
    memset(fates, 0, TASKS_MAX * sizeof *fates);
    must(run(4, 4, &phase));
    cr_assert_eq(report.killed, 0);
}

/* ---- too few processes ------------------------------------------------------------------ */

static unsigned warnings;

static void count_warnings(void *arg, const struct mr_event *event)
{
    (void)arg;
    warnings += event->type == MR_EVENT_MESSAGE && event->level == MR_WARNING &&
                strstr(event->text, "warning: going on with") != NULL;
}

/* Becomes a user who may have so many processes, and has none but this one: of another name than
 * that of any other test that runs at the same time, as the limit counts all that a user has. */
static bool become_limited(rlim_t processes)
{
    enum { FIRST = 20000, USERS = 40000 };
    uid_t user = FIRST + (uid_t)getpid() % USERS;
    struct rlimit limit = { processes, processes };
    return setgroups(0, NULL) == 0 && setresuid(user, user, user) == 0 &&
           setrlimit(RLIMIT_NPROC, &limit) == 0;
}

/* Runs tasks as a user who may have so many processes. Returns an exit status. */
static int run_limited(rlim_t processes)
{
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(8);
    if (!become_limited(processes))
        return 2;
    config.listen = count_warnings;
    if (open_supervisor(&s, 8) < 0 ||
        mr_schedule_init(&phase.tasks, 20, 3, &err) < 0)
        return 3;
    mr_schedule_add(&phase.tasks, 20);
    int result = mr_supervisor_run(&s, &phase, &err);
    bool said = strstr(err.text, "cannot start a process for test task 0") != NULL;
    if (processes == 1)
        return result == -1 && said ? 0 : 4;
    if (result < 0 || !mr_schedule_done(&phase.tasks) || warnings != 1)
        return 5;
    return report.attempts == 20 && *most_at_work < processes ? 0 : 6;
}

Test(supervisor, with_fewer_processes_than_wanted_it_goes_on_and_says_so_once)
{
#ifdef SANITIZED
    cr_skip_test("the sanitizer wants processes of its own");
#endif
    if (geteuid() != 0)
        cr_skip_test("another user's limits are not to be seen through");
    for (rlim_t processes = 1; processes <= 4; processes += processes == 1 ? 2 : 1) {
        int status;
        memset(fates, 0, TASKS_MAX * sizeof *fates);
        *most_at_work = 0;
        pid_t child = fork();
        if (child == 0)
            _exit(run_limited(processes));
        waitpid(child, &status, 0);
        check_for(status == 0, "status %d of a run with %llu processes", WEXITSTATUS(status),
                  (unsigned long long)processes);
    }
}

/* Waits for others that cannot be started, as the feeder does. */
static int wait_for_ever(void *arg, size_t task, _Atomic uint64_t *progress, struct mr_error *e)
{
    if (task != 0)
        return work(arg, task, progress, e);
    fates[task].worked++;
    for (;;)
        pause();
}

static int first_is_patient(void *arg, size_t task)
{
    (void)arg;
    return task == 0 ? MR_PATIENT : 0;
}

/* Nobody but the one that waits for the others can be forked. Returns an exit status. */
static int run_helplessly(void)
{
    struct mr_supervisor s;
    struct mr_phase phase = phase_of(8);
    if (!become_limited(2))
        return 2;
    phase.work = wait_for_ever;
    phase.traits = first_is_patient;
    if (open_supervisor(&s, 8) < 0 || mr_schedule_init(&phase.tasks, 20, 3, &err) < 0)
        return 3;
    mr_schedule_add(&phase.tasks, 20);
    if (mr_supervisor_run(&s, &phase, &err) == 0)
        return 4;
    if (strstr(err.text, "cannot start a process for test task 1 ") == NULL)
        return 5;
    return waitpid(-1, NULL, WNOHANG) == -1 ? 0 : 6;
}

Test(supervisor, one_that_waits_for_those_who_cannot_be_started_does_not_wait_for_ever)
{
#ifdef SANITIZED
    cr_skip_test("the sanitizer wants processes of its own");
#endif
    int status;
    if (geteuid() != 0)
        cr_skip_test("another user's limits are not to be seen through");
    pid_t child = fork();
    if (child == 0)
        _exit(run_helplessly());
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0, "status %x", (unsigned)status);
}
