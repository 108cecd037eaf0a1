/*
 * Whole texts: a sink that puts each text together in one piece, for what finds words in it.
 *
 *     parts     to be | or not        of a field that is gathered
 *     text      to be or not          once all parts are there
 *
 * Of words that are the same whatever stands beyond a gap, such as a blank, those before the last
 * gap are found with each part, so that a text of any size takes no more memory than what stands
 * between two gaps:
 *
 *     parts     to be o | r not
 *     texts     to be                 of the first part
 *               | or not              of both
 */
#ifndef WHOLE_TEXTS_H
#define WHOLE_TEXTS_H

#include "batch.h"
#include "bytes.h"

struct whole_texts {
    struct sink sink;
    struct batch batch; /* of words */
    /* Takes the words of texts into the batch, in whose chunk the i-th is [at[2i], at[2i + 1]).
     * Returns 0 or -1. */
    int (*words)(const void *arg, struct batch *b, const uint32_t *at, size_t count);
    const void *arg;
    bool by_gaps;      /* no word depends on what stands beyond a gap */
    struct bytes text; /* that comes in parts, put together */
};

/* Makes one, whose words go to a sink (NULL: they are emitted). */
void whole_texts_init(struct whole_texts *t,
                      int (*words)(const void *arg, struct batch *b, const uint32_t *at,
                                   size_t count),
                      const void *arg, bool by_gaps, struct sink *to);

#endif
