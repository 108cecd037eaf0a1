/*
 * The most frequent of any number of words, which come one after the other with their counts.
 *
 * Twice as many as are wanted gather; then they are sorted, and the second half is dropped:
 *
 *     2 wanted    a 5, b 1, c 7, d 9    ->    d 9, c 7    e 7 and f 6 are not added
 */
#ifndef TOP_WORDS_H
#define TOP_WORDS_H

#include "term.h"

struct top_words {
    size_t wanted;
    struct mr_context *out; /* whose memory it takes, and where it fails */
    struct term *at;        /* after top_words_cut those that are wanted, in order */
    size_t count, capacity;
    size_t bytes; /* of all that it has */
    bool cut;     /* the wanted ones are in front: another word must come before the last of them */
};

/* Adds a word; no other is the same. Returns 0 or -1. */
int top_words_add(struct top_words *b, const struct term *t);

/* Leaves those that are wanted, the highest count first, then by their bytes. */
void top_words_cut(struct top_words *b);

void top_words_release(struct top_words *b);

#endif
