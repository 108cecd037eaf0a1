/*
 * Searching the lines of a chunk for an expression, in few calls.
 *
 * To search each line by itself costs more than the search. Where a match in a chunk implies one in
 * a line, the chunk is searched as a whole, and lines without a match are never looked at:
 *
 *     chunk   the cat|a dog|no cow        searched for "cow": line 3, at once
 *
 * That needs an expression that is local: whether it matches does not depend on what stands around
 * the match, so it has no look-around, anchors of the subject, or possessive and atomic parts. What
 * such an expression matches in a line it matches in the chunk, too, so no line is missed; only
 * where a match in the chunk goes over a line's end is the line searched by itself.
 */
#ifndef LINE_SEARCH_H
#define LINE_SEARCH_H

#include "expression.h"

struct line_search {
    struct expression expression; /* to be made ready by its owner */
    bool local;                   /* it is; set by line_search_ready */
    bool invert;                  /* lines that do not match are wanted */
};

/* Compiles the expression, for lines. Returns 0 or -1; release the expression in either case. */
int line_search_ready(struct line_search *s, struct mr_error *err);

/* Gives the next line of the chunk that is wanted; *at is where to go on, 0 at first. Returns 1, 0
 * after the last, or -1. */
int line_search_next(const struct line_search *s, const struct mr_chunk *chunk,
                     struct mr_context *out, size_t *at, const unsigned char **line, size_t *size);

#endif
