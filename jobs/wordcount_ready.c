/* What the word count's options come to together: refused where they contradict each other, and
 * completed. */
#include "wordcount.h"

#include "text/casefold.h"
#include "text/fields.h"

#include <string.h>

static const struct mr_records line_ends = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records nul = { { { ['\0'] = 1 } } };

static size_t fold(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    (void)state;
    return casefold(key, size, to);
}

wordcount_rekey *wordcount_get_rekey(const struct wordcount *w)
{
    return w->ignore_case ? fold : NULL;
}

/* Makes what ends fields, and words by a rule. */
static void make_ends(struct wordcount *w)
{
    w->fields = w->zero_terminated ? nul : line_ends;
    w->words = word_ends;
    w->words.ends.has['\0'] = w->zero_terminated;
    if (w->delimited && !w->white)
        w->fields.ends.has[w->delimiter] = w->words.ends.has[w->delimiter] = 1;
    if (w->zero_terminated && w->white && !w->by_rule && !table_is_any(&w->table)) {
        w->by_rule = true;
        w->rule = MR_WORDS_WHITE;
    }
}

static int match_ready(struct wordcount *w, struct mr_error *err)
{
    if (w->by_rule || (w->delimited && !table_is_any(&w->table)))
        return mr_error_set(err, "--match cannot go together with --words, nor with --delimiter "
                                 "(-d) but beside --fields (-f), --header or --quoted");
    w->match.line_end = w->zero_terminated ? '\0' : '\n';
    return expression_ready(&w->match, err);
}

/* Makes what the fields of lines are for. Those of which n-grams consist have lines, too. */
static void make_table(struct wordcount *w)
{
    struct table *t = &w->table;
    const bool fields = table_is_any(t);
    t->by_lines = w->ngrams > 0 || w->by_unicode || w->form != NORMAL_NONE;
    t->texts = w->by_rule || w->match.pattern;
    t->each = t->texts || w->ngrams > 0;
    t->ended = w->zero_terminated || (w->match.pattern && !fields);
    t->line_end = w->zero_terminated ? '\0' : '\n';
    if (!fields && (w->match.pattern || (w->zero_terminated && !w->delimited))) {
        t->separated = true;
        t->separator = UNCUT;
    }
}

/* Whether an option says how lines are cut, or what is made of the words in them. */
static bool says_what_words_are(const struct wordcount *w)
{
    return w->delimited || w->by_rule || w->ngrams > 0 || w->match.pattern ||
           w->form != NORMAL_NONE || w->zero_terminated || table_is_any(&w->table);
}

int wordcount_ready(void *state, struct mr_error *err)
{
    struct wordcount *w = state;
    if (w->cluster)
        return mr_error_set(err, "--help cannot be the argument of another option beside "
                                 "--cluster=%s", w->cluster);
    if (w->counted && says_what_words_are(w))
        return mr_error_set(err, "--counted cannot go together with --delimiter (-d), --fields "
                                 "(-f), --header, --match, --ngrams, --normalize, --quoted, "
                                 "--words or --zero-terminated (-z): its lines are cut already");
    if (w->match.pattern && match_ready(w, err) < 0)
        return -1;
    if (w->by_unicode && (w->unicode = unicode_words_open(err)) == NULL)
        return -1;
    if (w->zero_terminated && w->table.quoted)
        return mr_error_set(err, "--zero-terminated (-z) cannot go together with --quoted");
    if (w->as == ROLE_MAPPER && w->table.header)
        return mr_error_set(err, "--as=mapper cannot go together with --header: of all mappers of "
                                 "a file, one has its first line; remove that line, and choose "
                                 "fields by number");
    w->table.one_line_rows = w->as == ROLE_MAPPER;
    if (w->by_rule && !table_is_any(&w->table) && w->delimited && w->delimiter >= 0x80)
        return mr_error_set(err, "--words takes a delimiter (-d) that is ASCII only: words are of "
                                 "UTF-8, in which any other byte may be part of a character");
    make_ends(w);
    make_table(w);
    if (table_is_any(&w->table) && table_ready(&w->table, err) < 0)
        return -1;
    w->filter.form = w->form;
    return filter_ready(&w->filter, wordcount_get_rekey(w), state, err);
}

int wordcount_check_programs(void *state, bool maps, struct mr_error *err)
{
    const struct wordcount *w = state;
    if (w->as != ROLE_ALL)
        return mr_error_set(err, "--as cannot go together with --mapper, nor with --reducer");
    if (maps && (w->counted || says_what_words_are(w)))
        return mr_error_set(err, "--mapper cannot go together with --counted, --delimiter (-d), "
                                 "--fields (-f), --header, --match, --ngrams, --normalize, "
                                 "--quoted, --words or --zero-terminated (-z): it says itself what "
                                 "is counted");
    return 0;
}

void wordcount_release(void *state)
{
    filter_free(&((struct wordcount *)state)->filter);
    expression_release(&((struct wordcount *)state)->match);
    table_free(&((struct wordcount *)state)->table);
    unicode_words_close(((struct wordcount *)state)->unicode);
}

void wordcount_identify(const void *state, struct mr_identity *to)
{
    const struct wordcount *w = state;
    int cut[] = { w->delimited, w->white, w->delimiter };
    mr_identify_option(to, "--delimiter (-d)", cut, sizeof cut);
    mr_identify_option(to, "--zero-terminated (-z)", &w->zero_terminated,
                       sizeof w->zero_terminated);
    table_identify(&w->table, to);
    int counted = (int)w->counted;
    mr_identify_option(to, "--counted", &counted, sizeof counted);
    int rule = w->by_rule ? (int)w->rule : -1;
    if (w->by_unicode)
        mr_identify_option(to, "--words", unicode_words_version(w->unicode),
                           strlen(unicode_words_version(w->unicode)));
    else
        mr_identify_option(to, "--words", &rule, sizeof rule);
    const char *pattern = w->match.pattern ? w->match.pattern : "";
    mr_identify_option(to, "--match", pattern, strlen(pattern) + (w->match.pattern != NULL));
    int form = (int)w->form;
    mr_identify_option(to, "--normalize", &form, sizeof form);
    mr_identify_option(to, "--ngrams", &w->ngrams, sizeof w->ngrams);
    mr_identify_option(to, "--ignore-case (-i)", &w->ignore_case, sizeof w->ignore_case);
    filter_identify(&w->filter, to);
}
