/*
 * Words as Unicode cuts text (UAX #29), by ICU's iterator for no language, with its dictionaries:
 *
 *     Can't, 3.14 x_1! 日本語です     Can't | 3.14 | x_1 | 日本語 | です
 *
 * Pieces without letter, number or ideograph are no words. ICU takes ten times as long as what
 * follows, so text that is all ASCII, as most lines are, is cut here. Its rules are made of classes
 * of characters, which differ between versions of ICU: so ICU is asked for them, by a few strings
 * for each character. There is no end of a piece
 *
 *     between any two of letters, numbers and connectors (_)       a1_b
 *     around one of . ' , ; between two letters, or two numbers, whichever it joins
 *
 * ICU is loaded only when it is asked for: no other run is to wait for it.
 */
#ifndef UNICODE_WORDS_H
#define UNICODE_WORDS_H

#include "batch.h"

struct unicode_words;

/* Loads ICU, and asks it. Each process that is forked later goes on with a copy. Returns NULL, and
 * why, on failure. */
struct unicode_words *unicode_words_open(struct mr_error *err);
void unicode_words_close(struct unicode_words *u);

/* What decides how it cuts: the version of ICU. */
const char *unicode_words_version(const struct unicode_words *u);

/* Takes the words of texts into a batch (whole_texts.h); unicode_words is one of the above. Returns
 * -1. */
int unicode_words_take(const void *unicode_words, struct batch *b, const uint32_t *at,
                       size_t count);

#endif
