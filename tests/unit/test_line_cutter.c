/* Cutting lines: whatever the pieces and the buffer, the lines are the same. */
#include "programs/line_cutter.h"

#include "support.h"

struct taken {
    char text[4096]; /* each line with "|" behind it, and "+" between its parts */
    size_t size;
    bool within;
};

static int take(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    struct taken *t = arg;
    cr_assert_eq(t->within, part == MR_MIDDLE || part == MR_LAST);
    memcpy(t->text + t->size, bytes, size);
    t->size += size;
    t->within = part == MR_FIRST || part == MR_MIDDLE;
    t->text[t->size++] = t->within ? '+' : '|';
    t->text[t->size] = '\0';
    return 0;
}

static bool together;

static void cut(const char *text, size_t room, size_t piece, struct taken *t)
{
    struct line_cutter l;
    size_t left = strlen(text), space;
    *t = (struct taken){ .size = 0 };
    cr_assert_eq(line_cutter_init(&l, room, take, t), 0);
    l.together = together;
    while (left > 0) {
        unsigned char *to = line_cutter_room(&l, &space);
        size_t n = piece < left ? piece : left;
        n = n < space ? n : space;
        cr_assert_gt(n, 0);
        memcpy(to, text, n);
        cr_assert_eq(line_cutter_add(&l, n), 0);
        text += n;
        left -= n;
    }
    cr_assert_eq(line_cutter_end(&l), 0);
    line_cutter_free(&l);
}

Test(line_cutter, lines_are_the_same_in_any_pieces)
{
    static const char *const texts[][2] = {
        { "", "" },        { "\n", "|" },         { "a", "a|" },          { "a\n", "a|" },
        { "\n\na\n", "||a|" }, { "to be\nor\nnot", "to be|or|not|" }, { "a\r\n\tb\n\n", "a\r|\tb||" },
    };
    struct taken t;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t piece = 1; piece < 16; piece++) {
            cut(texts[i][0], 16, piece, &t);
            cr_assert_str_eq(t.text, texts[i][1]);
        }
}

Test(line_cutter, a_line_larger_than_the_buffer_comes_in_parts)
{
    static const char *const texts[][2] = {
        { "abcd\ne", "abcd+|e|" },
        { "abcde\nf\n", "abcd+e|f|" },
        { "abcdefghi", "abcd+efgh+i|" },
        { "abcdefgh", "abcd+efgh+|" },
        { "abc\nabcd", "abc|abcd+|" },
        { "abc\xC3\xA9\xC3\xA9", "abc+\xC3\xA9\xC3\xA9+|" },
        { "\xF0\x9F\x98\x80\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80+\xF0\x9F\x98\x80+|" },
        { "a\xF0\x9F\x98\x80", "a+\xF0\x9F\x98\x80+|" },
        { "abc\xC3", "abc+\xC3|" },
        { "abc\xC0\xA9", "abc\xC0+\xA9|" },
    };
    struct taken t;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t piece = 1; piece < 10; piece++) {
            cut(texts[i][0], 4, piece, &t);
            cr_assert_str_eq(t.text, texts[i][1]);
        }
}

Test(line_cutter, lines_may_come_together)
{
    static const char *const texts[][2] = {
        { "", "" }, { "\n", "|" }, { "a\nb\n\nc", "a\nb\n|c|" }, { "\n\n", "\n|" },
        { "a\nbcdefghi\nj\nk\n", "a|bcdefghi|j\nk|" }, { "abcdefghijkl\n\nm", "abcdefgh+ijkl||m|" },
    };
    struct taken t;
    together = true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cut(texts[i][0], i == 4 ? 10 : 8, 100, &t);
        cr_assert_str_eq(t.text, texts[i][1]);
        for (size_t piece = 1; piece < 9; piece++) {
            struct taken one, other;
            cut(texts[i][0], 8, piece, &one);
            together = false;
            cut(texts[i][0], 8, piece, &other);
            together = true;
            for (char *at; (at = strchr(one.text, '\n')) != NULL;)
                *at = '|';
            cr_assert_str_eq(one.text, other.text);
        }
    }
}

static int refuse(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    (void)bytes;
    (void)size;
    (void)part;
    ++*(int *)arg;
    return -1;
}

Test(line_cutter, a_refusal_is_handed_on)
{
    struct line_cutter l;
    size_t room;
    int calls = 0;
    cr_assert_eq(line_cutter_init(&l, 8, refuse, &calls), 0);
    memcpy(line_cutter_room(&l, &room), "a\nb\nc", 5);
    cr_assert_eq(line_cutter_add(&l, 5), -1);
    cr_assert_eq(calls, 1);
    line_cutter_free(&l);
}
