/* Signals that end a run: held, watched for, released. */
#include "control/signals.h"

#include "base/error.h"
#include "base/io.h"

#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const int enders[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

enum { ENDERS = sizeof enders / sizeof *enders };

static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int mr_signals_open(struct mr_signals *s, struct mr_error *err)
{
    struct sigaction usual = { .sa_handler = SIG_DFL }, ignored = { .sa_handler = SIG_IGN };
    memset(s, 0, sizeof *s);
    s->open = true;
    sigemptyset(&s->ending);
    for (size_t i = 0; i < ENDERS; i++)
        if (!is_ignored(enders[i]))
            sigaddset(&s->ending, enders[i]);
    /* A parent that ignores SIGCHLD would have our workers reaped behind our back. */
    sigaction(SIGCHLD, &usual, &s->old_child);
    /* A reader that goes away and a file that may not grow are errors like others. */
    sigaction(SIGPIPE, &ignored, &s->old_pipe);
    sigaction(SIGXFSZ, &ignored, &s->old_size);
    sigset_t held = s->ending;
    sigaddset(&held, SIGCHLD);
    sigprocmask(SIG_BLOCK, &held, &s->old_mask);
    s->fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->fd < 0 ? mr_error_system(err, "cannot watch for signals") : 0;
}

int mr_signals_check(struct mr_signals *s, struct mr_error *err)
{
    const struct timespec at_once = { 0, 0 };
    int number = s->open ? sigtimedwait(&s->ending, NULL, &at_once) : -1;
    if (number <= 0)
        return 0;
    mr_error_set(err, "ended by signal %d (%s)", number, strsignal(number));
    err->signal = number;
    mr_signals_release(s);
    return -1;
}

void mr_signals_see_children(void)
{
    const struct timespec at_once = { 0, 0 };
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    (void)sigtimedwait(&children, NULL, &at_once);
}

void mr_signals_begin_child(const struct mr_signals *s)
{
    for (size_t i = 0; i < ENDERS; i++)
        signal(enders[i], enders[i] == SIGTERM ? SIG_DFL : SIG_IGN);
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

void mr_signals_release(struct mr_signals *s)
{
    if (!s->open)
        return;
    sigset_t mask = s->old_mask;
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

void mr_signals_close(struct mr_signals *s)
{
    if (!s->open)
        return;
    s->open = false;
    mr_close(&s->fd);
    sigaction(SIGPIPE, &s->old_pipe, NULL);
    sigaction(SIGXFSZ, &s->old_size, NULL);
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
    sigaction(SIGCHLD, &s->old_child, NULL);
}
