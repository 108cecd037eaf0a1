/*
 * Gathering: a program's output, while that comes a little at a time.
 *
 * Many programs write each line by itself. To be woken for each would take longer than the line: so
 * where little has come, the program is left alone until there is something else to do for it, or
 * for a millisecond, while its pipe takes what it writes.
 *
 *     read 4096 of 65536 bytes   ->   the next wait is not for its output, and 1 ms long at most
 */
#ifndef GATHERING_H
#define GATHERING_H

#include <stdbool.h>
#include <stddef.h>

enum { GATHERING_MS = 1 };

struct gathering {
    size_t little; /* with fewer bytes than these, more are to gather first */
    bool wanted;
};

/* Notes how many bytes were read. */
static inline void gathering_note(struct gathering *g, size_t size)
{
    g->wanted = size < g->little;
}

/* Begins a wait. Returns whether output gathers meanwhile, where it has not ended. */
static inline bool gathering_begin(struct gathering *g, bool open)
{
    bool gathers = g->wanted && open;
    g->wanted = false;
    return gathers;
}

#endif
