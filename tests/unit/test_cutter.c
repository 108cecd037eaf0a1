/* The chosen fields of each line are one token, whatever the chunks, splits and buffers are. */
#include "text/cutter.h"
#include "text/fields.h"
#include "mapping.h"

TestSuite(cutter, .init = make_store, .fini = remove_store);

static struct layout layout;
static struct selection chosen;

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &layout.lines;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    struct chosen c = spans_chosen(chosen.spans, chosen.count);
    return cutter_map(mr_task(out), &layout, &c, chunk, out);
}

static const struct mr_job job = { .name = "cutter", .records = records, .map = map,
                                   .task_size = sizeof(struct cutter) };

/* ---- a plain reference ------------------------------------------------------------------ */

static bool is_chosen(uint64_t field)
{
    for (size_t i = 0; i < chosen.count; i++)
        if (field >= chosen.spans[i].first && field <= chosen.spans[i].last)
            return true;
    return false;
}

static void plain_line(struct pairs *p, const unsigned char *line, size_t size)
{
    unsigned char *token = malloc(size + 1);
    size_t used = 0;
    bool white = layout.separator == WHITE, any = false;
    uint64_t field = 0;
    for (size_t at = 0; at <= size;) {
        while (white && at < size && is_white(line[at]))
            at++;
        size_t end = at;
        while (end < size && (white ? !is_white(line[end]) : line[end] != layout.separator))
            end++;
        if (white && end == at)
            break;
        if (is_chosen(++field)) {
            if (any)
                token[used++] = white ? ' ' : (unsigned char)layout.separator;
            memcpy(token + used, line + at, end - at);
            used += end - at;
            any = true;
        }
        at = end + 1;
    }
    add_pair(p, token, used, 1);
    free(token);
}

static void plain_lines(struct pairs *p, const unsigned char *text, size_t size)
{
    for (size_t at = 0, end; at < size; at = end) {
        for (end = at; end < size && text[end] != '\n' && text[end] != '\r'; end++)
            ;
        plain_line(p, text + at, end - at);
        if (end < size)
            end += text[end] == '\r' && end + 1 < size && text[end + 1] == '\n' ? 2 : 1;
    }
}

/* ---- tests ------------------------------------------------------------------------------ */

static void check_text(const char *list, const void *text, size_t size, uint64_t split)
{
    struct mr_plan plan = make_plan(size, 2);
    const char *path = write_file("input", text, size);
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    must(selection_read(&chosen, list, false, &err));
    plain_lines(&wanted, text, size);
    uint64_t tokens = wanted.count;
    struct mr_map_result r = map_file(&got, &job, &plan.map, path, split);
    combine_pairs(&got, sum);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    check_for(r.emitted == tokens, "%llu emitted", (unsigned long long)r.emitted);
    free_pairs(&got);
    free_pairs(&wanted);
    selection_free(&chosen);
}

static const char *const lists[] = { "1", "2", "1,3", "2-", "-2", "4,2" };
enum { LISTS = sizeof lists / sizeof *lists };

Test(cutter, small_texts)
{
    static const char *const texts[] = {
        "", "a", ",", "\n", "\r\n", "a,b", "a,b\n", "a,,b,c\n\n,", "a\rb,c\r", " a  b\n", " ",
        "a b,c d\r\n\r\ne", "\n\r", ",,,,", "a,b,c,d,e\nf,g,h,i,j\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t k = 0; k < 2 * LISTS; k++) {
            layout_init(&layout, k % 2 ? WHITE : ',');
            check_text(lists[k / 2], texts[i], strlen(texts[i]), k % 4);
        }
}

Test(cutter, random_texts)
{
    static unsigned char text[20000];
    static const char *const alphabets[] = { "ab,\n", "abcdefghi,,\r\n ", "a,\r\n", "\xC3\xA9, \n" };
    for (unsigned round = 0; round < 60; round++) {
        size_t size = draw_below(sizeof text);
        draw_bytes(text, size, alphabets[round % 4]);
        layout_init(&layout, round % 3 ? ',' : WHITE);
        check_text(lists[draw_below(LISTS)], text, size, round % 2 ? 0 : 500 + draw_below(5000));
    }
}

/* A line of several times the buffer, with marks at each place about its end, and tokens about as
 * large as what is gathered. */
Test(cutter, large_lines)
{
    struct mr_plan plan = make_plan(1 << 20, 2);
    size_t chunk = plan.map.chunk, size = 2 * chunk + 100;
    unsigned char *text = malloc(size);
    for (size_t before = 0; before < 8; before++)
        for (int white = 0; white < 2; white++) {
            memset(text, 'a', size);
            text[5] = text[BATCH_BYTES] = ',';
            memcpy(text + chunk - before, before % 2 ? ",\r\nb,c" : ",, ,\n,", 6);
            memcpy(text + size - 20, white ? " b c\n d  e" : ",b,c\r\nd,,e", 10);
            layout_init(&layout, white ? WHITE : ',');
            check_text("1,3-", text, size, 0);
        }
    for (size_t n = BATCH_BYTES - 3; n < BATCH_BYTES + 4; n++) {
        memset(text, 'a', size);
        for (size_t i = 0; i + 2 < n; i += 2)
            memcpy(text + i, "\xC3\xA9", 2);
        memcpy(text + n, ",b,c\n,\n", 7);
        check_text("1,3", text, n + 7, 0);
        check_text("1,3", text, n + 7 + BATCH_BYTES, 0);
    }
    free(text);
}

/* At several bytes, of whose first there are more. */
Test(cutter, several_bytes)
{
    static const char text[] = "a::b:::c\r\n::\n:\nx::y::z::";
    static const char *const wanted[] = { "a:::c", "", ":", "x::z" };
    const struct mr_job whole = { .name = "cutter", .records = records, .map = map,
                                  .task_size = sizeof(struct cutter), .whole_records = true };
    struct mr_plan plan = make_plan(sizeof text - 1, 2);
    const char *path = write_file("input", text, sizeof text - 1);
    layout_init(&layout, UNCUT);
    layout_cut_at(&layout, (struct field){ (const unsigned char *)"::", 2 });
    for (uint64_t split = 0; split < 9; split++) {
        struct pairs got = { NULL, 0, 0 }, expected = { NULL, 0, 0 };
        must(selection_read(&chosen, "1,3", false, &err));
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            add_pair(&expected, wanted[i], strlen(wanted[i]), 1);
        map_file(&got, &whole, &plan.map, path, split);
        combine_pairs(&got, sum);
        combine_pairs(&expected, sum);
        check_same_pairs(&got, &expected);
        free_pairs(&got);
        free_pairs(&expected);
        selection_free(&chosen);
    }
}
