/* The options of the word count. */
#include "wordcount.h"

#include "text/casefold.h"
#include "text/fields.h"
#include "jobs.h"
#include "text/ngrams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct mr_records line_ends = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records nul = { { { ['\0'] = 1 } } };

static int set_delimiter(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    w->delimited = true;
    w->white = *argument == '\0';
    w->table.separated = true;
    w->table.separator = WHITE;
    w->delimiter = 0;
    if (w->white)
        return 0;
    int byte = byte_of(argument);
    if (byte < 0)
        return mr_error_set(err, "'%s' is no delimiter for -d: one byte, such as , or \\t or "
                                 "\\x1f, or '' for white space; what is between more bytes, "
                                 "--match finds", argument);
    w->table.separator = byte;
    w->delimiter = byte;
    return 0;
}

static int set_fields(void *state, const char *argument, struct mr_error *err)
{
    (void)err;
    ((struct wordcount *)state)->table.list = argument;
    return 0;
}

static int set_quoted(void *state, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    ((struct wordcount *)state)->table.quoted = true;
    return 0;
}

static int set_header(void *state, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    ((struct wordcount *)state)->table.header = true;
    return 0;
}

static int set_normalize(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    w->form = normalize_find(argument);
    return w->form != NORMAL_NONE
               ? 0
               : mr_error_set(err, "'%s' is none of the choices of --normalize: nfc, nfkc",
                              argument);
}

JOB_FLAG(wordcount, zero_terminated)
JOB_FLAG(wordcount, ignore_case)

static int set_words(void *state, const char *argument, struct mr_error *err)
{
    static const char *const names[] = { [MR_WORDS_WHITE] = "white", [MR_WORDS_UWHITE] = "uwhite",
                                         [MR_WORDS_LETTERS] = "letters" };
    struct wordcount *w = state;
    w->by_unicode = strcmp(argument, "unicode") == 0;
    w->by_rule = w->by_unicode;
    if (w->by_unicode)
        return 0;
    for (int rule = MR_WORDS_WHITE; rule <= MR_WORDS_LETTERS; rule++) {
        if (strcmp(argument, names[rule]) != 0)
            continue;
        w->by_rule = true;
        w->rule = (enum mr_words)rule;
        return 0;
    }
    return mr_error_set(err, "'%s' is none of the choices of --words: white, uwhite, letters, "
                             "unicode", argument);
}

static int set_counted(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    w->counted = counted_find(argument);
    if (w->counted == COUNTED_NOT)
        return mr_error_set(err, "'%s' is none of the choices of --counted: tsv, uniq, csv, jsonl",
                            argument);
    return 0;
}

static int set_as(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    w->as = role_find(argument);
    if (w->as == ROLE_ALL)
        return mr_error_set(err, "'%s' is none of the choices of --as: mapper, combiner, reducer",
                            argument);
    return 0;
}

/* main looks for it first: here it only stands beside --help. */
static int set_cluster(void *state, const char *argument, struct mr_error *err)
{
    (void)err;
    ((struct wordcount *)state)->cluster = argument;
    return 0;
}

/* Options that cluster.c takes, where there is --cluster. */
#define NEEDS_CLUSTER(function, name)                                                      \
    static int function(void *state, const char *argument, struct mr_error *err)           \
    {                                                                                      \
        (void)state;                                                                       \
        (void)argument;                                                                    \
        return mr_error_set(err, "--" name " needs --cluster: which engine it is for");    \
    }
NEEDS_CLUSTER(refuse_cluster_argument, "cluster-argument")
NEEDS_CLUSTER(refuse_ship, "ship")
NEEDS_CLUSTER(refuse_streaming_jar, "streaming-jar")

static int set_match(void *state, const char *argument, struct mr_error *err)
{
    (void)err;
    ((struct wordcount *)state)->match.pattern = argument;
    return 0;
}

static int set_ngrams(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    if (field_number(argument, &w->ngrams) && w->ngrams <= NGRAMS_MAX)
        return 0;
    return mr_error_set(err, "'%s' is no number of words for --ngrams, 1 to %d", argument,
                        NGRAMS_MAX);
}

/* ---- filters ---------------------------------------------------------------------------- */

static struct filter *filter_of(void *state)
{
    return &((struct wordcount *)state)->filter;
}

static int set_drop_numeric(void *state, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    filter_of(state)->drop_numeric = true;
    return 0;
}

static int take_number(const char *argument, const char *option, uint64_t *number,
                       struct mr_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end != '\0' || errno != 0)
        return mr_error_set(err, "'%s' is no number for %s", argument, option);
    *number = value;
    return 0;
}

