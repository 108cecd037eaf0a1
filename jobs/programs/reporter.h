/*
 * A reporter: what a program writes to its standard error, as Hadoop Streaming understands it.
 *
 *     reporter:counter:words,long,3    adds 3 to the job's counter "words,long"
 *     reporter:status:half done        says how far it is
 *     anything else                    is passed on to this program's standard error
 *
 * The last lines that were passed on are kept, for the message that tells of a failure.
 */
#ifndef REPORTER_H
#define REPORTER_H

#include "mapreduce.h"

enum {
    REPORTER_LINES = 10, /* are kept, */
    REPORTER_KEPT = 120  /* bytes of each at most */
};

struct reporter {
    struct mr_context *context; /* where it counts, and says that it gets on */
    char lines[REPORTER_LINES][REPORTER_KEPT + 1];
    unsigned passed_on; /* lines so far */
    bool quiet;         /* nothing is passed on, or counted */
};

/* Takes a line, or a part of one, as a line cutter does (line_cutter.h); arg is the reporter.
 * Returns 0. */
int reporter_take(void *arg, const unsigned char *bytes, size_t size, enum mr_part part);

/* Whether a whole line is for it: a status, or a counter, to which it adds then. */
bool reporter_understands(const struct reporter *r, const unsigned char *line, size_t size);

/* Puts the last lines behind each other into text, from the first to the last. */
void reporter_last_lines(const struct reporter *r, char *text, size_t room);

#endif
