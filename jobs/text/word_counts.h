/*
 * Counts of words in a map task, so that a frequent one is not emitted each time it comes.
 *
 *     to be or not to be    ->    to 2 | be 2 | or 1 | not 1
 *
 * A table of fixed size: a word that hashes to the slot of another evicts it, which is then emitted
 * with what was counted until then. So the table never grows, and words that are made to collide
 * cost no more than emitting each. Words too long for a slot are emitted at once.
 */
#ifndef WORD_COUNTS_H
#define WORD_COUNTS_H

#include "fields.h"
#include "bytes.h"

enum { COUNTED_BYTES = 52, COUNTED = 1 << 13 }; /* of a group and a word at most; slots */

struct word_slot {
    uint64_t count;
    uint16_t group_size, word_size;
    unsigned char bytes[COUNTED_BYTES]; /* the group, the word, and zeros */
};

struct word_counts {
    struct bytes value; /* that is emitted */
    struct word_slot at[COUNTED];
};

/* Counts a word of a group. What is emitted has the group as its key, and a term (term.h) as its
 * value. Returns 0 or -1. */
int word_counts_add(struct word_counts *w, const struct field *group, const struct field *word,
                    struct mr_context *out);

/* Emits all that is left. Returns 0 or -1. */
int word_counts_end(struct word_counts *w, struct mr_context *out);

#endif
