/* The janitor: cleans up when the supervisor dies, and only then. */
#include "control/janitor.h"

#include "support.h"

#include <signal.h>
#include <sys/wait.h>

TestSuite(janitor, .init = make_store, .fini = remove_store, .timeout = 60);

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
        if (mr_janitor_start(&j, clean, sweep, file, &err) < 0)
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
    for (int i = 0; i < 1000 && access(file, F_OK) == 0; i++)
        usleep(5000);
    cr_assert_neq(access(file, F_OK), 0);
}

Test(janitor, dismissing_one_that_was_never_started_is_harmless)
{
    struct mr_janitor j = { 0 };
    mr_janitor_dismiss(&j);
    mr_janitor_dismiss(&j);
}
