/* Separators: where they stand, in one piece and in several. */
#include "text/separator.h"

#include <criterion/criterion.h>

/* Where the separators of a text begin, each behind the one before, one after the other. */
static size_t find_all(const struct separator *s, const char *text, size_t found[8])
{
    const unsigned char *start = (const unsigned char *)text, *at = start;
    const unsigned char *end = start + strlen(text);
    size_t n = 0;
    for (; (at = separator_find(s, at, (size_t)(end - at))) != NULL; at += s->size)
        found[n++] = (size_t)(at - start);
    return n;
}

static void stands_in_pieces(const struct separator *s, const char *text, size_t piece)
{
    const unsigned char *start = (const unsigned char *)text;
    size_t size = strlen(text), wanted[8], n = 0, held = 0;
    size_t count = find_all(s, text, wanted);
    for (size_t at = 0; at < size;) {
        size_t left = size - at < piece - at % piece ? size - at : piece - at % piece;
        size_t before_held = held, before;
        bool found = separator_look(s, &held, start + at, left, &before);
        cr_assert_eq(memcmp(start + at + left - held, s->at, held), 0);
        if (found)
            cr_expect_eq(at - before_held + before, wanted[n], "'%s' by %zu", text, piece);
        else
            cr_expect_eq(before + held, before_held + left);
        n += found;
        at += found ? before + s->size - before_held : left;
    }
    cr_expect_eq(n, count, "'%s' by %zu: %zu, not %zu", text, piece, n, count);
}

static void stands(const char *separator, const char *text, size_t count)
{
    struct separator s;
    size_t found[8];
    cr_assert(separator_set(&s, separator, strlen(separator)));
    cr_expect_eq(find_all(&s, text, found), count);
    for (size_t piece = 1; piece <= 7; piece++)
        stands_in_pieces(&s, text, piece);
}

Test(separator, one_byte)
{
    stands(",", "", 0);
    stands(",", "a", 0);
    stands(",", ",a,,b", 3);
}

Test(separator, several_bytes)
{
    stands("::", "a::b:::c:", 2);
    stands("::", ":::::", 2);
    stands("aba", "ababa", 1);
    stands("aba", "abaababab", 2);
    stands("aab", "aaaabaab", 2);
    stands("abcabd", "abcabcabd", 1);
    stands("abababc", "abababababc", 1);
}

Test(separator, what_is_none)
{
    struct separator s;
    char bytes[SEPARATOR_MOST + 1];
    memset(bytes, 'a', sizeof bytes);
    cr_expect_not(separator_set(&s, "", 0));
    cr_expect_not(separator_set(&s, "a\n", 2));
    cr_expect_not(separator_set(&s, bytes, sizeof bytes));
    cr_expect(separator_set(&s, bytes, SEPARATOR_MOST));
    cr_expect(separator_set(&s, "\0", 1));
}
