/* Words and fields: the tokens of a file are those of a plain loop over its bytes. */
#include "mapping.h"

TestSuite(tokens, .init = make_store, .fini = remove_store);

static const struct mr_job words = { .name = "words", .records = white_records, .map = map_words };
static const struct mr_job fields = { .name = "fields", .records = comma_records,
                                      .map = map_fields };

/* Both kinds of tokens of a text are right, cut in pieces of about split bytes or whole. */
static void check_tokens(const void *text, size_t size, uint64_t split)
{
    struct mr_plan plan = make_plan(size, 2);
    const char *path = write_file("input", text, size);
    for (int kind = 0; kind < 2; kind++) {
        struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
        if (kind)
            plain_fields(&wanted, text, size);
        else
            plain_words(&wanted, text, size);
        uint64_t tokens = wanted.count;
        struct mr_map_result r = map_file(&got, kind ? &fields : &words, &plan.map, path, split);
        combine_pairs(&got, sum);
        combine_pairs(&wanted, sum);
        check_same_pairs(&got, &wanted);
        check_for(r.emitted == tokens, "%llu emitted", (unsigned long long)r.emitted);
        check_for(r.bytes == size, "%llu bytes", (unsigned long long)r.bytes);
        free_pairs(&got);
        free_pairs(&wanted);
    }
}

