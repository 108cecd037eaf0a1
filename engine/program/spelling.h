/* Which name a mistyped one is near to, by edit distance. */
#ifndef MR_PROGRAM_SPELLING_H
#define MR_PROGRAM_SPELLING_H

#include <stddef.h>

/* The edit distance of Damerau and Levenshtein: how many letters must be inserted, deleted,
 * replaced, or swapped with the next one, to make b of a. "tpo" and "top" have 1; names that are
 * long have a large number. Upper and lower case of ASCII are the same. */
size_t mr_spelling_distance(const char *a, const char *b);

/* Whether the distance is so small that the name may well be meant. */
int mr_spelling_is_near(const char *given, const char *name);

#endif
