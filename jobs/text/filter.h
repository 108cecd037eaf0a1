/*
 * Filters: which words, with their counts, are kept.
 *
 * A reducer asks once for each distinct word, when it is counted and folded. A word is read once,
 * in pieces if it is larger than memory, and no further than until one filter drops it:
 *
 *     --min-count=2 --drop-numeric --exclude-from=stop     with "the" in stop
 *     a 1     too few; not read
 *     42 7    numeric
 *     the 9   in the list
 *     cat 2   kept
 */
#ifndef FILTER_H
#define FILTER_H

#include "normalize.h"
#include "token_list.h"

struct filter {
    uint64_t min_count, max_count;   /* what a count is at least and at most, */
    uint64_t min_length, max_length; /* and how many characters a word has; where given */
    bool count_limited, length_limited; /* max_count and max_length were given */
    bool drop_numeric;
    struct token_list exclude, only;
    enum normal_form form; /* what the lists' words are normalized to, as others are */
    unsigned char *pieces; /* memory to join the pieces of a word, up to the longest in the lists */
};

/* Whether there is anything to filter by. */
bool filter_is_any(const struct filter *f);

/* Makes the lists ready, whose words are rewritten by rekey (NULL: not) as others are. Limits that
 * no word can keep to are refused. Returns 0 or -1. */
int filter_ready(struct filter *f,
                 size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                 unsigned char *to),
                 const void *state, struct mr_error *err);

/* Decides about a word: as reduce in struct mr_job. */
int filter_keep(const struct filter *f, struct mr_key *key, uint64_t count);

/* The same for a word that is in memory, and for its count: whether it passes those filters. */
bool filter_keeps_word(const struct filter *f, const unsigned char *word, size_t size);
bool filter_keeps_count(const struct filter *f, uint64_t count);

/* Takes the argument of an option that is a number. Returns 0 or -1. */
int filter_number(const char *argument, const char *option, uint64_t *number, struct mr_error *err);

void filter_identify(const struct filter *f, struct mr_identity *to);
void filter_free(struct filter *f);

#endif
