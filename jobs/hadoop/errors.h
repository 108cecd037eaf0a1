/*
 * What a program says on standard error, line by line: those that begin with the prefix are for
 * Hadoop (reporter:counter:GROUP,NAME,AMOUNT and reporter:status:TEXT), all others go to a log.
 * Any line is a sign of life, which wc-mr is told of (alive.h).
 */
#ifndef HADOOP_ERRORS_H
#define HADOOP_ERRORS_H

#include "counters.h"

#include <stdint.h>

enum { ERROR_LINE = 64 << 10 }; /* a longer line is logged in parts */

struct errors {
    const char *prefix;
    int log; /* a descriptor */
    struct counters counters;
    int64_t told; /* when wc-mr was last told (alive.h) */
    size_t fill;
    char line[ERROR_LINE];
};

/* Takes bytes as they come. */
void errors_take(struct errors *e, const char *bytes, size_t size);

/* Takes the last line, if it has no end. */
void errors_end(struct errors *e);

#endif