static int set_min_count(void *state, const char *argument, struct mr_error *err)
{
    return take_number(argument, "--min-count", &filter_of(state)->min_count, err);
}

static int set_max_count(void *state, const char *argument, struct mr_error *err)
{
    filter_of(state)->count_limited = true;
    return take_number(argument, "--max-count", &filter_of(state)->max_count, err);
}

static int set_min_length(void *state, const char *argument, struct mr_error *err)
{
    return take_number(argument, "--min-length", &filter_of(state)->min_length, err);
}

static int set_max_length(void *state, const char *argument, struct mr_error *err)
{
    filter_of(state)->length_limited = true;
    return take_number(argument, "--max-length", &filter_of(state)->max_length, err);
}

static int set_exclude_from(void *state, const char *argument, struct mr_error *err)
{
    return token_list_read(&filter_of(state)->exclude, argument, err);
}

static int set_only_from(void *state, const char *argument, struct mr_error *err)
{
    return token_list_read(&filter_of(state)->only, argument, err);
}

/* ---- all of them ------------------------------------------------------------------------ */

const struct mr_option wordcount_options[] = {
    { 'd', "delimiter", "X", "count fields cut at the byte X (\\t ...); '': words", set_delimiter },
    { 'f', "fields", "LIST", "count these fields of each line, as one: 1,3-4", set_fields },
    { 0, "header", NULL, "each file's first line has names, also for -f", set_header },
    { 0, "quoted", NULL, "fields may stand in double quotes, as in CSV files", set_quoted },
    { 0, "words", "RULE", "what words are: white, uwhite, letters or unicode", set_words },
    { 0, "match", "REGEX", "words are what REGEX matches, or its first group", set_match },
    { 0, "ngrams", "N", "count each N neighbouring words of a line, as one", set_ngrams },
    { 0, "counted", "[=FORMAT]", "add up counts: tsv (default), uniq, csv or jsonl", set_counted },
    { 'z', "zero-terminated", NULL, "lines end with NUL; count lines, or fields (-d)",
      set_zero_terminated },
    { 'i', "ignore-case", NULL, "count words that differ only in case as one", set_ignore_case },
    { 0, "normalize", "FORM", "count words alike that are so by nfc or nfkc",
      set_normalize },
    { 0, "exclude-from", "FILE", "leave out the words in FILE, one a line", set_exclude_from },
    { 0, "only-from", "FILE", "leave out all but the words in FILE", set_only_from },
    { 0, "min-length", "N", "leave out words of fewer than N characters", set_min_length },
    { 0, "max-length", "N", "leave out words of more than N characters", set_max_length },
    { 0, "drop-numeric", NULL, "leave out words that are numbers", set_drop_numeric },
    { 0, "min-count", "N", "leave out words counted fewer than N times", set_min_count },
    { 0, "max-count", "N", "leave out words counted more than N times", set_max_count },
    { 0, "as", "ROLE", "be the mapper, combiner or reducer of Hadoop or Spark", set_as },
    { 0, "cluster", "ENGINE", "count on a cluster: hadoop or spark; see the manual", set_cluster },
    { 0, "cluster-argument", "WORD", "with --cluster: one more word for its command",
      refuse_cluster_argument },
    { 0, "ship", "FILE", "with --cluster: the program to run there (this one)",
      refuse_ship },
    { 0, "streaming-jar", "FILE", "with --cluster=hadoop: the jar to run (Hadoop's own)",
      refuse_streaming_jar },
    { 0, NULL, NULL, NULL, NULL },
};

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

int wordcount_ready(void *state, struct mr_error *err)
{
    struct wordcount *w = state;
    if (w->cluster)
        return mr_error_set(err, "--help cannot be the argument of another option beside "
                                 "--cluster=%s", w->cluster);
    if (w->counted && (w->delimited || w->by_rule || w->ngrams > 0 || w->match.pattern ||
                       w->form != NORMAL_NONE || w->zero_terminated || table_is_any(&w->table)))
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
    if (maps && (w->counted || w->delimited || w->by_rule || w->by_unicode || w->ngrams > 0 ||
                 w->match.pattern || w->form != NORMAL_NONE || w->zero_terminated ||
                 table_is_any(&w->table)))
        return mr_error_set(err, "--mapper cannot go together with --counted, --delimiter (-d), "
                                 "--fields (-f), --header, --match, --ngrams, --normalize, "
                                 "--quoted, --words or --zero-terminated (-z): it says itself what "
                                 "is counted");
    return 0;
}

void wordcount_release(void *state)
{
    filter_free(filter_of(state));
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
