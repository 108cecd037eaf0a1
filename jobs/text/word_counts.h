/*
 * Counts of words in a map task, so that a frequent one is not emitted each time it comes.
 *
 *     to be or not to be    ->    to 2 | be 2 | or 1 | not 1
 *
 * A table of fixed size: a word that falls on the place of another has that one emitted, with what
 * was counted until then. So neither many words nor such as are made to fall on one place take
 * memory or more time than to emit each. Those too long for a place are emitted at once.
 */
#ifndef WORD_COUNTS_H
#define WORD_COUNTS_H

#include "fields.h"
#include "room.h"

enum { COUNTED_BYTES = 52, COUNTED = 1 << 13 }; /* of a group and a word at most; places */

struct counted_word {
    uint64_t count;
    uint16_t group_size, word_size;
    unsigned char bytes[COUNTED_BYTES]; /* the group, the word, and zeros */
};

struct word_counts {
    struct room room; /* for what is emitted */
    struct counted_word at[COUNTED];
};

/* Counts a word of a group. What is emitted has the group as its key, and as its value the word,
 * the end of a line, and the count. Returns 0 or -1. */
int word_counts_add(struct word_counts *w, const struct field *group, const struct field *word,
                    struct mr_context *out);

/* Emits all that is left, and gives the room back. Returns 0 or -1. */
int word_counts_end(struct word_counts *w, struct mr_context *out);

#endif
