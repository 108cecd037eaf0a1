/*
 * The culprit: of the lines that a program was fed before it died, the one that it dies at.
 *
 * The program is run again on the first lines, where nobody sees what it writes, as often as it
 * takes to know how many of them it dies at: by halves, so about as often as their number has
 * digits in binary.
 *
 *     a b X c d    dies    a b    does not    a b X    dies: X
 *
 * One that does not die at the lines that are known, or without any, has no culprit.
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
