/* Messages: one printable line, whatever is in the names, and no two names alike. */
#include "base/message.h"

#include "support.h"

#include <limits.h>
#include <unictype.h>
#include <unistr.h>

__attribute__((format(printf, 2, 3))) static void becomes(const char *wanted, const char *format,
                                                          ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    size_t size = mr_message_list(text, sizeof text, format, args);
    va_end(args);
    cr_assert_str_eq(text, wanted);
    cr_assert_eq(size, strlen(text));
}

Test(message, numbers_are_as_printf_has_them)
{
    becomes("-1 4294967295 ff 17 A 100%", "%d %u %x %o %c 100%%", -1, UINT_MAX, 255u, 15u, 'A');
    becomes("-9 18446744073709551615 007", "%ld %lu %03lu", -9L, ULONG_MAX, 7UL);
    becomes("-9223372036854775808 18446744073709551615 00ff", "%lld %llu %04llx", LLONG_MIN,
            ULLONG_MAX, 255ULL);
    becomes("18446744073709551615 in 1.500 s", "%zu in %.3f s", SIZE_MAX, 1.5);
    becomes("    7|7    ", "%5d|%-5d", 7, 7);
}

Test(message, text_is_shown_as_it_is_when_it_can_be)
{
    becomes("map: caf\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80 it's \\ fine", "map: %s",
            "caf\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80 it's \\ fine");
    becomes("", "%s", "");
    becomes("cut: abc", "cut: %.*s", 3, "abcdef");
    becomes("cut: ab", "cut: %.2s", "abcdef");
}

Test(message, what_a_terminal_obeys_is_escaped)
{
    becomes("\\a\\b\\t\\n\\v\\f\\r\\001\\033[2J\\177", "%s", "\a\b\t\n\v\f\r\001\033[2J\177");
    becomes("\\302\\205 \\302\\233", "%s", "\xC2\x85 \xC2\x9B");                 /* NEL, CSI */
    becomes("\\342\\200\\250 \\342\\200\\251", "%s", "\xE2\x80\xA8 \xE2\x80\xA9"); /* line ends */
    becomes("\\342\\200\\256 \\342\\201\\246", "%s", "\xE2\x80\xAE \xE2\x81\xA6"); /* bidi */
    becomes("\\357\\273\\277 \\342\\200\\213", "%s", "\xEF\xBB\xBF \xE2\x80\x8B"); /* no width */
    becomes("line\\none", "line\none");
}

Test(message, what_is_not_utf8_is_escaped)
{
    becomes("\\377 \\303 x", "%s", "\xFF \xC3 x");
    becomes("\\355\\240\\200 \\300\\257 \\364\\220\\200\\200", "%s",
            "\xED\xA0\x80 \xC0\xAF \xF4\x90\x80\x80"); /* a surrogate, too long, too large */
    becomes("\\303", "%.*s", 1, "\xC3\xA9");
}

Test(message, a_name_in_quotes_has_its_quotes_and_backslashes_escaped)
{
    becomes("cannot open 'it\\'s': no", "cannot open '%s': no", "it's");
    becomes("'a\\\\nb' is not 'a\\nb'", "'%s' is not '%s'", "a\\nb", "a\nb");
    becomes("in 'd\\'/f\\'' it's %", "in '%s/%s' it's %%", "d'", "f'");
    becomes("the tasks' 'n\\'' and it's", "the tasks' '%s' and %s", "n'", "it's");
    becomes("'x', bytes 1 to 2, it's", "'%s', bytes %d to %d, %s", "x", 1, 2, "it's");
}

Test(message, a_message_in_a_message_stays_as_it_is)
{
    char inner[128];
    mr_message(inner, sizeof inner, "cannot open '%s'", "a'\\\n\xFF");
    becomes("task 1: cannot open 'a\\'\\\\\\n\\377'", "task %d: %s", 1, inner);
}

Test(message, a_long_name_loses_its_middle_and_nothing_else)
{
    char name[5000], text[1024];
    memset(name, 'n', sizeof name);
    memcpy(name, "first/", 6);
    strcpy(name + 4990, "/last\xFF'\n\\");
    mr_message(text, sizeof text, "cannot open '%s': cause", name);
    cr_assert_eq(strncmp(text, "cannot open 'first/nnn", 22), 0, "%s", text);
    cr_assert_not_null(strstr(text, "nnn'...'nnn"));
    cr_assert_not_null(strstr(text, "nnn/last\\377\\'\\n\\\\': cause"));
    cr_assert_lt(strlen(text), 450);
    /* What just fits is whole. */
    name[400] = '\0';
    mr_message(text, sizeof text, "'%s'", name);
    cr_assert_eq(strlen(text), 402);
    cr_assert_null(strstr(text, "'...'"));
}

Test(message, what_does_not_fit_is_cut_between_characters)
{
    for (size_t room = 1; room < 40; room++) {
        char text[64];
        memset(text, 'x', sizeof text);
        size_t size = mr_message(text, room, "%s%d", "a\xC3\xA9\n\xE6\xBC\xA2\xF0\x9F\x98\x80z\xFF",
                                 12345);
        cr_assert_lt(size, room);
        cr_assert_eq(text[size], '\0');
        cr_assert_eq(text[room], 'x', "nothing is written behind the room");
        cr_assert_null(u8_check((const uint8_t *)text, size));
    }
    char none = 'x';
    cr_assert_eq(mr_message(&none, 0, "a"), 0);
    cr_assert_eq(none, 'x');
}

Test(message, the_quote_that_ends_a_name_begins_no_other)
{
    char text[64];
    mr_message(text, sizeof text, "'%s'%s", "it's", " isn't");
    cr_assert_str_eq(text, "'it\\'s' isn't");
    mr_message(text, sizeof text, "'%s' and '%s'", "a'", "b'");
    cr_assert_str_eq(text, "'a\\'' and 'b\\''");
}

Test(message, any_bytes_become_printable_and_stay_apart)
{
    /* All names of up to two bytes: printable, and each shown differently. */
    static char shown[65281][16];
    size_t count = 0;
    for (unsigned i = 1; i < 65536; i++) {
        char name[] = { (char)(i & 0xFF), (char)(i >> 8), '\0' };
        if (name[0] == '\0')
            continue;
        size_t size = mr_message(shown[count], sizeof *shown, "'%s'", name);
        const uint8_t *at = (const uint8_t *)shown[count++];
        cr_assert_null(u8_check(at, size));
        for (ucs4_t c; (at = u8_next(&c, at)) != NULL;)
            cr_assert(!uc_is_general_category_withtable(
                c, UC_CATEGORY_MASK_C & ~UC_CATEGORY_MASK_Co), "%x of %x", c, i);
    }
    qsort(shown, count, sizeof *shown, (int (*)(const void *, const void *))strcmp);
    for (size_t i = 1; i < count; i++)
        cr_assert_str_neq(shown[i - 1], shown[i]);
}
