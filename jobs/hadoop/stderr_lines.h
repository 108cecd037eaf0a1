/*
 * What a program says on standard error, line by line: those that begin with the prefix are for
 * Hadoop (reporter:counter:GROUP,NAME,AMOUNT and reporter:status:TEXT), all others go to a log.
 * For any line, wc-mr is sent a heartbeat (heartbeat.h).
 */
#ifndef HADOOP_STDERR_LINES_H
#define HADOOP_STDERR_LINES_H

#include "counters.h"

#include <stdint.h>

enum { ERROR_LINE = 64 << 10 }; /* a longer line is logged in parts */

struct stderr_lines {
    const char *prefix;
    int log; /* a descriptor */
    struct counters counters;
    int64_t heartbeat; /* when the last was sent (heartbeat.h) */
    size_t fill;
    char line[ERROR_LINE];
};

/* Takes bytes as they come. */
void stderr_lines_take(struct stderr_lines *e, const char *bytes, size_t size);

/* Takes the last line, if it has no end. */
void stderr_lines_end(struct stderr_lines *e);

#endif
