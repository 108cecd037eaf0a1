/*
 * Messages: lines on standard error that a run never waits for.
 *
 * A line is written when it comes, if standard error takes it at once. If not (a pager where nobody
 * turns the page, a terminal that was stopped), lines wait in memory and are written with a later
 * one; what there is no room for is counted. Only at the end, when nothing is left that a signal
 * could harm, standard error is waited for:
 *
 *     add a   written      add b   waits      add c   waits, and b is tried again     end   b, c
 */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

struct messages {
    bool open;
    int fd;
    char *waiting; /* lines; NULL until one has to wait */
    size_t size;
    unsigned long long lost;
};

/* Adds a line, which text is without its end. A zeroed struct is ready for the first. */
void messages_add(struct messages *m, const char *text);

/* Waits for standard error to take all that has not been written, and says how many were lost. */
void messages_end(struct messages *m);

/* The same without waiting for anybody. */
void messages_leave(struct messages *m);

#endif
