/*
 * Counters: a number for each name of each group. A task's are written to a file when it is done,
 * as lines of group TAB name TAB amount; the job adds those of all tasks.
 */
#ifndef HADOOP_COUNTERS_H
#define HADOOP_COUNTERS_H

#include "mapreduce.h"

struct counter {
    char *group, *name;
    int64_t amount;
};

struct counters {
    struct counter *at; /* by group, and of these by name */
    size_t count, room;
};

void counters_add(struct counters *c, const char *group, const char *name, int64_t amount);

/* Counts by "group,name,amount", with white space around each: three columns, the last a number
 * with or without a sign. Control characters in names become spaces. The text is changed.
 * Returns false where it is no counter. */
bool counters_understand(struct counters *c, char *text);

/* Writes them behind what is in a file. Returns 0, or -1 with errno set. */
int counters_write(const struct counters *c, const char *path);

/* Adds what is in a file; one that is not there has none. */
void counters_read(struct counters *c, const char *path);

/* Hadoop's text: "Counters: N", and below it groups and their counters. */
char *counters_text(const struct counters *c);

#endif
