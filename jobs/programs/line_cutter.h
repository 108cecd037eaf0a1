/*
 * A line cutter: what comes from a program, a piece at a time, as lines.
 *
 *     "to b" | "e\nor" | "\nnot"   ->   "to be", "or", "not"
 *
 * Where lines may come together, all that are whole are handed over at once, with LFs between them:
 *
 *     "to b" | "e\nor\n\nno"   ->   "to be\nor\n"
 *
 * A line that does not fit in the buffer is handed over in parts, as a chunk's records are
 * (enum mr_part): the first, any number, the last, which may have no bytes. No part cuts a valid
 * UTF-8 sequence in two.
 */
#ifndef LINE_CUTTER_H
#define LINE_CUTTER_H

#include "mapreduce.h"

struct line_cutter {
    unsigned char *at; /* the buffer */
    size_t room, fill;
    bool together; /* lines may come together */
    bool inside; /* parts of a line were handed over, and not its last */
    /* Takes a line, several, or a part of one, without the last LF. Returns 0 or -1. */
    int (*take)(void *arg, const unsigned char *bytes, size_t size, enum mr_part part);
    void *arg;
};

/* Gets a buffer of so many bytes, four at least, and MR_CHUNK_PAD that may be read behind what is
 * handed over. Lines come one by one unless together is set then. Returns 0, or -1 when there is no
 * memory. */
int line_cutter_init(struct line_cutter *l, size_t room,
                     int (*take)(void *arg, const unsigned char *bytes, size_t size,
                                 enum mr_part part),
                     void *arg);

void line_cutter_free(struct line_cutter *l);

/* Where the next bytes are to be put, and how many there is room for: never none. */
unsigned char *line_cutter_room(const struct line_cutter *l, size_t *size);

/* Says how many were, and hands over the lines that are whole. Returns 0, or -1 as take did. */
int line_cutter_add(struct line_cutter *l, size_t size);

/* Hands over the last line, if it has no end. Returns the same. */
int line_cutter_end(struct line_cutter *l);

#endif
