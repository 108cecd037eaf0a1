/* LIST becomes spans. */
#include "text/selection.h"
#include "support.h"

TestSuite(selection);

static void check_list(const char *list, const char *spans, uint64_t needed)
{
    struct selection s = { 0 };
    char text[256] = "";
    must(selection_read(&s, list, false, &err));
    for (size_t i = 0; i < s.count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%llu-%lld ", (unsigned long long)s.spans[i].first,
                 (long long)s.spans[i].last); /* -1: to the end */
    }
    check_for(strcmp(text, spans) == 0, "'%s' became '%s', not '%s'", list, text, spans);
    uint64_t need = spans_chosen(s.spans, s.count).needed;
    check_for(need == needed, "'%s' needs %llu", list, (unsigned long long)need);
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
        check_for(selection_read(&s, lists[i], false, &err) < 0, "'%s' was taken", lists[i]);
        check(strstr(err.text, "-f") != NULL);
        selection_free(&s);
    }
}

Test(selection, what_is_no_number_is_a_name_where_names_may_be)
{
    struct selection s = { 0 };
    must(selection_read(&s, "age,2,\"3\",\"a,\"\"b\"\"\",first-name,\"\",4-", true, &err));
    static const char *const names[] = { "age", "3", "a,\"b\"", "first-name", "" };
    check(s.count == 2 && s.name_count == 5);
    for (size_t i = 0; i < 5; i++)
        check_for(strcmp(s.names[i], names[i]) == 0, "'%s'", s.names[i]);
    selection_free(&s);
    static const char *const wrong[] = { "", "a,,b", "\"a", "\"a\"b", "\"", "a,", "\"a\"\"" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        check_for(selection_read(&s, wrong[i], true, &err) < 0, "'%s' was taken", wrong[i]);
        selection_free(&s);
    }
}
