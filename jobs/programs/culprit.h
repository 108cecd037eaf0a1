/*
 * The culprit: of the lines that a program was fed before it died, the one that it dies at.
 *
 * The program is run again, where nobody sees what it writes, on pieces of the lines, each when it
 * has read the one before, until it dies; then on all before that at once, and on smaller pieces;
 * and last on the lines before the one that is suspected, at which it must not die.
 *
 *     a b  X c  d e    dies having read X c    a b  X  c    having read X    a b    does not: X
 *
 * That is tried with the last lines first, and with more if they have none: it is fast where the
 * program looks at each line by itself, as most do. What is found is tried with all lines before
 * it, as it may be good there: a record's end, say, of which the begin was not among the last.
 *
 * One that reads much before it looks at any of it dies late, or when its input ends. Its line is
 * found by halves, so by about as many runs as the number of lines has digits in binary.
 *
 * One that does not die at the lines that are known, or without any, has no culprit; nor has one
 * that dies at the first of them when earlier ones are no longer known.
 */
#ifndef CULPRIT_H
#define CULPRIT_H

#include "exchange.h"
#include "recent.h"

/* Feeds bytes to a program, a piece at a time, so that what is kept of them has all that is yet to
 * be read. Returns 0 or -1. */
int culprit_feed(struct exchange *x, struct recent *recent, const unsigned char *bytes,
                 size_t size);

/* Begins to keep what a program is fed that was just started: as much as a pipe holds and as much
 * again, of which the program is then behind by a half at most; or as there is room for. */
void culprit_begin(struct exchange *x, struct recent *recent, size_t room);

/* Looks among the lines that begin before the byte `until` of all that was fed. Returns whether
 * there is a culprit, which is a line of *size bytes, with its end, at byte *offset. */
bool culprit_find(const char *command, const struct recent *lines, uint64_t until,
                  struct mr_context *context, uint64_t *offset, uint64_t *size);

#endif
