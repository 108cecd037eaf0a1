/*
 * Case: words that differ only in it become the same.
 *
 *     Straße STRAẞE straße -> straße
 */
#ifndef CASEFOLD_H
#define CASEFOLD_H

#include <stddef.h>
#include <unitypes.h>

/* Writes the key's bytes, each valid UTF-8 character by Unicode's simple case folding and all else
 * as it is, to `to`, which has room for 3 * size. Returns how many there are. */
size_t casefold(const unsigned char *key, size_t size, unsigned char *to);

/* A character's simple case folding. */
ucs4_t casefold_character(ucs4_t c);

#endif
