/*
 * Word rules: what words are, how they are written and which are kept, as the word count's options
 * say it; and the words of a text that is whole, for jobs that do more than count them.
 *
 *     The cat,     by --words=letters -i --exclude-from=stop     cat, at byte 4
 *     the dog.                                                   dog, at byte 13
 */
#ifndef WORD_RULES_H
#define WORD_RULES_H

#include "bytes.h"
#include "expression.h"
#include "fields.h"
#include "filter.h"
#include "splitter.h"
#include "unicode_words.h"

/* What was asked for: the first member of a job's state, or all of it. */
struct word_rules {
    bool by_rule; /* --words was given: */
    enum mr_words rule;
    bool by_unicode; /* or by ICU: */
    struct unicode_words *unicode;
    struct expression match; /* what words are, if there is a pattern */
    bool ignore_case;
    struct filter filter;
    bool filters; /* it may drop a word */
    bool zero_terminated; /* lines end at NUL, not at LF */
};

/* Take the arguments of the options of these names: as set of struct mr_option. */
int word_rules_set_words(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_match(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_ignore_case(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_exclude_from(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_only_from(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_min_length(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_max_length(void *rules, const char *argument, struct mr_error *err);
int word_rules_set_drop_numeric(void *rules, const char *argument, struct mr_error *err);

/* Their rows in a job's table of options: what words are, which are kept, and all together. */
#define JOB_WORD_KINDS                                                         \
    { 0, "words", "RULE", "what words are: white, uwhite, letters or unicode", \
      word_rules_set_words },                                                  \
    { 0, "match", "REGEX", "words are what REGEX matches, or its first group", \
      word_rules_set_match }
#define JOB_WORD_FILTERS                                                    \
    { 0, "exclude-from", "FILE", "leave out the words in FILE, one a line", \
      word_rules_set_exclude_from },                                        \
    { 0, "only-from", "FILE", "leave out all but the words in FILE",        \
      word_rules_set_only_from },                                           \
    { 0, "min-length", "N", "leave out words of fewer than N characters",   \
      word_rules_set_min_length },                                          \
    { 0, "max-length", "N", "leave out words of more than N characters",    \
      word_rules_set_max_length },                                          \
    { 0, "drop-numeric", NULL, "leave out numbers: 42, not -1 or 3.14",     \
      word_rules_set_drop_numeric }
#define JOB_WORD_OPTIONS                                                      \
    JOB_WORD_KINDS,                                                           \
    { 'i', "ignore-case", NULL, "words that differ only in case are one",     \
      word_rules_set_ignore_case },                                           \
    JOB_WORD_FILTERS

/* To be called when all options are taken, and at the end: as ready and so on of struct mr_job. */
int word_rules_ready(void *rules, struct mr_error *err);
void word_rules_release(void *rules);
void word_rules_identify(const void *rules, struct mr_identity *to);

/* Rewrites words where case is ignored: as rekey in struct mr_job, for any state. */
size_t word_rules_fold(const void *state, const unsigned char *word, size_t size,
                       unsigned char *to);

/* What surely ends words, in any file: white space, or where they are of lines, these. */
const struct mr_records *word_rules_records(const void *rules, const char *path);

/* A task's; it starts as zeros. */
struct word_finder {
    struct sink sink;         /* the first of all: it takes the words, of the */
    struct splitter splitter; /* or its batch alone */
    struct bytes folded;
    const struct word_rules *rules;
    /* Takes a word, and where it begins in the text. Returns 0 or -1. */
    int (*take)(void *arg, const struct field *word, size_t at, struct mr_context *out);
    void *arg;
};

/* Has take have each word of a text in their order: all of a chunk, or a part of it, or of what it
 * stands for; MR_CHUNK_PAD bytes behind it may be read. Returns 0 or -1. */
int word_finder_each(struct word_finder *f, const struct mr_chunk *chunk, const struct field *text,
                     struct mr_context *out);

#endif
