/* The words of fields, and n-grams, are the same wherever chunks and buffers end. */
#include "text/fields.h"
#include "mapping.h"
#include "text/ngrams.h"
#include "text/table_words.h"

TestSuite(table_words, .init = make_store, .fini = remove_store);

static struct table table;
static struct wording wording;

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state;
    return table_records(&table, path);
}

static int begin(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return table_words_begin(task, &wording, out);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return table_words_map(&table, chunk, out);
}

/* ---- a plain reference: lines end at LF, words between blanks; letters and - are part of them --- */

static void plain_line(struct pairs *p, const unsigned char *line, size_t size)
{
    unsigned char *joined = malloc(size + 1);
    size_t starts[1 << 16], used = 0, tokens = 0;
    for (size_t at = 0; at < size;) {
        size_t to = at;
        while (to < size && line[to] != ' ')
            to++;
        if (to > at) {
            if (tokens > 0)
                joined[used++] = ' ';
            starts[tokens++] = used;
            memcpy(joined + used, line + at, to - at);
            used += to - at;
            if (tokens >= wording.ngrams)
                add_pair(p, joined + starts[tokens - wording.ngrams],
                         used - starts[tokens - wording.ngrams], 1);
        }
        at = to + 1;
    }
    free(joined);
}

static void check_text(const unsigned char *text, size_t size, uint64_t split)
{
    const struct mr_job job = { .name = "words", .records = records, .begin = begin, .map = map,
                                .task_size = table_words_task_size() };
    struct mr_plan plan = make_plan(size, 2);
    const char *path = write_file("input", text, size);
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    for (size_t at = 0, to; at < size; at = to + 1) {
        for (to = at; to < size && text[to] != '\n'; to++)
            ;
        plain_line(&wanted, text + at, to - at);
    }
    map_file(&got, &job, &plan.map, path, split);
    combine_pairs(&got, sum);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
}

static void ask(bool by_rule, enum mr_words rule, uint64_t ngrams)
{
    table = (struct table){ .by_lines = true, .texts = by_rule, .each = true };
    wording = (struct wording){ .by_rule = by_rule, .rule = rule, .ngrams = ngrams };
    must(table_ready(&table, &err));
}

Test(table_words, random_lines)
{
    static unsigned char text[6000];
    for (unsigned round = 0; round < 60; round++) {
        size_t size = draw_below(sizeof text);
        draw_bytes(text, size, round % 2 ? "ab \n" : "abcdefg      \n");
        ask(round % 3 > 0, round % 3 == 1 ? MR_WORDS_LETTERS : MR_WORDS_WHITE, 1 + round % 4);
        check_text(text, size, round % 2 ? 0 : 100 + draw_below(2000));
        table_free(&table);
    }
}

/* Words with joiners and characters of two bytes, at each place about a buffer's end; words larger
 * than what is gathered of one. */
Test(table_words, lines_larger_than_a_buffer)
{
    struct mr_plan plan = make_plan(1 << 20, 2);
    size_t chunk = plan.map.chunk, size = 2 * chunk + 200;
    unsigned char *text = malloc(size);
    for (size_t before = 0; before < 12; before++)
        for (size_t ngrams = 1; ngrams < 4; ngrams++) {
            memset(text, 'a', size);
            for (size_t i = 0; i < size; i += 977 + before)
                text[i] = ' ';
            memset(text + 1000, 'b', BATCH_BYTES + 20);
            memcpy(text + chunk - before, " \xC3\xA9\xE2\x80\x90x d'e-f ", 14);
            memcpy(text + size - 20, " x\xC3\xA9-y\n\xC3\xA9 z", 11);
            ask(true, ngrams == 3 ? MR_WORDS_UWHITE : MR_WORDS_LETTERS, ngrams);
            check_text(text, size, 0);
            table_free(&table);
        }
    free(text);
}

Test(table_words, words_as_large_as_an_ngram_may_be)
{
    size_t size = NGRAMS_BYTES;
    unsigned char *text = malloc(size);
    memset(text, 'a', size);
    text[size / 2] = ' ';
    ask(false, MR_WORDS_WHITE, 2); /* together */
    check_text(text, size, 0);
    table_free(&table);
    free(text);
}
