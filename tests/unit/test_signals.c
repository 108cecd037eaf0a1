/* Signals: held, taken one by one, released, and all as it was at the end. */
#include "control/signals.h"

#include "support.h"

#include <poll.h>
#include <sys/wait.h>

static const int enders[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* Whoever runs the tests may have some of them ignored. */
static void begin(void)
{
    for (size_t i = 0; i < sizeof enders / sizeof *enders; i++)
        signal(enders[i], SIG_DFL);
}

TestSuite(signals, .init = begin, .timeout = HANGS);

static bool is_blocked(int number)
{
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, number);
}

static bool is_readable(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    return poll(&p, 1, 0) == 1;
}

Test(signals, each_that_ends_a_process_ends_the_run_and_is_named)
{
    for (size_t i = 0; i < sizeof enders / sizeof *enders; i++) {
        struct mr_signals s;
        must(mr_signals_open(&s, &err));
        must(mr_signals_check(&s, &err));
        check(!is_readable(s.fd));
        raise(enders[i]);
        check(is_readable(s.fd));
        must_fail(mr_signals_check(&s, &err), "ended by signal");
        check(err.signal == enders[i]);
        check_for(!is_blocked(enders[i]), "a second one ends the process at once");
        mr_signals_close(&s);
    }
}

Test(signals, what_was_ignored_ends_nothing)
{
    struct mr_signals s;
    signal(SIGINT, SIG_IGN);
    must(mr_signals_open(&s, &err));
    raise(SIGINT);
    must(mr_signals_check(&s, &err));
    cr_assert_not(is_readable(s.fd));
    raise(SIGTERM);
    must_fail(mr_signals_check(&s, &err), "ended by signal 15");
    mr_signals_close(&s);
}

Test(signals, the_end_of_a_child_is_seen_and_ends_nothing)
{
    struct mr_signals s;
    signal(SIGCHLD, SIG_IGN); /* then children would vanish unseen */
    must(mr_signals_open(&s, &err));
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(i);
        struct pollfd p = { s.fd, POLLIN, 0 };
        int status;
        cr_assert_eq(poll(&p, 1, -1), 1);
        must(mr_signals_check(&s, &err));
        mr_signals_see_children();
        cr_assert_not(is_readable(s.fd));
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(WEXITSTATUS(status), i);
    }
    mr_signals_close(&s);
}

Test(signals, a_look_for_those_that_end_the_run_leaves_the_children_to_be_seen)
{
    struct mr_signals s;
    must(mr_signals_open(&s, &err));
    raise(SIGCHLD);
    must(mr_signals_check(&s, &err));
    cr_assert(is_readable(s.fd));
    mr_signals_close(&s);
}

/* A child that ends as told: how a worker takes it. */
static int end_of_child(const struct mr_signals *s, int number)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        mr_signals_begin_child(s);
        raise(number);
        _exit(7);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

Test(signals, a_child_minds_only_the_one_that_is_meant_for_it)
{
    struct mr_signals s;
    must(mr_signals_open(&s, &err));
    cr_assert_eq(end_of_child(&s, SIGINT), 7);
    cr_assert_eq(end_of_child(&s, SIGHUP), 7);
    cr_assert_eq(end_of_child(&s, SIGQUIT), 7);
    cr_assert_eq(end_of_child(&s, SIGTERM), -SIGTERM);
    cr_assert_eq(end_of_child(&s, SIGPIPE), 7);
    cr_assert_eq(end_of_child(&s, SIGXFSZ), 7);
    mr_signals_close(&s);
}

Test(signals, a_pipe_without_reader_and_a_file_too_large_are_errors_of_calls)
{
    struct mr_signals s;
    must(mr_signals_open(&s, &err));
    raise(SIGPIPE);
    raise(SIGXFSZ);
    must(mr_signals_check(&s, &err));
    mr_signals_close(&s);
}

static void handle(int number)
{
    (void)number;
}

Test(signals, all_is_as_before_once_they_are_closed)
{
    static const int changed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE, SIGXFSZ };
    enum { COUNT = sizeof changed / sizeof *changed };
    struct mr_signals s;
    struct sigaction before[COUNT], after;
    sigset_t mask, then;
    signal(SIGPIPE, handle);
    signal(SIGINT, handle);
    for (int i = 0; i < COUNT; i++)
        sigaction(changed[i], NULL, &before[i]);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    int descriptors = open_descriptors();
    must(mr_signals_open(&s, &err));
    mr_signals_release(&s);
    mr_signals_release(&s);
    mr_signals_close(&s);
    mr_signals_close(&s);
    cr_assert_eq(open_descriptors(), descriptors);
    sigprocmask(SIG_SETMASK, NULL, &then);
    for (int i = 1; i < 32; i++)
        check(sigismember(&mask, i) == sigismember(&then, i));
    for (int i = 0; i < COUNT; i++) {
        sigaction(changed[i], NULL, &after);
        check(after.sa_handler == before[i].sa_handler);
    }
}

Test(signals, closing_what_was_never_open_is_harmless)
{
    struct mr_signals s = { 0 };
    must(mr_signals_check(&s, &err));
    mr_signals_release(&s);
    mr_signals_close(&s);
}