Test(tokens, small_texts_are_cut_as_the_rules_say)
{
    static const char *const texts[] = {
        "", "a", ",", "\n", "\r", "\r\n", "a,,b", "a,b\n", "a,b", "a,", "a,\n", ",a", "\n\n",
        "\r\r", "\r\n\r\n", "\n\r", "a\rb\nc\r\nd", "x y\tz\vv\fw", " lead", "trail ",
        "a b a c a", ",\r\n,", "\r\n,\r\n", "a,b\r", "a\r\n\nb",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (uint64_t split = 0; split < 5; split++)
            check_tokens(texts[i], strlen(texts[i]), split);
}

Test(tokens, every_length_from_one_to_three_hundred_is_whole)
{
    static char text[300 * 301];
    size_t size = 0;
    for (int n = 1; n <= 300; n++) {
        memset(text + size, 'a' + n % 7, (size_t)n);
        size += (size_t)n;
        text[size++] = n % 3 ? ',' : ' ';
    }
    check_tokens(text, size, 0);
    check_tokens(text, size, 1000);
}

Test(tokens, random_texts_are_cut_as_a_plain_loop_cuts_them)
{
    static const char *const alphabets[] = { "ab ,\n", "abcdefghijklmnop, \r\n", "a,\r\n", "a \t\n",
                                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaab ,", NULL };
    static unsigned char text[20000];
    for (int round = 0; round < 36; round++) {
        size_t size = draw_below(sizeof text);
        draw_bytes(text, size, alphabets[round % 6]);
        check_tokens(text, size, round % 2 ? 0 : 500 + draw_below(5000));
    }
}

Test(tokens, bytes_of_every_value_and_nuls_are_part_of_tokens)
{
    static unsigned char text[3000];
    size_t size = 0;
    for (int b = 0; b < 256; b++)
        for (int n = 0; n < 3; n++) { /* 'b', 'bb', 'bbb': with NUL, the length must tell */
            memset(text + size, b, (size_t)n + 1);
            size += (size_t)n + 1;
            text[size++] = b == ',' ? ' ' : ',';
            if (b % 2)
                text[size++] = ' ';
        }
    check_tokens(text, size, 0);
    check_tokens(text, size, 7);
}

Test(tokens, a_token_across_every_place_of_the_scan_is_whole)
{
    enum { SIZE = 9000 };
    static char text[SIZE];
    for (size_t n = 1; n < 80; n += 13)
        for (size_t near = 4090 - 70; near < 4100; near++) {
            memset(text, ' ', SIZE);
            memset(text + near, 'w', n);
            memcpy(text + 8000, "\r\n,", 3);
            check_tokens(text, SIZE, 0);
        }
}

Test(tokens, a_cr_lf_across_every_place_of_the_scan_is_one_end)
{
    static char text[8400];
    for (size_t near = 4060; near < 4100; near++) {
        memset(text, 'a', sizeof text);
        memcpy(text + near, "\r\n", 2);
        memcpy(text + near + 4096, "\r\n", 2);
        check_tokens(text, sizeof text, 0);
    }
}

Test(tokens, tokens_larger_than_any_buffer_are_whole)
{
    enum { SIZE = 900000 };
    static unsigned char text[SIZE];
    static const size_t sizes[] = { 1000, 5000, 65533, 65534, 65535, 65536, 65537, 131072, 300000 };
    size_t at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check(at + sizes[i] + 2 < SIZE);
        draw_bytes(text + at, sizes[i], i % 2 ? "ab" : "a\xC3\xA9\xF0\x9F\x98\x80");
        at += sizes[i];
        memcpy(text + at, &",\n\r\n,,"[i % 4], 2);
        at += 2;
    }
    check_tokens(text, at, 0);
    check_tokens(text, at, 100000);
    check_tokens(text, at - 2, 0);
    /* Equal ones meet, though they are out-of-line. */
    memcpy(text + 300000, text, 300000);
    memcpy(text + 600000, text, 300000);
    check_tokens(text, SIZE, 0);
}

Test(tokens, a_large_field_has_its_line_end_cut_off_wherever_the_buffer_ends)
{
    struct mr_plan plan = make_plan(1 << 20, 2);
    size_t chunk = plan.map.chunk;
    unsigned char *text = malloc(2 * chunk + 100);
    for (size_t before = chunk - 4; before <= chunk + 4; before++) {
        memset(text, 'a', 2 * chunk + 100);
        memcpy(text + before, "\r\nb,", 4);
        check_tokens(text, chunk + 100, 0);
        memcpy(text + before, "\r\nb,", 4);
        check_tokens(text, before + 2, 0);
        check_tokens(text, before + 1, 0);
    }
    free(text);
}

Test(tokens, a_delimiter_behind_a_large_last_field_has_an_empty_one_behind_it)
{
    static unsigned char text[400000];
    for (size_t size = 100000; size < sizeof text; size += 99991) {
        memset(text, 'a', size);
        memcpy(text + size - 1, ",", 1);
        check_tokens(text, size, 0);
        memcpy(text + size - 2, ",,", 2);
        check_tokens(text, size, 0);
        memcpy(text + size - 2, ",\n", 2);
        check_tokens(text, size, 0);
    }
}

Test(tokens, many_pieces_of_one_task_are_each_read)
{
    enum { FILES = 30 };
    char names[FILES][32];
    const char *inputs[FILES];
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    for (int i = 0; i < FILES; i++) {
        char text[64];
        int size = snprintf(text, sizeof text, "file %d says w%d", i, i % 5);
        snprintf(names[i], sizeof names[i], "f%d", i);
        inputs[i] = strdup(write_file(names[i], text, (size_t)size));
        plain_words(&wanted, (unsigned char *)text, (size_t)size); /* no word goes on in the next */
    }
    struct mr_config config = { .inputs = inputs, .input_count = FILES };
    struct mr_sources sources;
    struct mr_splits splits;
    struct mr_map_result result;
    must(mr_sources_find(&sources, &words, NULL, &config, &err));
    must(mr_splits_plan(&splits, &sources, 1 << 20, &err));
    cr_assert_eq(splits.count, 1);
    struct mr_map_input input = { .pieces = splits.pieces, .count = splits.piece_count };
    struct mr_plan plan = make_plan(1000, 2);
    map_input(&got, &words, &plan.map, &input, 0, &result);
    cr_assert_eq(result.emitted, wanted.count);
    combine_pairs(&got, sum);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    for (int i = 0; i < FILES; i++)
        free((char *)(uintptr_t)inputs[i]);
}
