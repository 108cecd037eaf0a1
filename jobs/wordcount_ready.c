/* What the word count's options come to together: refused where they contradict each other, and
 * completed. */
#include "wordcount.h"

#include "text/fields.h"

#include <stdlib.h>

static const struct mr_records line_ends = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records nul = { { { ['\0'] = 1 } } };

wordcount_rekey *wordcount_get_rekey(const struct wordcount *w)
{
    return w->rules.ignore_case ? word_rules_fold : NULL;
}

/* Makes what ends fields, and words by a rule. */
static void make_ends(struct wordcount *w)
{
    w->fields = w->rules.zero_terminated ? nul : line_ends;
    w->words = word_ends;
    w->words.ends.has['\0'] = w->rules.zero_terminated;
    if (w->delimited && !w->white && w->table.separator != SEVERAL)
        w->fields.ends.has[w->delimiter] = w->words.ends.has[w->delimiter] = 1;
    if (w->rules.zero_terminated && w->white && !w->rules.by_rule && !table_is_any(&w->table)) {
        w->rules.by_rule = true;
        w->rules.rule = MR_WORDS_WHITE;
    }
}

/* Makes what the fields of lines are for. Those of which n-grams consist have lines, too. */
static void make_table(struct wordcount *w)
{
    struct table *t = &w->table;
    const bool fields = table_is_any(t);
    t->by_lines = w->ngrams > 0 || w->rules.by_unicode || w->form != NORMAL_NONE ||
                  t->separator == SEVERAL;
    t->texts = w->rules.by_rule || w->rules.match.pattern;
    t->each = t->texts || w->ngrams > 0;
    t->ended = w->rules.zero_terminated || (w->rules.match.pattern && !fields);
    t->line_end = w->rules.zero_terminated ? '\0' : '\n';
    if (!fields && (w->rules.match.pattern || (w->rules.zero_terminated && !w->delimited))) {
        t->separated = true;
        t->separator = UNCUT;
    }
}

/* Whether an option says how lines are cut, or what is made of the words in them. */
static bool says_what_words_are(const struct wordcount *w)
{
    return w->delimited || w->rules.by_rule || w->ngrams > 0 || w->rules.match.pattern ||
           w->form != NORMAL_NONE || w->rules.zero_terminated || w->table.list || w->table.quoted;
}

/* What ends lines is in no field, and so between none. */
static int check_several(const struct wordcount *w, struct mr_error *err)
{
    const struct mr_byteset *ends = w->rules.zero_terminated ? &nul.ends : &line_ends.ends;
    const struct field *f = &w->table.delimiter;
    if (w->table.separator != SEVERAL)
        return 0;
    for (size_t i = 0; i < f->size; i++)
        if (ends->has[f->bytes[i]])
            return mr_error_set(err, "-d has several bytes, and one of them ends lines: what "
                                     "separates the fields of a line stands in it");
    return 0;
}

int wordcount_ready(void *state, struct mr_error *err)
{
    struct wordcount *w = state;
    if (w->cluster)
        return mr_error_set(err, "--help cannot be the argument of another option beside "
                                 "--cluster=%s", w->cluster);
    if (w->counted && says_what_words_are(w))
        return mr_error_set(err, "--counted cannot go together with --delimiter (-d), --fields "
                                 "(-f), --match, --ngrams, --normalize, --quoted, --words or "
                                 "--zero-terminated (-z): its lines are cut already");
    if (w->rules.match.pattern &&
        (w->rules.by_rule || (w->delimited && !table_is_any(&w->table))))
        return mr_error_set(err, "--match cannot go together with --words, nor with --delimiter "
                                 "(-d) but beside --fields (-f), --header or --quoted");
    if (w->rules.zero_terminated && w->table.quoted)
        return mr_error_set(err, "--zero-terminated (-z) cannot go together with --quoted");
    if (w->as == ROLE_MAPPER && w->table.header)
        return mr_error_set(err, "--as=mapper cannot go together with --header: of all mappers of "
                                 "a file, one has its first line; remove that line, and choose "
                                 "fields by number");
    w->table.one_line_rows = w->as == ROLE_MAPPER;
    if (w->rules.by_rule && !table_is_any(&w->table) && w->delimited && w->delimiter >= 0x80)
        return mr_error_set(err, "--words takes a delimiter (-d) that is ASCII only: words are of "
                                 "UTF-8, in which any other byte may be part of a character");
    if (check_several(w, err) < 0)
        return -1;
    make_ends(w);
    make_table(w);
    if (table_is_any(&w->table) && table_ready(&w->table, err) < 0)
        return -1;
    w->rules.filter.form = w->form;
    return word_rules_ready(&w->rules, err);
}

int wordcount_check_programs(void *state, bool maps, struct mr_error *err)
{
    const struct wordcount *w = state;
    if (w->as != ROLE_ALL)
        return mr_error_set(err, "--as cannot go together with --mapper, nor with --reducer");
    if (maps && (w->counted || w->table.header || says_what_words_are(w)))
        return mr_error_set(err, "--mapper cannot go together with --counted, --delimiter (-d), "
                                 "--fields (-f), --header, --match, --ngrams, --normalize, "
                                 "--quoted, --words or --zero-terminated (-z): it says itself what "
                                 "is counted");
    return 0;
}

void wordcount_release(void *state)
{
    struct wordcount *w = state;
    table_free(&w->table);
    word_rules_release(&w->rules);
    free(w->delimiter_bytes);
}

void wordcount_identify(const void *state, struct mr_identity *to)
{
    const struct wordcount *w = state;
    int cut[] = { w->delimited, w->white, w->delimiter };
    mr_identify_option(to, "--delimiter (-d)", cut, sizeof cut);
    if (w->table.separator == SEVERAL)
        mr_identify_option(to, "--delimiter (-d)", w->table.delimiter.bytes,
                           w->table.delimiter.size);
    mr_identify_option(to, "--zero-terminated (-z)", &w->rules.zero_terminated,
                       sizeof w->rules.zero_terminated);
    table_identify(&w->table, to);
    int counted = (int)w->counted;
    mr_identify_option(to, "--counted", &counted, sizeof counted);
    int form = (int)w->form;
    mr_identify_option(to, "--normalize", &form, sizeof form);
    mr_identify_option(to, "--ngrams", &w->ngrams, sizeof w->ngrams);
    word_rules_identify(&w->rules, to);
}
