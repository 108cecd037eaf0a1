/* Recent input: whatever its pieces, the line at a byte is the right one or not known, and what is
 * known reaches back over half of the room at least. */
#include "programs/recent.h"

#include "support.h"

static unsigned char text[4000];

static void check_line(const struct recent *r, size_t fed, size_t at, size_t room)
{
    struct shown_line line;
    size_t start = at - 1, stop = at - 1;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    while (stop < fed && text[stop] != '\n')
        stop++;
    if (!recent_line(r, at, &line)) {
        check_for(start + room / 2 < fed, "the line at %zu of %zu is not known", at, fed);
        return;
    }
    cr_assert_eq(line.offset, start);
    cr_assert_eq(line.size, stop - start);
    cr_assert_eq(memcmp(line.text, text + start, line.size < LINE_SHOWN ? line.size : LINE_SHOWN),
                 0);
}

Test(recent, lines_are_those_of_the_input)
{
    struct recent r = { .at = NULL };
    draw_bytes(text, sizeof text, "abcdefgh\n");
    memset(text + 1000, 'x', 150);
    for (size_t room = 2; room < 3000; room = room * 3 / 2 + 1) {
        for (int round = 0; round < 2; round++) {
            recent_begin(&r, room);
            for (size_t fed = 0; fed < sizeof text;) {
                size_t size = 1 + draw_below(round ? 40 : 900);
                size = size < sizeof text - fed ? size : sizeof text - fed;
                recent_add(&r, text + fed, size);
                fed += size;
                for (size_t at = fed > room + 50 ? fed - room - 50 : 1; at <= fed; at++)
                    check_line(&r, fed, at, room);
            }
        }
        recent_free(&r);
    }
}

Test(recent, a_shown_line_has_no_end_within_it_and_says_where_it_is_cut)
{
    struct shown_line line;
    const char *more;
    unsigned char bytes[LINE_SHOWN];
    memset(bytes, 'x', sizeof bytes);
    shown_line_begin(&line, 0);
    cr_assert_str_eq(shown_line_text(&line, &more), "");
    cr_assert_str_eq(more, "");
    shown_line_add(&line, (const unsigned char *)"a\0b", 3);
    cr_assert_str_eq(shown_line_text(&line, &more), "a b");
    shown_line_add(&line, bytes, sizeof bytes);
    cr_assert_eq(strlen(shown_line_text(&line, &more)), LINE_SHOWN);
    cr_assert_str_eq(more, "...");
}
