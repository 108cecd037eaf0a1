/*
 * A splitter: texts, such as the fields of a line, to the words in them, by a rule.
 *
 *     x-ray, "it's"!     by MR_WORDS_LETTERS    x-ray | it's
 *
 * A text's runs of one kind come one after the other. A joiner (an apostrophe, a hyphen) waits for
 * what follows it, as does the word before it:
 *
 *     run        x    -       ray     ,      ...
 *     word       x    x       x-ray   ends
 */
#ifndef SPLITTER_H
#define SPLITTER_H

#include "batch.h"

struct splitter {
    struct sink sink;
    struct batch batch; /* of words */
    enum mr_words rule;
    bool open;                      /* a word has begun, */
    size_t joiner_size;             /* and a joiner of so many bytes stands behind it, */
    size_t joiner_at;               /* in what the batch has, or, where that is not there, */
    unsigned char joiner[4];        /* here */
};

/* Makes a splitter, whose words go to a sink (NULL: they are emitted). */
void splitter_init(struct splitter *s, enum mr_words rule, struct sink *to);

#endif
