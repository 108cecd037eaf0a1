/* Lines that are counted already: read as they are written, and nothing else is one. */
#include "text/counted.h"

#include "support.h"

struct line {
    enum counted_format format;
    const char *text;
    size_t size;
    enum counted_kind kind;
    const char *word;
    size_t word_size;
    uint64_t count;
};
#define LINE(format, text, word, count)                                                   \
    { COUNTED_##format, text, sizeof(text) - 1, COUNTED_LINE, word, sizeof(word) - 1, count }
#define OTHER(format, text, kind)                                                         \
    { COUNTED_##format, text, sizeof(text) - 1, COUNTED_##kind, "", 0, 0 }

/* The line stands at the end of its memory, and so does the room: what is read or written behind
 * them, a sanitizer sees. */
static void check_line(const struct line *l)
{
    unsigned char *line = malloc(l->size ? l->size : 1), *room = malloc(l->size ? l->size : 1);
    struct counted_word word = { NULL, 0, 0 };
    cr_assert(line && room);
    memcpy(line, l->text, l->size);
    cr_assert_eq(counted_read(l->format, line, l->size, room, &word), l->kind, "%d: %s",
                 (int)l->format, l->text);
    if (l->kind == COUNTED_LINE) {
        cr_assert_eq(word.count, l->count, "%s", l->text);
        cr_assert_eq(word.size, l->word_size, "%s: %zu", l->text, word.size);
        cr_assert_eq(memcmp(word.bytes, l->word, word.size), 0, "%s", l->text);
    }
    free(line);
    free(room);
}

static void check_lines(const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_line(&lines[i]);
}
#define CHECK(lines) check_lines(lines, sizeof(lines) / sizeof *(lines))

Test(counted, lines_of_each_format)
{
    static const struct line lines[] = {
        LINE(TSV, "the\t12", "the", 12),
        LINE(TSV, "\t1", "", 1),
        LINE(TSV, "a\t7\t\t9", "a\t7\t", 9),
        LINE(TSV, "\0\xff\r\t10", "\0\xff\r", 10),
        LINE(TSV, "x\t18446744073709551615", "x", UINT64_MAX),
        LINE(UNIQ, "     12 the", "the", 12),
        LINE(UNIQ, "12 the", "the", 12),
        LINE(UNIQ, "      1 ", "", 1),
        LINE(UNIQ, "      1   a b\t3\r ", "  a b\t3\r ", 1),
        LINE(UNIQ, "18446744073709551615 7", "7", UINT64_MAX),
        LINE(CSV, "the,12", "the", 12),
        LINE(CSV, ",1", "", 1),
        LINE(CSV, "a\t\0b,100", "a\t\0b", 100),
        LINE(CSV, "\"say \"\"a, b\"\"\",3", "say \"a, b\"", 3),
        LINE(CSV, "\"\"\"\"\"\",2", "\"\"", 2),
        LINE(CSV, "\"\r\n\n,1\",2", "\r\n\n,1", 2),
        LINE(CSV, "\"\",2", "", 2),
        LINE(JSONL, "{\"word\":\"the\",\"count\":12}", "the", 12),
        LINE(JSONL, "{\"word\":\"\",\"count\":1}", "", 1),
        LINE(JSONL, "{\"word\":\"\\\"\\\\\\b\\f\\n\\r\\t/\",\"count\":1}", "\"\\\b\f\n\r\t/", 1),
        LINE(JSONL, "{\"word\":\"\\u0000\\u001f\x7f\",\"count\":1}", "\0\x1f\x7f", 1),
        LINE(JSONL, "{\"word\":\"\\udcff\\udc80\xc3\xa9\",\"count\":1}", "\xff\x80\xc3\xa9", 1),
        LINE(JSONL, "{\"word\":\"\\\",\\\"count\\\":1}\",\"count\":2}", "\",\"count\":1}", 2),
    };
    CHECK(lines);
}

Test(counted, what_is_no_line)
{
    static const struct line lines[] = {
        OTHER(TSV, "", NONE), OTHER(TSV, "the", NONE), OTHER(TSV, "the 12", NONE),
        OTHER(TSV, "the\t", NONE), OTHER(TSV, "the\t0", NONE), OTHER(TSV, "the\t012", NONE),
        OTHER(TSV, "the\t-1", NONE), OTHER(TSV, "the\t+1", NONE), OTHER(TSV, "the\t1.5", NONE),
        OTHER(TSV, "the\t12\r", NONE), OTHER(TSV, "the\t12 ", NONE), OTHER(TSV, "a\t1\t", NONE),
        OTHER(TSV, "the\t1\0", NONE), OTHER(TSV, "a\t12\t50.00", NONE),
        OTHER(UNIQ, "", NONE), OTHER(UNIQ, "      ", NONE), OTHER(UNIQ, "     12", NONE),
        OTHER(UNIQ, "     12\tthe", NONE), OTHER(UNIQ, "the 12", NONE),
        OTHER(UNIQ, "      0 a", NONE), OTHER(UNIQ, "\t1 a", NONE), OTHER(UNIQ, "     -1 a", NONE),
        OTHER(CSV, "", NONE), OTHER(CSV, "the", NONE), OTHER(CSV, "the,", NONE),
        OTHER(CSV, "a,b,1", NONE), OTHER(CSV, "a\"b,1", NONE), OTHER(CSV, "a\rb,1", NONE),
        OTHER(CSV, "\"a,1", NONE), OTHER(CSV, "\"a\"b,1", NONE), OTHER(CSV, "\"a\" ,1", NONE),
        OTHER(CSV, "\"a\"", NONE), OTHER(CSV, "\"", NONE), OTHER(CSV, "\"a\",1\r", NONE),
        OTHER(CSV, "a,\"1\"", NONE), OTHER(CSV, "a, 1", NONE), OTHER(CSV, "word,count", NONE),
        OTHER(JSONL, "", NONE), OTHER(JSONL, "{", NONE), OTHER(JSONL, "{}", NONE),
        OTHER(JSONL, "{\"word\":\"", NONE), OTHER(JSONL, "{\"word\":\"a", NONE),
        OTHER(JSONL, "{\"word\":\"a\\", NONE), OTHER(JSONL, "{\"word\":\"a\"", NONE),
        OTHER(JSONL, "{\"word\":\"a\",\"count\":1", NONE),
        OTHER(JSONL, "{\"word\":\"a\",\"count\":1}}", NONE),
        OTHER(JSONL, "{\"word\":\"a\",\"count\":1,\"percent\":50.00}", NONE),
        OTHER(JSONL, "{\"word\": \"a\", \"count\": 1}", NONE),
        OTHER(JSONL, "{\"count\":1,\"word\":\"a\"}", NONE),
        OTHER(JSONL, "{\"word\":\"a\",\"count\":\"1\"}", NONE),
        OTHER(JSONL, "{\"word\":\"\\u00e9\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"\\u0041\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"\\u001F\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"\\udc7f\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"\\u00", NONE), OTHER(JSONL, "{\"word\":\"\\udc8", NONE),
        OTHER(JSONL, "{\"word\":\"\\/\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"a\tb\",\"count\":1}", NONE),
        OTHER(JSONL, "{\"word\":\"\xff\",\"count\":1}", NONE),
    };
    CHECK(lines);
}

Test(counted, counts_that_are_too_large)
{
    static const struct line lines[] = {
        OTHER(TSV, "x\t18446744073709551616", TOO_LARGE),
        OTHER(TSV, "x\t99999999999999999999999", TOO_LARGE),
        OTHER(UNIQ, "18446744073709551616 x", TOO_LARGE),
        OTHER(CSV, "x,20000000000000000000", TOO_LARGE),
        OTHER(JSONL, "{\"word\":\"x\",\"count\":18446744073709551616}", TOO_LARGE),
    };
    CHECK(lines);
}

Test(counted, formats_have_names)
{
    cr_assert_eq(counted_find(NULL), COUNTED_TSV);
    cr_assert_eq(counted_find("tsv"), COUNTED_TSV);
    cr_assert_eq(counted_find("uniq"), COUNTED_UNIQ);
    cr_assert_eq(counted_find("csv"), COUNTED_CSV);
    cr_assert_eq(counted_find("jsonl"), COUNTED_JSONL);
    cr_assert_eq(counted_find(""), COUNTED_NOT);
    cr_assert_eq(counted_find("colon"), COUNTED_NOT);
}
