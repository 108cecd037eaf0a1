/* The options of the word count. */
#include "wordcount.h"

#include "jobs.h"
#include "text/fields.h"
#include "text/ngrams.h"
#include "text/out_of_memory.h"

#include <stdlib.h>
#include <string.h>

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
    unsigned char *bytes = malloc(strlen(argument));
    if (bytes == NULL)
        return out_of_memory(err, "a delimiter");
    free(w->delimiter_bytes);
    w->delimiter_bytes = bytes;
    size_t size = bytes_from(argument, bytes);
    if (size == 0)
        return mr_error_set(err, "'%s' is no delimiter for -d: bytes, such as , or :: or \\t or "
                                 "\\x1f, or '' for white space; a backslash is \\\\", argument);
    w->table.separator = size == 1 ? bytes[0] : SEVERAL;
    w->table.delimiter = (struct field){ bytes, size };
    w->delimiter = size == 1 ? bytes[0] : 0;
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

JOB_FLAG_FIELD(wordcount, zero_terminated, rules.zero_terminated)
JOB_FLAG_FIELD(wordcount, header, table.header)
JOB_FLAG_FIELD(wordcount, quoted, table.quoted)
JOB_TEXT_FIELD(wordcount, fields, table.list)
JOB_TEXT(wordcount, cluster) /* only seen with --help: main looks for it first */
_Static_assert(offsetof(struct wordcount, rules) == 0, "the options of rules take it for all");

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

/* Options that cluster_options.c takes, where there is --cluster. */
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
    return &((struct wordcount *)state)->rules.filter;
}

static int set_min_count(void *state, const char *argument, struct mr_error *err)
{
    return filter_number(argument, "--min-count", &filter_of(state)->min_count, err);
}

static int set_max_count(void *state, const char *argument, struct mr_error *err)
{
    filter_of(state)->count_limited = true;
    return filter_number(argument, "--max-count", &filter_of(state)->max_count, err);
}

const struct mr_option wordcount_options[] = {
    { 'd', "delimiter", "X", "count fields cut at X (, \\t); '\\n': lines, '': words",
      set_delimiter },
    { 'f', "fields", "LIST", "count these fields (columns), as one: 1,3-4", set_fields },
    { 0, "header", NULL, "each file's first line has names, also for -f", set_header },
    { 0, "quoted", NULL, "fields may stand in double quotes, as in CSV files", set_quoted },
    JOB_WORD_KINDS,
    { 0, "ngrams", "N", "count each N neighbouring words of a line, as one", set_ngrams },
    { 0, "counted", "[=FORMAT]", "add up counts: tsv (default), uniq, csv or jsonl", set_counted },
    { 'z', "zero-terminated", NULL, "lines end with NUL; count lines, or fields (-d)",
      set_zero_terminated },
    { 'i', "ignore-case", NULL, "count words that differ only in case as one",
      word_rules_set_ignore_case },
    { 0, "normalize", "FORM", "count words alike that are so by nfc or nfkc",
      set_normalize },
    JOB_WORD_FILTERS,
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
