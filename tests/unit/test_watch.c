/* When a run that is watched is to be looked at again. */
#include "control/watch.h"

#include "support.h"

#include "base/clock.h"

static void hear(void *self, const struct mr_event *e)
{
    (void)self;
    (void)e;
}

/* A time so many milliseconds ago. */
static struct timespec ago(long ms)
{
    struct timespec t = mr_clock_now();
    t.tv_sec -= ms / 1000;
    t.tv_nsec -= ms % 1000 * 1000000;
    if (t.tv_nsec < 0) {
        t.tv_nsec += 1000000000;
        t.tv_sec--;
    }
    return t;
}

Test(watch, a_wait_that_begins_late_ends_when_the_tick_is_due)
{
    const struct mr_config config = { .listen = hear, .tick = 100000 };
    struct mr_watch w = { .config = &config, .last_tick = ago(60000) };
    cr_assert_leq(mr_watch_wait(&w, 200000), 40001);
    cr_assert_eq(mr_watch_wait(&w, 10), 10);
    w.last_tick = ago(100000);
    cr_assert_eq(mr_watch_wait(&w, 200000), 1, "it is due");
    w.last_tick = ago(-500000);
    cr_assert_eq(mr_watch_wait(&w, 200000), 100000, "a clock that was set back");
}

Test(watch, without_ticks_the_wait_is_as_long_as_it_may_be)
{
    const struct mr_config silent = { .listen = hear }, deaf = { .tick = 100 };
    struct mr_watch w = { .config = &silent };
    cr_assert_eq(mr_watch_wait(&w, 1000), 1000);
    w.config = &deaf;
    cr_assert_eq(mr_watch_wait(&w, 1000), 1000);
}
