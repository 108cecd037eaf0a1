/* LIST becomes spans. */
#include "selection.h"
#include "support.h"

TestSuite(selection);

static void check_list(const char *list, const char *spans, uint64_t needed)
{
    struct selection s = { 0 };
    char text[256] = "";
    must(selection_read(&s, list, &err));
    for (size_t i = 0; i < s.count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%llu-%lld ", (unsigned long long)s.spans[i].first,
                 (long long)s.spans[i].last); /* -1: to the end */
    }
    check_for(strcmp(text, spans) == 0, "'%s' became '%s', not '%s'", list, text, spans);
    check_for(s.needed == needed, "'%s' needs %llu", list, (unsigned long long)s.needed);
    check(s.spans[s.count].first == SPAN_END && s.spans[s.count].last == SPAN_END);
    selection_free(&s);
}

Test(selection, lists_become_spans_in_order)
{
    check_list("1", "1-1 ", 1);
    check_list("3-", "3--1 ", 3);
    check_list("-2", "1-2 ", 2);
    check_list("2-4", "2-4 ", 4);
    check_list("5,1", "1-1 5-5 ", 5);
    check_list("18446744073709551614", "18446744073709551614--2 ", UINT64_MAX - 1);
}

Test(selection, what_overlaps_or_adjoins_is_one)
{
    check_list("2,2,2", "2-2 ", 2);
    check_list("1-3,2-5", "1-5 ", 5);
    check_list("4,3,2,1", "1-4 ", 4);
    check_list("3-,7-9,5-", "3--1 ", 3);
    check_list("7-9,3-,1", "1-1 3--1 ", 3);
    check_list("1-9,2-3,11", "1-9 11-11 ", 11);
}

Test(selection, other_lists_are_refused)
{
    static const char *const lists[] = { "", "0", "-", "a", "1,", ",1", "2-1", "1-2-3", "--1", "+1",
                                         "1 ", "-0", "18446744073709551615", "1--", "1-a" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct selection s = { 0 };
        check_for(selection_read(&s, lists[i], &err) < 0, "'%s' was taken", lists[i]);
        check(strstr(err.text, "-f") != NULL);
        selection_free(&s);
    }
}

Test(selection, a_second_list_takes_the_place_of_the_first)
{
    struct selection s = { 0 };
    must(selection_read(&s, "1,3,5", &err));
    must(selection_read(&s, "2", &err));
    check(s.count == 1 && s.needed == 2);
    selection_free(&s);
}
