/*
 * Matches: from lines to words, which are what a regular expression matches in them, or its first
 * group, where that has bytes.
 *
 *     user=(\w+)     in "user=ann, user=bob; user="     ann, bob
 */
#ifndef MATCH_H
#define MATCH_H

#include "expression.h"

/* Emits the words of a chunk of whole lines, by its task, which is a struct batch (batch.h).
 * Returns 0 or -1. */
int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out);

#endif
