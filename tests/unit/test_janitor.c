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

/* Dismisses a janitor as it is: nothing of it may be left. */
static void dismiss(struct mr_janitor *j)
{
    int descriptors = open_descriptors();
    pid_t pid = j->pid;
    mr_janitor_dismiss(j);
    cr_assert(begun == 1 && ended == 1 && last.pid == pid && last.took > 0);
    cr_assert_eq(open_descriptors(), descriptors - 1);
    cr_assert_eq(j->pid, 0);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

Test(janitor, its_beginning_and_end_are_told)
{
    struct mr_janitor j;
    for (int i = 0; i < 50; i++) {
        begun = ended = 0;
        must(mr_janitor_start(&j, &listening, clean, sweep, NULL, &err));
        cr_assert_eq(ended, 0);
        dismiss(&j);
        if (last.signal == 0)
            return;
        /* A busy machine: it is not waited for longer than a second. */
    }
    cr_assert_fail("it never ends by itself");
}

Test(janitor, a_stopped_one_keeps_nobody_waiting)
{
    struct mr_janitor j;
    must(mr_janitor_start(&j, &listening, clean, sweep, NULL, &err));
    kill(j.pid, SIGSTOP);
    dismiss(&j);
    cr_assert_eq(last.signal, SIGKILL);
}

static void sweep_for_ever(void *arg)
{
    (void)arg;
    for (;;)
        sleep(1000);
}

Test(janitor, one_that_is_held_up_while_it_sweeps_keeps_nobody_waiting)
{
    struct mr_janitor j;
    must(mr_janitor_start(&j, &listening, clean, sweep_for_ever, NULL, &err));
    dismiss(&j);
}

Test(janitor, one_that_was_killed_is_not_missed)
{
    struct mr_janitor j;
    must(mr_janitor_start(&j, &listening, clean, sweep, NULL, &err));
    kill(j.pid, SIGKILL);
    dismiss(&j);
    cr_assert_eq(last.signal, SIGKILL);
}
