/* The history of a run stays within its bounds, and what it keeps is what was told. */
#include "program/history.h"

#include "support.h"

static void end_of(struct mr_history *h, size_t task, double took, enum mr_end end)
{
    char about[32];
    snprintf(about, sizeof about, "task %zu", task);
    mr_history_hear(h, &(struct mr_event){ .type = MR_EVENT_END, .stage = "reduce", .task = task,
                                           .took = took, .seconds = took + 1, .end = end,
                                           .about = about, .text = "why", .attempt = 1,
                                           .worker = (unsigned)(task % 3) });
}

Test(history, attempts_and_failures_are_bounded_and_the_slowest_are_found)
{
    struct mr_history *h = mr_history_begin();
    cr_assert_not_null(h);
    for (size_t i = 0; i < 2 * MR_HISTORY_ATTEMPTS; i++)
        end_of(h, i, (double)(i * 7919 % 20011), i % 100 == 0 ? MR_END_RETRIED : MR_END_DONE);
    cr_assert_eq(h->attempt_count, MR_HISTORY_ATTEMPTS);
    cr_assert_eq(h->attempts_lost, MR_HISTORY_ATTEMPTS);
    cr_assert_eq(h->failure_count, MR_HISTORY_FAILURES);
    cr_assert_eq(h->failures_lost, 200 - MR_HISTORY_FAILURES);
    cr_assert_eq(h->workers, 3);
    cr_assert_eq(h->slowest_count, MR_HISTORY_SLOWEST);
    for (size_t i = 1; i < h->slowest_count; i++)
        check(h->slowest[i].attempt.took <= h->slowest[i - 1].attempt.took);
    double most = 0;
    for (size_t i = 0; i < 2 * MR_HISTORY_ATTEMPTS; i++)
        if (i % 100 != 0 && (double)(i * 7919 % 20011) > most)
            most = (double)(i * 7919 % 20011);
    check(h->slowest[0].attempt.took >= most && h->slowest[0].attempt.took <= most);
    cr_assert_str_eq(h->failures[1].about, "task 100");
    mr_history_free(h);
}

Test(history, what_reads_for_the_others_is_no_worker_and_no_slow_task)
{
    struct mr_history *h = mr_history_begin();
    cr_assert_not_null(h);
    mr_history_hear(h, &(struct mr_event){ .type = MR_EVENT_END, .stage = "map", .aside = true,
                                           .worker = 7, .took = 9, .seconds = 9, .read = 5 });
    end_of(h, 0, 1, MR_END_DONE);
    cr_assert(h->fed && h->attempts[0].aside && h->attempts[0].read == 5);
    cr_assert(h->workers == 1 && h->slowest_count == 1);
    mr_history_free(h);
}

Test(history, samples_of_a_long_run_are_thinned_out)
{
    struct mr_history *h = mr_history_begin();
    cr_assert_not_null(h);
    mr_history_hear(h, &(struct mr_event){ .type = MR_EVENT_STAGE, .stage = "map" });
    for (int i = 0; i < 20000; i++)
        mr_history_hear(h, &(struct mr_event){ .type = MR_EVENT_TICK, .stage = "map",
                                               .seconds = i / 10.0, .memory = (uint64_t)i,
                                               .bytes = 500 + (uint64_t)i * 100 });
    cr_assert_leq(h->sample_count, MR_HISTORY_SAMPLES);
    cr_assert_geq(h->sample_count, MR_HISTORY_SAMPLES / 2);
    check(h->samples[0].at < 0.01 && h->samples[h->sample_count - 1].at > 1900);
    cr_assert_eq(h->samples[0].read, 0, "what was read before is none of its speed");
    for (size_t i = 1; i < h->sample_count; i++)
        check_for(h->samples[i].at > h->samples[i - 1].at && h->samples[i].read > 990 &&
                  h->samples[i].read < 1010, "%zu: %f %llu", i, h->samples[i].at,
                  (unsigned long long)h->samples[i].read);
    mr_history_free(h);
}
