/*
 * Matches: from texts, of lines, to words, which are what a regular expression matches in them, or
 * its first group, where that has bytes.
 *
 *     user=(\w+)     in "user=ann, user=bob; user="     ann, bob
 */
#ifndef MATCH_H
#define MATCH_H

#include "batch.h"
#include "expression.h"

/* Takes the words of the lines of texts into a batch (whole_texts.h); expression is a struct
 * expression.
 * Returns 0 or -1. */
int match_words(const void *expression, struct batch *b, const uint32_t *at, size_t count);

/* Emits the words of a chunk of whole lines, by its task, which is a struct batch (batch.h).
 * Returns 0 or -1. */
int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out);

#endif
