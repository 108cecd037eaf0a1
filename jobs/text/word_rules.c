/* What words are, by options. */
#include "word_rules.h"

#include "casefold.h"
#include "match.h"

#include <stdlib.h>
#include <string.h>

/* ---- options ---------------------------------------------------------------------------- */

int word_rules_set_words(void *rules, const char *argument, struct mr_error *err)
{
    struct word_rules *r = rules;
    static const char *const names[] = { [MR_WORDS_WHITE] = "white", [MR_WORDS_UWHITE] = "uwhite",
                                         [MR_WORDS_LETTERS] = "letters" };
    r->by_unicode = strcmp(argument, "unicode") == 0;
    r->by_rule = r->by_unicode;
    if (r->by_unicode)
        return 0;
    for (int rule = MR_WORDS_WHITE; rule <= MR_WORDS_LETTERS; rule++) {
        if (strcmp(argument, names[rule]) != 0)
            continue;
        r->by_rule = true;
        r->rule = (enum mr_words)rule;
        return 0;
    }
    return mr_error_set(err, "'%s' is none of the choices of --words: white, uwhite, letters, "
                             "unicode", argument);
}

int word_rules_set_match(void *rules, const char *argument, struct mr_error *err)
{
    struct word_rules *r = rules;
    if (*argument == '\0')
        return mr_error_set(err, "--match needs an expression, and was given an empty one: that "
                                 "matches no bytes, so that there would be no words");
    r->match.pattern = argument;
    return 0;
}

int word_rules_set_ignore_case(void *rules, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    ((struct word_rules *)rules)->ignore_case = true;
    return 0;
}

static struct filter *filter_of(void *rules)
{
    return &((struct word_rules *)rules)->filter;
}

int word_rules_set_exclude_from(void *rules, const char *argument, struct mr_error *err)
{
    return token_list_read(&filter_of(rules)->exclude, argument, err);
}

int word_rules_set_only_from(void *rules, const char *argument, struct mr_error *err)
{
    return token_list_read(&filter_of(rules)->only, argument, err);
}

int word_rules_set_min_length(void *rules, const char *argument, struct mr_error *err)
{
    return filter_number(argument, "--min-length", &filter_of(rules)->min_length, err);
}

int word_rules_set_max_length(void *rules, const char *argument, struct mr_error *err)
{
    filter_of(rules)->length_limited = true;
    return filter_number(argument, "--max-length", &filter_of(rules)->max_length, err);
}

int word_rules_set_drop_numeric(void *rules, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    filter_of(rules)->drop_numeric = true;
    return 0;
}

size_t word_rules_fold(const void *state, const unsigned char *word, size_t size,
                       unsigned char *to)
{
    (void)state;
    return casefold(word, size, to);
}

int word_rules_ready(void *rules, struct mr_error *err)
{
    struct word_rules *r = rules;
    r->match.line_end = r->zero_terminated ? '\0' : '\n';
    r->filters = filter_is_any(&r->filter);
    if (r->match.pattern && r->by_rule)
        return mr_error_set(err, "--match cannot go together with --words");
    if (r->match.pattern && expression_ready(&r->match, err) < 0)
        return -1;
    if (r->by_unicode && (r->unicode = unicode_words_open(err)) == NULL)
        return -1;
    return filter_ready(&r->filter, r->ignore_case ? word_rules_fold : NULL, NULL, err);
}

void word_rules_release(void *rules)
{
    struct word_rules *r = rules;
    filter_free(&r->filter);
    expression_release(&r->match);
    unicode_words_close(r->unicode);
}

void word_rules_identify(const void *rules, struct mr_identity *to)
{
    const struct word_rules *r = rules;
    int rule = r->by_rule ? (int)r->rule : -1;
    if (r->by_unicode)
        mr_identify_option(to, "--words", unicode_words_version(r->unicode),
                           strlen(unicode_words_version(r->unicode)));
    else
        mr_identify_option(to, "--words", &rule, sizeof rule);
    const char *pattern = r->match.pattern ? r->match.pattern : "";
    mr_identify_option(to, "--match", pattern, strlen(pattern) + (r->match.pattern != NULL));
    mr_identify_option(to, "--ignore-case (-i)", &r->ignore_case, sizeof r->ignore_case);
    filter_identify(&r->filter, to);
}

/* ---- words of a text -------------------------------------------------------------------- */

const struct mr_records *word_rules_records(const void *rules, const char *path)
{
    const struct word_rules *r = rules;
    (void)path;
    return r->match.pattern || r->by_unicode ? &mr_lines : &word_ends;
}

static int give(struct word_finder *f, struct field word, size_t at, struct mr_context *out)
{
    const struct word_rules *r = f->rules;
    if (r->ignore_case) {
        unsigned char *to = bytes_hold(&f->folded, 3 * word.size, out);
        if (to == NULL)
            return -1;
        word = (struct field){ to, casefold(word.bytes, word.size, to) };
    }
    if (r->filters && !filter_keeps_word(&r->filter, word.bytes, word.size))
        return 0;
    return f->take(f->arg, &word, at, out);
}

/* Words are whole, and stand in the text, as that is. */
static int take(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct field word = { bytes + at[2 * i], at[2 * i + 1] - at[2 * i] };
        if (give((struct word_finder *)sink, word, at[2 * i], out) < 0)
            return -1;
    }
    return 0;
}

static int each_between_white(struct word_finder *f, const struct field *text,
                              struct mr_context *out)
{
    struct field word;
    size_t at = 0;
    while (word_next(text->bytes, text->size, &at, &word))
        if (give(f, word, (size_t)(word.bytes - text->bytes), out) < 0)
            return -1;
    return 0;
}

/* Those that ICU finds in each line: a word has no line end, and what is all ASCII is faster. */
static int each_of_lines(const struct word_rules *r, struct batch *b, const struct field *text)
{
    for (size_t at = 0; at < text->size;) {
        const unsigned char *line = text->bytes + at, *end = memchr(line, '\n', text->size - at);
        size_t size = end ? (size_t)(end - line) : text->size - at;
        uint32_t place[] = { (uint32_t)at, (uint32_t)(at + size) };
        if (unicode_words_take(r->unicode, b, place, 1) < 0)
            return -1;
        at += size + 1;
    }
    return 0;
}

int word_finder_each(struct word_finder *f, const struct mr_chunk *chunk, const struct field *text,
                     struct mr_context *out)
{
    const struct word_rules *r = f->rules;
    const uint32_t all[] = { 0, (uint32_t)text->size };
    struct batch *b = &f->splitter.batch;
    if (!r->by_rule && !r->match.pattern)
        return each_between_white(f, text, out);
    f->sink = (struct sink){ .take = take };
    splitter_init(&f->splitter, r->rule, &f->sink);
    b->file = chunk->file;
    if (!r->by_unicode && !r->match.pattern)
        return f->splitter.sink.take(&f->splitter.sink, out, text->bytes, all, 1);
    batch_begin(b, text->bytes, out);
    int result = r->by_unicode ? each_of_lines(r, b, text) : match_words(&r->match, b, all, 1);
    return result < 0 ? -1 : batch_flush(b);
}
