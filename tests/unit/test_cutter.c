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

/* Where the line ends that stands at `at`, its end with it. */
static size_t line_end(const unsigned char *text, size_t size, size_t at)
{
    while (at < size && text[at] != '\n' && text[at] != '\r')
        at++;
    if (at == size)
        return size;
    return at + (text[at] == '\r' && at + 1 < size && text[at + 1] == '\n' ? 2 : 1);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    struct chosen c = spans_chosen(chosen.spans, chosen.count);
    return cutter_map(mr_task(out), &layout, &c, chunk, out);
}

static size_t part_size; /* bytes of a part of a line; 0: as the engine hands them over */

/* Hands over a line in parts. A line end of two bytes stays in one, and so does a character. */
static int map_line(const struct mr_chunk *line, struct mr_context *out)
{
    struct mr_chunk part = *line;
    for (size_t at = 0; at < line->size; at += part.size) {
        part.data = line->data + at;
        part.size = line->size - at <= part_size + 1 ? line->size - at : part_size;
        while (at + part.size < line->size && (part.data[part.size] & 0xC0) == 0x80)
            part.size++;
        bool first = at == 0, last = at + part.size == line->size;
        part.part = first ? last ? MR_WHOLE : MR_FIRST : last ? MR_LAST : MR_MIDDLE;
        part.begins_file = line->begins_file && first;
        part.ends_file = line->ends_file && last;
        if (map(NULL, &part, out) < 0)
            return -1;
    }
    return 0;
}

static int map_parts(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    if (part_size == 0 || chunk->part != MR_WHOLE || chunk->size == 0)
        return map(state, chunk, out);
    for (size_t at = 0, end; at < chunk->size; at = end) {
        end = line_end(chunk->data, chunk->size, at);
        struct mr_chunk line = *chunk;
        line.data += at;
        line.size = end - at;
        line.begins_file = chunk->begins_file && at == 0;
        line.ends_file = chunk->ends_file && end == chunk->size;
        if (map_line(&line, out) < 0)
            return -1;
    }
    return 0;
}

static const struct mr_job job = { .name = "cutter", .records = records, .map = map_parts,
                                   .task_size = sizeof(struct cutter) };

/* ---- a plain reference ------------------------------------------------------------------ */

static bool is_chosen(uint64_t field)
{
    for (size_t i = 0; i < chosen.count; i++)
        if (field >= chosen.spans[i].first && field <= chosen.spans[i].last)
            return true;
    return false;
}

/* Whether a field ends here, which is not at white space; mark has what it ends at. */
static bool ends_field(struct field mark, const unsigned char *rest, size_t size)
{
    return size >= mark.size && memcmp(rest, mark.bytes, mark.size) == 0;
}

static void plain_line(struct pairs *p, const unsigned char *line, size_t size)
{
    unsigned char *token = malloc(size + 1);
    size_t used = 0;
    bool white = layout.separator == WHITE, any = false;
    const unsigned char byte = white ? ' ' : (unsigned char)layout.separator;
    const struct field mark = layout.separator == SEVERAL ? layout.delimiter
                                                          : (struct field){ &byte, 1 };
    uint64_t field = 0;
    for (size_t at = 0; at <= size;) {
        while (white && at < size && is_white(line[at]))
            at++;
        size_t end = at;
        while (end < size && !(white ? is_white(line[end]) : ends_field(mark, line + end, size - end)))
            end++;
        if (white && end == at)
            break;
        if (is_chosen(++field)) {
            if (any) {
                memcpy(token + used, mark.bytes, mark.size);
                used += mark.size;
            }
            memcpy(token + used, line + at, end - at);
            used += end - at;
            any = true;
        }
        at = end + mark.size;
    }
    add_pair(p, token, used, 1);
    free(token);
}

static void plain_lines(struct pairs *p, const unsigned char *text, size_t size)
{
    for (size_t at = 0, end; at < size; at = end) {
        end = line_end(text, size, at);
        size_t n = end - at;
        while (n > 0 && (text[at + n - 1] == '\n' || text[at + n - 1] == '\r'))
            n--;
        plain_line(p, text + at, n);
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

static void cut_at(const char *delimiter)
{
    layout_init(&layout, UNCUT);
    layout_cut_at(&layout, (struct field){ (const unsigned char *)delimiter, strlen(delimiter) });
}

/* At several bytes, of whose first there are more. */
Test(cutter, several_bytes)
{
    static const char text[] = "a::b:::c\r\n::\n:\nx::y::z::";
    cut_at("::");
    for (uint64_t split = 0; split < 9; split++)
        check_text("1,3", text, sizeof text - 1, split);
}

/* Lines in parts that end at each place of a delimiter, of what is none after all, and of those
 * that overlap. */
Test(cutter, several_bytes_in_parts)
{
    static const struct {
        const char *delimiter, *alphabet;
    } cuts[] = {
        { "aa", "aaab\r\n" }, { "ab", "aab\n" }, { "aba", "ab\r" }, { "aab", "aaaabb\n" },
        { "abaab", "aabaab\n" }, { "aaaa", "aaaaab\n" }, { ", ", ",, a\n" },
        { "\xC3\xA9", "a\xC3\xA9\xA9\n" }, { "\xA9\xC3", "a\xC3\xA9\n" },
    };
    static unsigned char text[3000];
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        for (part_size = 1; part_size < 7; part_size++) {
            size_t size = 1000 + draw_below(sizeof text - 1000);
            draw_bytes(text, size, cuts[i].alphabet);
            cut_at(cuts[i].delimiter);
            check_text(lists[draw_below(LISTS)], text, size, part_size % 2 ? 0 : 400);
        }
}

/* What may begin a delimiter, and ends with the file, is of the field. */
Test(cutter, a_delimiter_that_the_file_ends_in)
{
    static const char text[] = "abaabxabaabyabaa";
    cut_at("abaab");
    for (part_size = 1; part_size < 7; part_size++)
        check_text("1,3", text, sizeof text - 1, 0);
}

/* A line of several times the buffer, whose border is at each place of a delimiter. */
Test(cutter, several_bytes_in_large_lines)
{
    struct mr_plan plan = make_plan(1 << 20, 2);
    size_t chunk = plan.map.chunk, size = 2 * chunk + 100;
    unsigned char *text = malloc(size);
    cut_at("-->");
    for (size_t before = 0; before < 16; before++) {
        memset(text, before % 2 ? 'a' : '-', size);
        memcpy(text + chunk - before, "-->--->>", 8);
        memcpy(text + size - 20, "-->b\r\n-->c", 10);
        check_text(before % 4 < 2 ? "2-" : "1-2", text, size, 0);
    }
    free(text);
}
