/* Where UTF-8 may be cut: against an encoder, for every length and every cut. */
#include "base/utf8.h"

#include "support.h"

static size_t encode(unsigned char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (unsigned char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (unsigned char)(0x80 | (c & 0x3F));
    to[0] = (unsigned char)(c | (n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0));
    return n;
}

Test(utf8, a_character_is_unfinished_until_its_last_byte)
{
    static const uint32_t characters[] = { 0x41, 0x7F, 0x80, 0x7FF, 0x800, 0x20AC, 0xFFFD,
                                           0xFFFF, 0x10000, 0x1F600, 0x10FFFF };
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        for (size_t before = 0; before <= 4; before++) {
            unsigned char bytes[16] = "\xE2\x82\xAC\xC3"; /* whole characters or not */
            size_t n = encode(bytes + before, characters[i]);
            for (size_t given = 1; given <= n; given++)
                check_for(mr_utf8_unfinished(bytes, before + given) == (given < n ? given : 0),
                          "U+%X after %zu bytes, %zu of %zu", characters[i], before, given, n);
        }
}

Test(utf8, nothing_is_unfinished_in_no_bytes_and_in_stray_ones)
{
    cr_assert_eq(mr_utf8_unfinished((const unsigned char *)"", 0), 0);
    for (size_t n = 1; n <= 6; n++)
        cr_assert_eq(mr_utf8_unfinished((const unsigned char *)"\x80\x80\x80\x80\x80\x80", n), 0);
    cr_assert_eq(mr_utf8_unfinished((const unsigned char *)"caf\xC3", 4), 1);
    cr_assert_eq(mr_utf8_unfinished((const unsigned char *)"caf\xC3\xA9", 5), 0);
    cr_assert_eq(mr_utf8_unfinished((const unsigned char *)"\xC3\xA9\xA9", 3), 0);
}

Test(utf8, no_bytes_make_it_say_more_than_there_are_or_than_three)
{
    for (int i = 0; i < 100000; i++) {
        unsigned char bytes[6];
        size_t n = draw_below(7);
        draw_bytes(bytes, n, "\x80\xBF\xC3\xE2\xF0\xFF" "a");
        size_t unfinished = mr_utf8_unfinished(bytes, n);
        check(unfinished <= 3 && unfinished <= n);
        check(unfinished == 0 || bytes[n - unfinished] >= 0xC0);
    }
}
