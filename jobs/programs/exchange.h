/*
 * An exchange with a program: what is fed to it goes to its standard input, what it writes to
 * standard output comes back as lines, and what it writes to standard error goes to a reporter.
 *
 *     feed "b\na\n"  ──▶  sort  ──▶  lines "a", "b"
 *                          └──────▶  reporter
 *
 * One loop waits for whatever the program does next: so it may write before it reads, read all
 * before it writes, or close any of the three, and neither side ever waits for the other in vain. A
 * program that does not read further is fed no further: it may have seen enough, as head has. Its
 * status tells whether that was right.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "child.h"
#include "gathering.h"
#include "line_cutter.h"
#include "reporter.h"

struct exchange {
    struct mr_context *context; /* of the task that it is for */
    struct child child;
    struct line_cutter output, errors;
    struct reporter reporter;
    uint64_t fed; /* bytes that it was given, without those that it will never read */
    struct gathering gathering; /* of its output */
    int unread;    /* its input, once that has ended, to see that it reads on; -1: not looked at */
    int unread_size; /* at the last look */
    bool open;
};

/* How a program ended that has failed, for a message. */
struct exchange_end {
    char how[128];        /* "ended with status 3" */
    char last_words[32 + REPORTER_LINES * (REPORTER_KEPT + 4)]; /* "; its last words: ...", or
                                                                   nothing */
};

/* Starts a command. take gets each line of its output, several where they may come together, or a
 * part of one (line_cutter.h), with the context, and returns 0 or -1. What else the program says,
 * and that it gets on, is told by way of the context. Returns 0 or -1; close it in either case. */
int exchange_open(struct exchange *x, const char *command, struct mr_context *context,
                  int (*take)(void *context, const unsigned char *bytes, size_t size,
                              enum mr_part part),
                  bool together);

/* Has so many bytes at most that it was fed be unread, if that can be; 4 KB is the least. */
void exchange_limit(struct exchange *x, size_t bytes);

/* Feeds bytes to it: all, unless it reads no further. Returns 0, or -1, as when it has failed. */
int exchange_feed(struct exchange *x, const unsigned char *bytes, size_t size);

/* Waits until it has read what it was fed and had a moment to do something about it, or does not
 * read on, as one that waits for more at once may. Returns 0, or -1, as when it has failed. */
int exchange_settle(struct exchange *x);

/* Whether it reads no further. */
bool exchange_is_sated(const struct exchange *x);

/* Ends its input, takes what it still writes, and waits for its end. Returns 0, or -1, as when it
 * has failed. */
int exchange_finish(struct exchange *x);

/* Ends what is left of it. */
void exchange_close(struct exchange *x);

/* Puts how it ended into words. Returns false where that was not wrong. */
bool exchange_explain(const struct exchange *x, struct exchange_end *end);

#endif
