/* Words by Unicode's rules: what a character is; small texts, cut anywhere. More is in
 * cli/test_words.py and fuzz/fuzz_tokens.c. */
#include "map/letters.h"
#include "mapping.h"

TestSuite(words, .init = make_store, .fini = remove_store);

Test(words, letters_are_what_unicode_says)
{
    static const uint32_t letters[] = { 'a', 'Z', '0', '_', 0xAA, 0xE9, 0x301, 0xBD, 0x2167, 0x203F,
                                        0x24B6, 0x4E16, 0xFF3F, 0x1F170 };
    static const uint32_t none[] = { ' ', '-', '\'', 0xA0, 0x2019, 0x2010, 0x200D, 0x3002, 0x1F600,
                                     0xD800, 0x10FFFF, 0x110000, UINT32_MAX };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        check_for(mr_is_letter(letters[i]), "U+%04X", (unsigned)letters[i]);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_for(!mr_is_letter(none[i]), "U+%04X", (unsigned)none[i]);
}

static int map_letters(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_words_by(out, chunk, MR_WORDS_LETTERS);
}

static int map_uwhite(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_words_by(out, chunk, MR_WORDS_UWHITE);
}

/* A text's words, cut in pieces, are those of a list, each once. */
static void check_words(const char *text, bool letters, const char *const *words, size_t count)
{
    const struct mr_job job = { .name = "words", .records = white_records,
                                .map = letters ? map_letters : map_uwhite };
    struct mr_plan plan = make_plan(strlen(text), 2);
    const char *path = write_file("input", text, strlen(text));
    for (uint64_t split = 0; split < 6; split++) {
        struct pairs got = { NULL, 0, 0 };
        struct mr_map_result r = map_file(&got, &job, &plan.map, path, split);
        check_for(r.emitted == count, "%llu emitted", (unsigned long long)r.emitted);
        combine_pairs(&got, sum);
        check(got.count == count);
        for (size_t i = 0; i < count; i++) /* both are in order */
            check(got.at[i].size == strlen(words[i]) &&
                  memcmp(got.at[i].key, words[i], got.at[i].size) == 0);
        free_pairs(&got);
    }
}

Test(words, a_text_cut_anywhere_has_its_words)
{
    static const char *const letters[] = { "No", "can't", "mother", "n", "said", "x-ray's" };
    static const char *const spaces[] = { "b", "can't", "“No,”", "\xFF" };
    check_words("“No,” said x-ray's mother--can't 'n'' -\xE2\x80", true, letters, 6);
    check_words("“No,”\xC2\xA0" "can't\xE3\x80\x80" "b \xFF", false, spaces, 4);
}
