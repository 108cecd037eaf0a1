/*
 * Words of tables: from lines to fields to words to n-grams, each of the last two if asked for; and
 * words are normalized before they are joined.
 *
 *     -f 2 --words=letters --ngrams=2     "7,one two! three,8\n"     one two | two three
 *
 * A cutter makes fields of lines; these are the tokens, or a splitter, or what wants texts whole,
 * finds words in them; and n-grams are made of neighbours.
 */
#ifndef TABLE_WORDS_H
#define TABLE_WORDS_H

#include "normalize.h"
#include "table.h"

/* What is made of fields. */
struct wording {
    bool by_rule; /* words, by a rule: */
    enum mr_words rule;
    /* Or by what takes those of each text whole; NULL: not. As in struct whole_texts. */
    int (*words)(const void *arg, struct batch *b, const uint32_t *at, size_t count);
    const void *arg;
    bool by_gaps; /* each is the same whatever stands beyond a gap */
    struct normal normal; /* how words are written, */
    uint64_t ngrams;      /* of which so many are one; 0: each by itself */
};

/* A task's bytes; its beginning, and each chunk. These return 0 or -1. */
size_t table_words_task_size(void);
int table_words_begin(void *task, const struct wording *w, struct mr_context *out);
int table_words_map(const struct table *table, const struct mr_chunk *chunk,
                    struct mr_context *out);

#endif
