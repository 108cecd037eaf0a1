/* What the word count was asked for. */
#ifndef WORDCOUNT_H
#define WORDCOUNT_H

#include "cluster/role.h"
#include "text/counted.h"
#include "text/normalize.h"
#include "text/table.h"
#include "text/word_rules.h"

struct wordcount {
    struct word_rules rules;  /* what words are, and which are kept */
    enum role as;             /* which part of the count it is */
    const char *cluster;      /* what --cluster says, or NULL */
    bool delimited;           /* -d was given */
    bool white;               /* and asked for white space */
    int delimiter;            /* that byte, where it is one, and */
    unsigned char *delimiter_bytes; /* all of it, which the table has */
    struct mr_records fields; /* line ends and it */
    struct table table;       /* what is to be taken of lines; else all that is there */
    struct mr_records words;  /* what surely ends words by it: white space, and the delimiter */
    enum counted_format counted; /* what the input is, if it has counts already */
    uint64_t ngrams;          /* so many neighbouring ones as one; 0: each by itself */
    enum normal_form form;    /* what words are normalized to */
};

/* The options that make it, which starts as zeros; what is to be done behind the last, and at the
 * end. */
extern const struct mr_option wordcount_options[];
int wordcount_ready(void *state, struct mr_error *err);
void wordcount_release(void *state);

/* Checks, before it is ready, what goes together with programs (mixed.h), and with one that maps,
 * which says what words are. */
int wordcount_check_programs(void *state, bool maps, struct mr_error *err);

/* How the file at a path is cut into records; and its words or fields, where no option asks for
 * more. As the functions of struct mr_job. */
const struct mr_records *wordcount_records(const void *state, const char *path);
int wordcount_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);

/* Chooses what else maps, by the options, and what it needs. */
void wordcount_choose_map(const struct wordcount *w, struct mr_job *job);

/* What rewrites its words; NULL: nothing. */
typedef size_t wordcount_rekey(const void *state, const unsigned char *key, size_t size,
                               unsigned char *to);
wordcount_rekey *wordcount_get_rekey(const struct wordcount *w);

/* Adds it to the job's identity. */
void wordcount_identify(const void *state, struct mr_identity *to);

#endif
