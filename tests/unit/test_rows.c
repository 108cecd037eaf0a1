/* Rows: 64 bytes at a time as one by one; and from any place, the first row that starts behind it. */
#include "input/rows.h"
#include "support.h"

TestSuite(rows, .init = make_store, .fini = remove_store);

static const struct mr_records records = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_quotes quotes = { '"', ',' };

static const char *const alphabets[] = {
    "ab,\"\n", "\"\"a,\r\n", "abcdefghijk,,,\n\"\"", "\"", "a\"", "\",\n",
};
enum { ALPHABETS = sizeof alphabets / sizeof *alphabets };

static void check_scan(const unsigned char *text, size_t size, enum mr_row_state state)
{
    struct mr_rows rows = { &records, &quotes, state, 0, 0, 0 };
    size_t first = MR_ROW_NONE, last = MR_ROW_NONE, opened = MR_ROW_NONE;
    for (size_t i = 0; i < size; i++) {
        enum mr_row_state before = state;
        state = mr_row_next(&records, &quotes, state, text[i]);
        if (before == MR_ROW_START && state == MR_ROW_QUOTED)
            opened = i;
        if (before != MR_ROW_QUOTED && (text[i] == '\n' || text[i] == '\r')) {
            first = first == MR_ROW_NONE ? i : first;
            last = i;
        }
    }
    mr_rows_scan(&rows, text, size);
    check_for(rows.state == state && rows.first == first && rows.last == last &&
                  rows.opened == opened, "of '%.*s'", (int)size, (const char *)text);
}

Test(rows, many_at_a_time_are_as_one_by_one)
{
    static unsigned char text[1000];
    for (int round = 0; round < 3000; round++) {
        size_t size = draw_below(round % 10 ? 300 : sizeof text);
        draw_bytes(text, size, alphabets[round % ALPHABETS]);
        check_scan(text, size, (enum mr_row_state)(round / ALPHABETS % MR_ROW_STATES));
    }
}

Test(rows, few_quotes_are_passed_over_as_one_by_one)
{
    static const char *const plain[] = { "ab,\n", "abcdefghijk,,,\r\n", "a,", "a\r", "abcdef" };
    static unsigned char text[20000];
    for (int round = 0; round < 500; round++) {
        size_t size = draw_below(sizeof text), count = draw_below(8);
        draw_bytes(text, size, plain[round % 5]);
        for (size_t i = 0; size > 1 && i < count; i++) {
            size_t at = draw_below(size - 1);
            text[at] = draw_below(2) ? '\n' : ',';
            text[at + 1] = '"';
        }
        check_scan(text, size, (enum mr_row_state)(round % MR_ROW_STATES));
    }
}

Test(rows, lines_are_counted_across_calls)
{
    static const unsigned char text[] = "a\n\r\nb\rc\r\r\n";
    for (size_t cut = 0; cut < sizeof text; cut++) {
        bool cr = false;
        uint64_t lines = mr_rows_lines(text, cut, &cr);
        lines += mr_rows_lines(text + cut, sizeof text - 1 - cut, &cr);
        check_for(lines == 5, "%llu, cut at %zu", (unsigned long long)lines, cut);
    }
    static unsigned char long_text[200];
    for (size_t i = 0; i < sizeof long_text; i++)
        long_text[i] = "\r\nx\n"[i % 4];
    bool cr = false;
    check(mr_rows_lines(long_text, sizeof long_text, &cr) == 100 && !cr);
}

/* Whether a row starts at a place, and none between. */
static void check_start(const unsigned char *text, size_t size, size_t place, uint64_t start)
{
    enum mr_row_state state = MR_ROW_START;
    uint64_t wanted = size;
    size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (size_t i = mark; i < size && wanted == size; i++) {
        state = mr_row_next(&records, &quotes, state, text[i]);
        bool ends = state == MR_ROW_START && (text[i] == '\n' || text[i] == '\r');
        bool half = text[i] == '\r' && i + 1 < size && text[i + 1] == '\n';
        if (ends && !half && i >= place && i + 1 >= start)
            wanted = i + 1;
    }
    check_for(start == wanted && start >= place, "%llu from %zu, not %llu, of '%.*s'",
              (unsigned long long)start, place, (unsigned long long)wanted, (int)size,
              (const char *)text);
}

static void check_file(const unsigned char *text, size_t size)
{
    const char *path = write_file("rows", text, size);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    struct mr_sources sources;
    static const struct mr_job job = { .name = "rows" };
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    sources.at[0].records = &records;
    sources.at[0].quotes = &quotes;
    for (size_t place = 1; place < size; place += 1 + size / 60) {
        uint64_t start;
        must(mr_rows_find(&sources.at[0], 0, place, &start, &err));
        check_start(text, size, place, start);
    }
    mr_sources_free(&sources);
}

Test(rows, a_row_is_found_from_any_place)
{
    static unsigned char text[400];
    for (int round = 0; round < 150; round++) {
        size_t size = 3 + draw_below(sizeof text - 3);
        draw_bytes(text, size, alphabets[round % ALPHABETS]);
        if (round % 5 == 0)
            memcpy(text, "\xEF\xBB\xBF", 3);
        check_file(text, size);
    }
}

/* Without quotes for long, it is read on from what is known. */
Test(rows, a_row_is_found_far_from_any_quote)
{
    enum { SIZE = 700000 };
    unsigned char *text = malloc(SIZE);
    memset(text, 'a', SIZE);
    for (size_t i = 0; i < SIZE; i += 1000)
        text[i] = i % 3000 ? '\r' : '\n';
    check_file(text, SIZE);
    text[0] = '"'; /* all but the end is one field */
    text[SIZE - 10] = '"';
    check_file(text, SIZE);
    free(text);
}
