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
    bool drawn; /* a line is shown that is not to stay */
    int fd;
    char *waiting; /* lines; NULL: there is no memory to keep any */
    size_t size;
    unsigned long long lost;
};

/* Adds a line, which text is without its end. A struct that has nothing but the program is ready
 * for the first. */
void mr_messages_add(struct mr_messages *m, const char *text);

/* The same without the program's name. */
void mr_messages_add_bare(struct mr_messages *m, const char *text);

/* Shows a line at the bottom of a terminal, in the place of the one that was shown, until there is
 * a message. Nothing is where the terminal does not take it at once, or another program has it.
 * The cursor stands at its beginning: so what a terminal does when it gets narrower, which may make
 * several lines of it, begins at the cursor too, and all of it can be cleared from there. */
void mr_messages_draw(struct mr_messages *m, const char *line);

/* Takes it away, if there is one. */
void mr_messages_hide(struct mr_messages *m);

/* The columns of the terminal that standard error is; 0: it is none that lines can be drawn on. */
unsigned mr_messages_width(void);

/* Waits for standard error to take all that has not been written, and says how many were lost. */
void mr_messages_end(struct mr_messages *m);

/* The same without waiting for anybody. */
void mr_messages_leave(struct mr_messages *m);

#endif
