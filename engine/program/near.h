/* Which name a mistyped one is near to. */
#ifndef MR_PROGRAM_NEAR_H
#define MR_PROGRAM_NEAR_H

#include <stddef.h>

/* How many letters must be put in, left out, changed, or changed with the one beside them to make
 * the one of the other: "tpo" and "top" are 1 apart. A large number for long names. */
size_t mr_near_distance(const char *a, const char *b);

/* Whether the first is so near to the second that it may well be meant. */
int mr_near_is(const char *given, const char *name);

#endif
