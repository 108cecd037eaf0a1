/*
 * Messages: lines on standard error that a run never waits for.
 *
 * A line is written when it is added, if standard error takes it without blocking. If not (a pager
 * that is not read, a stopped terminal), lines wait in memory and are written with a later one;
 * lines that do not fit are counted as lost. Only at the end, when there is nothing left to clean
 * up, the write may block:
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
    bool drawn; /* such a line is shown (mr_messages_draw) */
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
 * a message. Nothing is shown where the terminal does not take it without blocking, or another
 * program is in its foreground. The cursor is left at the line's beginning: when the terminal gets
 * narrower and wraps the line, all of it still stands behind the cursor and can be cleared. */
void mr_messages_draw(struct mr_messages *m, const char *line);

/* Clears the line that is shown, if there is one. */
void mr_messages_hide(struct mr_messages *m);

/* The columns of the terminal that standard error is; 0: it is none that lines can be drawn on. */
unsigned mr_messages_width(void);

/* Waits for standard error to take all that has not been written, and says how many were lost. */
void mr_messages_end(struct mr_messages *m);

/* The same without blocking: what is not taken is lost. */
void mr_messages_leave(struct mr_messages *m);

#endif
