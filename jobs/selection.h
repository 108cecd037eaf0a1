/*
 * A selection: the fields that -f LIST chooses, as cut has it. They are taken in the order of the
 * line, each once, in whatever order and how often LIST has them.
 *
 *     5,1-2,2     fields 1, 2 and 5       spans 1-2, 5-5
 *     3-          from the third on       span  3-ANY
 */
#ifndef SELECTION_H
#define SELECTION_H

#include "mapreduce.h"

#define SPAN_END UINT64_MAX

/* Fields from first to last, numbered from 1 on. */
struct span {
    uint64_t first, last; /* SPAN_END: to the line's end */
};

struct selection {
    struct span *spans; /* in order, with fields between them, and one behind all: SPAN_END only */
    size_t count;       /* of them, without the last; 0: none is chosen */
    uint64_t needed;    /* the last field that a line must have to have all of them */
};

/* Reads LIST, in place of what was read before. Returns 0 or -1; free it in either case. */
int selection_read(struct selection *s, const char *list, struct mr_error *err);

void selection_free(struct selection *s);

#endif
