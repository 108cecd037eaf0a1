/*
 * Recent input: the last bytes that a program was fed, of which it may not have read all when it
 * dies, as pipes hold much. So the line that it was at can be shown.
 *
 *     room 8, fed "to be\n", "or\nnot\n"     kept: "or\nnot\n"
 */
#ifndef RECENT_H
#define RECENT_H

#include "shown_line.h"

#include <stdbool.h>

struct recent {
    unsigned char *at;
    size_t room, size;
    uint64_t offset; /* of at[0] in all that was fed */
    bool from_start; /* nothing stood before it */
};

/* Forgets what there was. The first time it gets memory of room bytes; without any, nothing is
 * kept. */
void recent_begin(struct recent *r, size_t room);

void recent_add(struct recent *r, const unsigned char *bytes, size_t size);

/* Takes the line that has the byte before this offset. Returns false where it is not known. */
bool recent_line(const struct recent *r, uint64_t offset, struct shown_line *line);

void recent_free(struct recent *r);

#endif
