/*
 * \D, \S and \W of a Perl regular expression, as classes that mean the same.
 *
 *     user=(\S+)[\W]     becomes     user=([^\s]+)[\W]
 *
 * The machine code that PCRE2 makes (up to 10.42 at least) for text that may have bytes which are
 * no UTF-8 lets these three match ASCII only: of José, \S+ would be Jos. Its classes are right.
 */
#ifndef NEGATIONS_H
#define NEGATIONS_H

#include <stdbool.h>

enum { NEGATIONS_GROWTH = 3 }; /* bytes that one of a pattern may become */

/* Writes the pattern with such classes to room for NEGATIONS_GROWTH times its bytes and one more.
 * Returns false where it has one of these, and what is not understood here, such as comments. */
bool negations_to_classes(const char *pattern, char *to);

#endif
