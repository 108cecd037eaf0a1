/* Names of fields, and where they are. */
#include "text/fields.h"
#include "text/header.h"
#include "support.h"

TestSuite(header);

static struct header read_line(int separator, const char *line)
{
    struct layout l;
    struct header h;
    layout_init(&l, separator);
    must(header_read(&h, &l, (const unsigned char *)line, strlen(line), &err));
    return h;
}

static void check_names(int separator, const char *line, const char *names)
{
    struct header h = read_line(separator, line);
    char text[256] = "";
    for (size_t i = 0, at = 0; i < h.count; at = h.ends[i++] + 1) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "[%s]", h.names + at);
    }
    check_for(strcmp(text, names) == 0, "'%s' has %s", line, text);
    header_free(&h);
}

Test(header, the_first_line_is_cut)
{
    check_names(',', "a,b", "[a][b]");
    check_names(',', "a,,b c\nd,e", "[a][][b c]");
    check_names(',', ",\r\n", "[][]");
    check_names(',', "\rx", "[]");
    check_names('\t', "a,b\tc\r\n", "[a,b][c]");
    check_names(WHITE, "  a \t b\vc \nd", "[a][b][c]");
    check_names(WHITE, " \n", "");
    check_names('\n', "a,b\nc", "[a,b]");
}

/* What is chosen of a header, as numbers; "" where there is an error. */
static void check_found(const char *line, const char *list, const char *found, const char *said)
{
    struct header h = read_line(',', line);
    struct selection s = { 0 };
    struct span spans[16];
    size_t count = 0;
    char text[256] = "";
    must(selection_read(&s, list, true, &err));
    int result = header_find(&h, &s, "f", spans, &count, &err);
    for (size_t i = 0; result == 0 && i < count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%d-%d ", (int)spans[i].first, (int)spans[i].last);
    }
    check_for(strcmp(text, found) == 0, "%s of %s: %s", list, line, text);
    check_for(result == 0 || strcmp(err.text, said) == 0, "%s", err.text);
    header_free(&h);
    selection_free(&s);
}

Test(header, names_are_found)
{
    check_found("a,b,c", "b", "2-2 ", "");
    check_found("a,b,c", "c,a", "1-1 3-3 ", "");
    check_found("a,b,c,d", "c,1-2", "1-3 ", "");
    check_found("a,,3", "\"\",\"3\"", "2-3 ", "");
    check_found("a,b", "c", "", "the header of 'f' has no field 'c'; its fields are: a, b");
    check_found("a,b,a", "1,a", "", "the header of 'f' has more than one field 'a'; its fields are: "
                                    "a, b, a; choose one by its number");
    check_found("2020,1-3,-,a-1", "b", "", "the header of 'f' has no field 'b'; its fields are: "
                                           "\"2020\", \"1-3\", \"-\", a-1");
    check_found("\"a\",\"b\"", "b", "", "the header of 'f' has no field 'b'; its fields are: "
                                        "\"a\", \"b\"; is --quoted missing?");
    check_found("a;b c;d", "b c", "", "the header of 'f' has no field 'b c'; its fields are: "
                                      "a;b c;d; is -d ';' missing?");
    check_found("a, b,", "b", "", "the header of 'f' has no field 'b'; its fields are: "
                                  "a, \" b\", \"\"");
    check_found("a;b,c", "b", "", "the header of 'f' has no field 'b'; its fields are: a;b, c");
    check_found("a|b;c", "b", "", "the header of 'f' has no field 'b'; its fields are: a|b;c");
    check_found("xa\tb", "b", "", "the header of 'f' has no field 'b'; its fields are: xa\\tb; "
                                 "is -d '\\t' missing?");
    check_found("a\x1b[1m", "c", "", "the header of 'f' has no field 'c'; its fields are: a\\033[1m");
}

Test(header, a_list_of_many_names_is_cut_off)
{
    static char line[20000];
    for (size_t i = 0; i < sizeof line - 1; i++)
        line[i] = i % 5 == 4 ? ',' : 'n';
    struct header h = read_line(',', line);
    struct selection s = { 0 };
    struct span spans[4];
    size_t count;
    must(selection_read(&s, "x", true, &err));
    check(header_find(&h, &s, "f", spans, &count, &err) < 0);
    check(strlen(err.text) > 1000 && strcmp(err.text + strlen(err.text) - 5, ", ...") == 0);
    header_free(&h);
    selection_free(&s);
}

Test(header, headers_are_compared_by_their_names)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = { { "a,b", "a,b\r\n", true }, { "a,b", "b,a", false }, { "a,b", "a,b,", false },
                  { "ab,c", "a,bc", false },   { "", "", true },        { "", "a", false } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct header a = read_line(',', pairs[i].a), b = read_line(',', pairs[i].b);
        check_for(header_same(&a, &b) == pairs[i].same, "pair %zu", i);
        header_free(&a);
        header_free(&b);
    }
}
