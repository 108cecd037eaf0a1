/* Errors: what their one line says, and that it is never longer than its place. */
#include "base/error.h"

#include "support.h"

#include <errno.h>
#include <unistr.h>

Test(error, a_plain_error_has_its_words_and_no_errno)
{
    struct mr_error e = { .code = 5, .final = true };
    cr_assert_eq(mr_error_set(&e, "no %s in %d", "key", 7), -1);
    cr_assert_str_eq(e.text, "no key in 7");
    cr_assert_eq(e.code, 0);
    cr_assert_not(e.final, "a new failure is not final because the one before was");
}

Test(error, a_system_error_names_its_cause_and_keeps_errno)
{
    struct mr_error e = { 0 };
    errno = ENOENT;
    cr_assert_eq(mr_error_system(&e, "cannot open '%s'", "x.csv"), -1);
    cr_assert_str_eq(e.text, "cannot open 'x.csv': No such file or directory");
    cr_assert_eq(e.code, ENOENT);
}

Test(error, a_prefix_goes_in_front_and_changes_nothing_else)
{
    struct mr_error e = { 0 };
    errno = EIO;
    mr_error_system(&e, "cannot read");
    mr_error_final(&e);
    cr_assert_eq(mr_error_prefix(&e, "map task %d", 3), -1);
    cr_assert_str_eq(e.text, "map task 3: cannot read: Input/output error");
    cr_assert_eq(e.code, EIO);
    cr_assert(e.final);
}

Test(error, a_message_is_one_line_whatever_is_in_a_name)
{
    struct mr_error e = { 0 };
    mr_error_set(&e, "cannot cut '%s'", "a\nb\033[2J\x7F\xC3\xA9");
    cr_assert_str_eq(e.text, "cannot cut 'a\\nb\\033[2J\\177\xC3\xA9'");
    errno = ENOENT;
    mr_error_system(&e, "cannot open '%s'", "a\rb");
    cr_assert_str_eq(e.text, "cannot open 'a\\rb': No such file or directory");
}

Test(error, the_cause_is_told_behind_the_longest_name)
{
    struct mr_error e = { 0 };
    char name[2000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    errno = ENAMETOOLONG;
    mr_error_system(&e, "cannot open '%s'", name);
    cr_assert_not_null(strstr(e.text, "nnn': File name too long"));
}

Test(error, words_that_are_too_many_are_cut)
{
    struct mr_error e = { 0 };
    char words[sizeof e.text];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    mr_error_set(&e, "%s", words);
    cr_assert_eq(strlen(e.text), sizeof e.text - 1);
    mr_error_prefix(&e, "map task %d", 3);
    cr_assert_eq(strlen(e.text), sizeof e.text - 1);
    cr_assert_eq(strncmp(e.text, "map task 3: www", 15), 0, "the end is lost, not the start");
    for (int i = 0; i < 10; i++)
        mr_error_prefix(&e, "%s", words);
    cr_assert_lt(strlen(e.text), sizeof e.text);
}

Test(error, what_a_prefix_pushes_out_is_whole_characters)
{
    for (int ascii = 0; ascii < 4; ascii++) {
        struct mr_error e = { 0 };
        size_t n = (size_t)ascii;
        memset(e.text, 'w', n);
        for (; n + 4 < sizeof e.text; n += 4)
            memcpy(e.text + n, "\xF0\x9F\x98\x80", 4);
        mr_error_prefix(&e, "p");
        cr_assert_null(u8_check((const uint8_t *)e.text, strlen(e.text)));
    }
}

Test(error, memory_that_is_out_tells_how_much_was_asked_for)
{
    struct mr_error e = { 0 };
    cr_assert_eq(mr_error_memory(&e, 12345, "a table"), -1);
    cr_assert_eq(e.code, ENOMEM);
    cr_assert_not_null(strstr(e.text, "12345"));
    cr_assert_not_null(strstr(e.text, "a table"));
    cr_assert_not(e.final, "another attempt may find more");
}
