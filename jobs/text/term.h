/*
 * Terms: words with how often each stands somewhere, as values that are put in order by their
 * bytes, so that those of a word come together.
 *
 *     value         be LF 2        the word, the end of a line, which is in no word, and the count
 *     in order      be LF 1 | be LF 2 | it LF 1    ->    be 3, it 1
 */
#ifndef TERM_H
#define TERM_H

#include "fields.h"
#include "numbers.h"

enum { TERM_TAIL = 24 }; /* bytes that may follow a word, in a value or a result */

struct term {
    unsigned char *word; /* with TERM_TAIL more bytes behind it */
    size_t size, capacity;
    uint64_t count;
};

/* Writes a value, of at most TERM_TAIL bytes besides the word, which may stand there already.
 * Returns the byte after it. */
unsigned char *term_put(unsigned char *to, const void *word, size_t size, uint64_t count);

/* Has a term hold a word, which is copied. Returns 0 or -1. */
int term_set(struct term *t, const unsigned char *word, size_t size, struct mr_context *out);

/* Calls take with each word of a key's values, with the sum of its counts, until that does not
 * return 0. Returns what it has returned last, or -1. */
int term_each(struct mr_value_list *values, int (*take)(void *to, struct term *t), void *to,
              struct mr_context *context);

/* A combine_values for such values: emits one for each word. */
int term_combine(const void *state, struct mr_key *key, struct mr_value_list *values,
                 struct mr_context *out);

#endif
