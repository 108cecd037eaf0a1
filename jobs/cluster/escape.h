/*
 * Escapes: a word as bytes that any tool and any language takes for text of one line.
 *
 *     a<TAB>b    a\x09b          white space and other control characters
 *     a\b        a\\b            what begins an escape
 *     <FF>       \xff            what is no part of valid UTF-8
 *     né         né              anything else is as it is
 *
 * So words compare as their escapes do, as far as it matters: two are equal or not. None has a byte
 * below that which ends it in a line with more behind it, a tab, so that lines are in order when
 * words are.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { ESCAPE_GROWTH = 4 }; /* bytes that one may become */

/* Writes n bytes at to, which has room. Returns the byte after them. A piece of a word must not cut
 * a valid UTF-8 sequence. */
unsigned char *escape_put(unsigned char *to, const unsigned char *bytes, size_t n);

/* Reads what escape_put wrote, n bytes, to where there is room for as many. Sets *size to how many
 * there are. Returns false where it has not written that. */
bool escape_get(const unsigned char *bytes, size_t n, unsigned char *to, size_t *size);

#endif
