/*
 * A selection: the fields that -f LIST chooses, as cut has it. They are taken in the order of the
 * line, each once, in whatever order and how often LIST has them.
 *
 *     5,1-2,2     fields 1, 2 and 5       spans 1-2, 5-5
 *     3-          from the third on       span  3-SPAN_END
 *     age,"a,b"   two names, which a file's header makes numbers (header.h)
 */
#ifndef SELECTION_H
#define SELECTION_H

#include "mapreduce.h"

#define SPAN_END UINT64_MAX

/* Fields from first to last, numbered from 1 on. */
struct span {
    uint64_t first, last; /* SPAN_END: to the line's end */
};

/* What is chosen of a file's lines. */
struct chosen {
    const struct span *spans; /* in order, with fields between them, and one behind all: SPAN_END */
    size_t count;             /* of them, without the last */
    uint64_t needed;          /* the last field that a line must have to have all of them */
};

struct selection {
    struct span *spans; /* as above */
    size_t count;
    char **names; /* of fields, which spans do not have yet */
    size_t name_count;
};

/* Puts spans in order, makes one of those that overlap, and ends them, for which there must be
 * room. Returns how many there are. */
size_t spans_settle(struct span *spans, size_t count);

/* What spans that are settled choose. */
struct chosen spans_chosen(const struct span *spans, size_t count);

/* Reads LIST, where names may stand if that is allowed; s starts as zeros. Returns 0 or -1; free it
 * in either case. */
int selection_read(struct selection *s, const char *list, bool names, struct mr_error *err);

void selection_free(struct selection *s);

/* Takes the first item of an option's LIST to item, which has room for all of LIST: where names may
 * stand and it begins with a quote, what its quotes hold. Returns where it ends, at a comma or at
 * LIST's end, or NULL where the quote is not closed there, which err says. */
const char *selection_item(const char *list, bool names, const char *option, char *item,
                           struct mr_error *err);

#endif
