/*
 * Matches: from lines to words, which are what a regular expression matches in them, or its first
 * group, where that has bytes.
 *
 *     user=(\w+)     in "user=ann, user=bob; user="     ann, bob
 */
#ifndef MATCH_H
#define MATCH_H

#include "expression.h"

enum { MATCHES = 256 }; /* words that gather before they are emitted */

/* A map task's own. */
struct match {
    size_t count;
    uint32_t at[2 * MATCHES]; /* the i-th word is [at[2i], at[2i + 1]) of the chunk */
};

/* Emits the words of a chunk of whole lines, by its task, which is a struct match. Returns 0 or
 * -1. */
int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out);

#endif
