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
#ifndef MR_PROGRAM_MESSAGES_H
#define MR_PROGRAM_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

struct mr_messages {
    const char *program; /* each line begins with it */
    bool open;
    int fd;
    char *waiting; /* lines; NULL: there is no memory to keep any */
    size_t size;
    unsigned long long lost;
};

/* Adds a line, which text is without its end. A struct that has nothing but the program is ready
 * for the first. */
void mr_messages_add(struct mr_messages *m, const char *text);

/* Waits for standard error to take all that has not been written, and says how many were lost. */
void mr_messages_end(struct mr_messages *m);

/* The same without waiting for anybody. */
void mr_messages_leave(struct mr_messages *m);

#endif
