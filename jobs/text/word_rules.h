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

/* What was asked for; part of a job's state, called rules. */
struct word_rules {
    bool by_rule; /* --words was given: */
    enum mr_words rule;
    bool by_unicode; /* or by ICU: */
    struct unicode_words *unicode;
    struct expression match; /* what words are, if there is a pattern */
    bool ignore_case;
    struct filter filter;
    bool filters; /* it may drop a word */
};

/* Take the arguments of the options of these names. Return 0 or -1. */
int word_rules_set_words(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_match(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_ignore_case(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_exclude_from(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_only_from(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_min_length(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_max_length(struct word_rules *r, const char *argument, struct mr_error *err);
int word_rules_set_drop_numeric(struct word_rules *r, const char *argument, struct mr_error *err);

/* Makes set_words and so on, for a job's table of options. */
#define JOB_WORD_RULE(state_type, name)                                                     \
    static int set_##name(void *state, const char *argument, struct mr_error *err)          \
    {                                                                                       \
        return word_rules_set_##name(&((struct state_type *)state)->rules, argument, err); \
    }
#define JOB_WORD_RULES(state_type)          \
    JOB_WORD_RULE(state_type, words)        \
    JOB_WORD_RULE(state_type, match)        \
    JOB_WORD_RULE(state_type, ignore_case)  \
    JOB_WORD_RULE(state_type, exclude_from) \
    JOB_WORD_RULE(state_type, only_from)    \
    JOB_WORD_RULE(state_type, min_length)   \
    JOB_WORD_RULE(state_type, max_length)   \
    JOB_WORD_RULE(state_type, drop_numeric)

/* The rows of such a table. */
#define JOB_WORD_OPTIONS                                                                         \
    { 0, "words", "RULE", "what words are: white, uwhite, letters or unicode", set_words },     \
    { 0, "match", "REGEX", "words are what REGEX matches, or its first group", set_match },     \
    { 'i', "ignore-case", NULL, "words that differ only in case are one", set_ignore_case },    \
    { 0, "exclude-from", "FILE", "leave out the words in FILE, one a line", set_exclude_from }, \
    { 0, "only-from", "FILE", "leave out all but the words in FILE", set_only_from },           \
    { 0, "min-length", "N", "leave out words of fewer than N characters", set_min_length },     \
    { 0, "max-length", "N", "leave out words of more than N characters", set_max_length },      \
    { 0, "drop-numeric", NULL, "leave out words that are numbers", set_drop_numeric }

/* To be called when all options are taken, with what ends lines; and at the end. */
int word_rules_ready(struct word_rules *r, unsigned char line_end, struct mr_error *err);
void word_rules_release(struct word_rules *r);
void word_rules_identify(const struct word_rules *r, struct mr_identity *to);

/* Rewrites words where case is ignored: as rekey in struct mr_job, for any state. */
size_t word_rules_fold(const void *state, const unsigned char *word, size_t size,
                       unsigned char *to);

/* What surely ends words: white space, or where they are of lines, these. */
const struct mr_records *word_rules_records(const struct word_rules *r);

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
