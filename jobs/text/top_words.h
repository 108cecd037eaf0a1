/*
 * The most frequent of any number of words, which come one after the other with their counts.
 *
 * Twice as many as are wanted gather; then they are sorted, and the second half goes:
 *
 *     2 wanted    a 5, b 1, c 7, d 9    ->    d 9, c 7    e 7 and f 6 would come behind: passed by
 */
#ifndef TOP_WORDS_H
#define TOP_WORDS_H

#include "mapreduce.h"

enum { WORD_ROOM = 24 }; /* bytes behind a word, for what follows it in a value or a result */

struct term {
    unsigned char *word; /* with WORD_ROOM more bytes behind it */
    size_t size, room;
    uint64_t count;
};

/* Has a term hold a word, which is copied. Returns 0 or -1. */
int term_set(struct term *t, const unsigned char *word, size_t size, struct mr_context *out);

struct top_words {
    size_t wanted;
    struct mr_context *out; /* whose memory it takes, and where it fails */
    struct term *at;        /* after top_words_cut those that are wanted, in order */
    size_t count, room;
    size_t bytes; /* of all that it has */
    bool cut;     /* as many as are wanted are in front, and others must come before the last */
};

/* Adds a word; no other is the same. Returns 0 or -1. */
int top_words_add(struct top_words *b, const struct term *t);

/* Leaves those that are wanted, the highest count first, then by their bytes. */
void top_words_cut(struct top_words *b);

void top_words_release(struct top_words *b);

#endif
