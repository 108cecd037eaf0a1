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
#include "room.h"

/* A sink: the words of texts. */
struct matcher {
    struct sink sink;
    struct batch batch; /* of words */
    const struct expression *expression;
    struct room room;   /* in which a text is put together that comes in parts, */
    size_t held;        /* so many bytes of it */
};

/* Makes one, whose words go to a sink (NULL: they are emitted). */
void matcher_init(struct matcher *m, const struct expression *e, struct sink *to);

void matcher_release(struct matcher *m);

/* Emits the words of a chunk of whole lines, by its task, which is a struct batch (batch.h).
 * Returns 0 or -1. */
int match_map(const struct expression *e, const struct mr_chunk *chunk, struct mr_context *out);

#endif
