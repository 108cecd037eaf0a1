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

/* Takes the words of the lines in [from, to) of the batch's chunk into it; expression is a struct
 * expression. Returns 0 or -1. */
int match_words(const void *expression, struct batch *b, size_t from, size_t to);

/* Emits the words of a chunk of whole lines, by its task, which is a struct batch (batch.h).
 * Returns 0 or -1. */
int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out);

#endif
