/* The tally: what attempts counted, once for each task. */
#include "control/tally.h"

#include "support.h"

#include <sys/wait.h>

static struct mr_tally tally;
static struct mr_buffer tasks[3];

static void end(void)
{
    for (int i = 0; i < 3; i++)
        mr_buffer_free(&tasks[i]);
    mr_tally_free(&tally);
}

TestSuite(tally, .fini = end, .timeout = HANGS);

/* An attempt of a task counts, in a process of its own. */
static void attempt(uint64_t id, uint64_t n)
{
    int status;
    mr_tally_begin(&tally, id);
    pid_t pid = fork();
    if (pid == 0) {
        mr_counters_add(mr_tally_area(&tally, id), "tries", n);
        _exit(0);
    }
    check(waitpid(pid, &status, 0) == pid && status == 0);
}

static uint64_t counted(void)
{
    struct mr_counters sum;
    mr_counters_clear(&sum);
    for (int i = 0; i < 3; i++)
        check(mr_counters_get(&sum, tasks[i].at, tasks[i].size));
    check(sum.count <= 1 && (sum.count == 0 || strcmp(sum.at[0].name, "tries") == 0));
    return sum.count ? sum.at[0].count : 0;
}

Test(tally, only_what_was_committed_last_counts)
{
    must(mr_tally_open(&tally, 2, &err));
    attempt(1, 1);
    attempt(2, 10);
    cr_assert_eq(counted(), 0);
    must(mr_tally_commit(&tally, 2, &tasks[1], &err));
    cr_assert_eq(counted(), 10);
    mr_tally_discard(&tally, 1);
    attempt(1, 100);
    attempt(3, 1000);
    must(mr_tally_commit(&tally, 1, &tasks[0], &err));
    must(mr_tally_commit(&tally, 3, &tasks[2], &err));
    cr_assert_eq(counted(), 1110);
    mr_tally_discard(&tally, 3); /* its file was lost; what replaces it counts instead */
    attempt(3, 5000);
    cr_assert_eq(counted(), 1110);
    must(mr_tally_commit(&tally, 3, &tasks[2], &err));
    cr_assert_eq(counted(), 5110);
    mr_tally_begin(&tally, 3);
    must(mr_tally_commit(&tally, 3, &tasks[2], &err));
    cr_assert_eq(counted(), 110, "the last attempt has counted nothing");
}

Test(tally, what_was_adopted_is_known_with_what_is_counted_after_it)
{
    struct mr_counters many;
    struct mr_buffer bytes = MR_BUFFER_INIT;
    char name[16];
    mr_counters_clear(&many);
    for (int i = 0; i < MR_COUNTERS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        mr_counters_add(&many, name, 1);
    }
    must(mr_counters_put(&many, &bytes));
    cr_assert_not(mr_tally_adopt(&tally, bytes.at, bytes.size - 1, &tasks[0]));
    cr_assert_eq(tasks[0].size, 0);
    cr_assert(mr_tally_adopt(&tally, bytes.at, bytes.size, &tasks[0]));
    cr_assert_eq(tasks[0].size, bytes.size);
    must(mr_tally_open(&tally, 1, &err));
    attempt(1, 1);
    must_fail(mr_tally_commit(&tally, 1, &tasks[1], &err), "'tries' is one more than 64");
    mr_buffer_free(&bytes);
}

Test(tally, without_areas_nothing_is_counted)
{
    mr_tally_begin(&tally, 1);
    cr_assert_null(mr_tally_area(&tally, 1));
    must(mr_tally_commit(&tally, 1, &tasks[0], &err));
    mr_tally_discard(&tally, 1);
    cr_assert_eq(counted(), 0);
}
