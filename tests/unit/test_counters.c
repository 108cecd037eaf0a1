/* Counters: by name, a few, and none lost without a word. */
#include "base/counters.h"

#include "support.h"

TestSuite(counters, .timeout = HANGS);

static struct mr_counters counters, others;

static uint64_t count_of(const struct mr_counters *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i].name, name) == 0)
            return c->at[i].count;
    return 0;
}

/* Counts the numbers below n, in any order, i + 1 times each. */
static void count_numbers(struct mr_counters *c, unsigned n)
{
    char name[16];
    for (unsigned left = n * (n + 1) / 2, done[MR_COUNTERS_MAX] = { 0 }; left > 0;) {
        unsigned i = (unsigned)draw_below(n);
        if (done[i] > i)
            continue;
        done[i]++;
        left--;
        snprintf(name, sizeof name, "%u", i);
        mr_counters_add(c, name, 1);
    }
}

Test(counters, each_name_has_the_sum_of_what_was_added_to_it)
{
    count_numbers(&counters, MR_COUNTERS_MAX);
    must(mr_counters_check(&counters, &err));
    cr_assert_eq(counters.count, MR_COUNTERS_MAX);
    mr_counters_sort(&counters);
    for (size_t i = 0; i < counters.count; i++) {
        check(counters.at[i].count == (uint64_t)atoi(counters.at[i].name) + 1);
        check(i == 0 || strcmp(counters.at[i - 1].name, counters.at[i].name) < 0);
    }
    mr_counters_add(&counters, "7", UINT64_MAX - 8);
    cr_assert_eq(count_of(&counters, "7"), UINT64_MAX);
    mr_counters_add(&counters, "7", 1);
    cr_assert_eq(count_of(&counters, "7"), UINT64_MAX, "it stays what is more than can be told");
}

Test(counters, names_that_are_too_many_or_too_long_are_an_error_that_names_them)
{
    char name[2 * MR_COUNTER_NAME];
    memset(name, 'n', sizeof name);
    name[MR_COUNTER_NAME - 1] = '\0';
    mr_counters_add(&counters, name, 5);
    must(mr_counters_check(&counters, &err));
    cr_assert_eq(count_of(&counters, name), 5);
    name[MR_COUNTER_NAME - 1] = 'n';
    name[MR_COUNTER_NAME] = '\0';
    mr_counters_add(&counters, name, 1);
    must_fail(mr_counters_check(&counters, &err), "nnn...' has too long a name");
    cr_assert(err.final);
    mr_counters_clear(&counters);
    must(mr_counters_check(&counters, &err));
    cr_assert_eq(counters.count, 0);
    count_numbers(&counters, MR_COUNTERS_MAX);
    mr_counters_add(&counters, "one\nmore", 1);
    mr_counters_add(&counters, "and another", 1);
    must_fail(mr_counters_check(&counters, &err), "'one\\nmore' is one more than 64");
    cr_assert(err.final);
    cr_assert_eq(count_of(&counters, "63"), 64);
    count_numbers(&others, 3);
    mr_counters_add_all(&others, &counters);
    must_fail(mr_counters_check(&others, &err), "too many");
    cr_assert_eq(count_of(&others, "2"), 6);
}

Test(counters, as_bytes_they_are_the_same_and_other_bytes_are_none)
{
    struct mr_buffer bytes = MR_BUFFER_INIT;
    char name[MR_COUNTER_NAME];
    for (int i = 0; i < MR_COUNTERS_MAX; i++) {
        memset(name, 'a', sizeof name);
        snprintf(name, sizeof name, "%d", i);
        name[strlen(name)] = 'a';
        name[i % 2 ? MR_COUNTER_NAME - 1 : 10] = '\0';
        mr_counters_add(&counters, name, draw());
    }
    mr_counters_add(&counters, "", 1);
    must_fail(mr_counters_check(&counters, &err), "too many");
    must(mr_counters_put(&counters, &bytes));
    cr_assert_leq(bytes.size, MR_COUNTERS_BYTES);
    cr_assert(mr_counters_get(&others, bytes.at, bytes.size));
    cr_assert_eq(others.count, counters.count);
    for (size_t i = 0; i < counters.count; i++)
        check(count_of(&others, counters.at[i].name) == counters.at[i].count);
    /* Cut anywhere but between two, and with anything for a size or a name. */
    size_t good = 0;
    for (size_t size = 0; size <= bytes.size; size++) {
        unsigned char *exact = malloc(size + 1);
        memcpy(exact, bytes.at, size);
        mr_counters_clear(&others);
        good += mr_counters_get(&others, exact, size);
        free(exact);
    }
    cr_assert_eq(good, MR_COUNTERS_MAX + 1);
    for (size_t at = 0; at < bytes.size; at++) {
        unsigned char was = bytes.at[at];
        bytes.at[at] = (unsigned char)draw();
        mr_counters_clear(&others);
        mr_counters_get(&others, bytes.at, bytes.size);
        bytes.at[at] = was;
    }
    bytes.at[1] = '\0';
    cr_assert_not(mr_counters_get(&others, bytes.at, bytes.size));
    mr_buffer_free(&bytes);
}
