/* Which names are near to each other. */
#include "program/spelling.h"

#include "support.h"

/* The distance by its definition, without a table. */
static size_t plain(const char *a, size_t n, const char *b, size_t m)
{
    if (n == 0 || m == 0)
        return n + m;
    size_t best = plain(a, n - 1, b, m) + 1, other = plain(a, n, b, m - 1) + 1;
    best = other < best ? other : best;
    other = plain(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
    best = other < best ? other : best;
    if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
        other = plain(a, n - 2, b, m - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

Test(spelling, distance_is_that_of_its_definition)
{
    for (int round = 0; round < 300; round++) {
        char a[8], b[8];
        size_t n = draw_below(6), m = draw_below(6);
        for (size_t i = 0; i < 7; i++) {
            a[i] = (char)('a' + draw_below(3));
            b[i] = (char)('a' + draw_below(3));
        }
        a[n] = b[m] = '\0';
        check_for(mr_spelling_distance(a, b) == plain(a, n, b, m), "%s %s", a, b);
    }
}

Test(spelling, what_may_be_meant)
{
    char endless[200];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    cr_assert(mr_spelling_is_near("tpo", "top") && mr_spelling_is_near("memroy", "memory"));
    cr_assert(mr_spelling_is_near("ignorecase", "ignore-case") &&
              mr_spelling_is_near("maxattempt", "max-attempts"));
    cr_assert_eq(mr_spelling_distance("GREP", "grep"), 0);
    cr_assert_eq(mr_spelling_distance("rGEp", "grep"), 1,
                 "letters are swapped whatever their case");
    cr_assert_not(mr_spelling_is_near("x", "top") || mr_spelling_is_near("sort", "top"));
    cr_assert_not(mr_spelling_is_near("", "top") || mr_spelling_is_near(endless, "top"));
    cr_assert_not(mr_spelling_is_near(endless, endless), "names of that length there are none");
}
