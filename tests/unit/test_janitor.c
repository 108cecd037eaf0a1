/* The janitor: cleans up when the supervisor dies, and only then. */
#include "control/janitor.h"

#include "support.h"

#include <signal.h>
#include <sys/wait.h>

/* What was told of the last one. */
static int begun, ended;
static struct mr_event last;

static void hear(void *arg, const struct mr_event *e)
{
    (void)arg;
    begun += e->type == MR_EVENT_JANITOR;
    ended += e->type == MR_EVENT_JANITOR_END;
    last = *e;
}

static const struct mr_config listening = { .listen = hear };

TestSuite(janitor, .init = make_store, .fini = remove_store, .timeout = HANGS);

static void clean(void *arg)
{
    unlink(arg);
}

static void sweep(void *arg)
{
    (void)arg;
}

/* A process with a janitor, that leaves in one way or the other. */
static void run(char *file, bool violently)
{
    pid_t child = fork();
    if (child == 0) {
        struct mr_janitor j;
        if (mr_janitor_start(&j, &listening, clean, sweep, file, &err) < 0)
            _exit(1);
        if (violently)
            kill(getpid(), SIGKILL);
        mr_janitor_dismiss(&j);
        _exit(j.pid != 0 && waitpid(-1, NULL, 0) > 0); /* no child is left */
    }
    int status;
    waitpid(child, &status, 0);
    check(violently ? WIFSIGNALED(status) : status == 0);
}

Test(janitor, it_cleans_up_after_a_violent_end_and_not_after_a_dismissal)
{
    char file[sizeof store->directory + 32];
    strcpy(file, write_file("left", "x", 1));
    run(file, false);
    usleep(50000);
    cr_assert_eq(access(file, F_OK), 0);
    run(file, true);
    while (access(file, F_OK) == 0)
        usleep(5000);
}

Test(janitor, dismissing_one_that_was_never_started_is_harmless)
{
    struct mr_janitor j = { 0 };
    mr_janitor_dismiss(&j);
    mr_janitor_dismiss(&j);
}

/* ---- one that does not go --------------------------------------------------------------- */

/* Dismisses a janitor as it is: nothing of it may be left. Returns the signal that has ended it, 0,
 * or -1 where a busy machine took more than a second for what it does at once: then it is not waited
 * for, and ends a little later. */
static int dismiss(struct mr_janitor *j)
{
    int descriptors = open_descriptors(), status;
    pid_t pid = j->pid;
    mr_janitor_dismiss(j);
    cr_assert(begun == 1 && ended == 1 && last.pid == pid && last.took > 0);
    cr_assert_eq(open_descriptors(), descriptors - 1);
    cr_assert_eq(j->pid, 0);
    if (waitpid(-1, &status, 0) < 0)
        return last.signal;
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a child is left");
    return -1;
}

/* Whether a janitor that is sent a signal, if any, and then dismissed, is ended by another one, or
 * none: one of many is, if the machine is busy. */
static bool ends_by(int ender, int number, void (*sweeping)(void *arg))
{
    bool did = false;
    for (int i = 0; i < 50 && !did; i++) {
        struct mr_janitor j;
        begun = ended = 0;
        must(mr_janitor_start(&j, &listening, clean, sweeping, NULL, &err));
        cr_assert_eq(ended, 0);
        if (number != 0)
            kill(j.pid, number);
        did = dismiss(&j) == ender;
    }
    return did;
}

Test(janitor, its_beginning_and_end_are_told)
{
    cr_assert(ends_by(0, 0, sweep), "it never ends by itself");
}

Test(janitor, a_stopped_one_keeps_nobody_waiting)
{
    cr_assert(ends_by(SIGKILL, SIGSTOP, sweep));
}

static void sweep_for_ever(void *arg)
{
    (void)arg;
    for (;;)
        sleep(1000);
}

Test(janitor, one_that_is_held_up_while_it_sweeps_keeps_nobody_waiting)
{
    cr_assert(ends_by(SIGKILL, 0, sweep_for_ever));
}

Test(janitor, one_that_was_killed_is_not_missed)
{
    cr_assert(ends_by(SIGKILL, SIGKILL, sweep));
}
