/* Escapes: what any bytes become, that they come back, and that nothing else is taken for one. */
#include "cluster/escape.h"

#include "support.h"

static const struct {
    const char *bytes;
    size_t size;
    const char *escaped;
} known[] = {
    { "", 0, "" },
    { "plain ~\x7f", 8, "plain ~\x7f" },
    { "a\tb\nc\rd\\", 8, "a\\x09b\\x0ac\\x0dd\\\\" },
    { "\0\x1f ", 3, "\\x00\\x1f " },
    { "n\xc3\xa9\xf0\x9f\x98\x80", 7, "n\xc3\xa9\xf0\x9f\x98\x80" },
    { "\xff\xc3(\x80", 4, "\\xff\\xc3(\\x80" },
    { "\xed\xa0\x80\xc0\x80\xe4\xb8", 7, "\\xed\\xa0\\x80\\xc0\\x80\\xe4\\xb8" },
};

Test(escape, what_bytes_become)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t size = strlen(known[i].escaped), got;
        unsigned char *to = malloc(ESCAPE_GROWTH * known[i].size + 1), *back = malloc(size + 1);
        cr_assert(to && back);
        *escape_put(to, (const unsigned char *)known[i].bytes, known[i].size) = '\0';
        cr_assert_str_eq((const char *)to, known[i].escaped);
        cr_assert(escape_get(to, size, back, &got));
        cr_assert(got == known[i].size && memcmp(back, known[i].bytes, got) == 0);
        free(to);
        free(back);
    }
}

Test(escape, any_bytes_come_back_and_none_is_a_control_character)
{
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[24], to[sizeof bytes * ESCAPE_GROWTH], back[sizeof to];
        size_t size = draw_below(sizeof bytes + 1), got = 0;
        draw_bytes(bytes, size, round % 2 ? NULL : "ab\\x01\t\n\r\xc3\xa9\xe4\xb8\xad\xff");
        size_t n = (size_t)(escape_put(to, bytes, size) - to);
        for (size_t i = 0; i < n; i++)
            check(to[i] >= ' ');
        check(escape_get(to, n, back, &got));
        check(got == size && memcmp(back, bytes, size) == 0);
    }
}

Test(escape, nothing_else_is_one)
{
    static const char *const wrong[] = { "\\", "a\\", "\\x", "\\x0", "\\x4", "\\n", "\\x41",
                                         "\\x5c", "\\x20", "\\xFF", "\\X09", "\\x0g", "a\tb",
                                         "a\rb", "\\x7f" };
    unsigned char to[16];
    size_t got;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(escape_get((const unsigned char *)wrong[i], strlen(wrong[i]), to, &got),
                      "%s", wrong[i]);
}
