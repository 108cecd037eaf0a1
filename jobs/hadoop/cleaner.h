/*
 * A process that waits until a job has ended, with all that it has started, and then removes what
 * it has left. It knows by a pipe that they all hold: even when they are killed, it ends.
 */
#ifndef HADOOP_CLEANER_H
#define HADOOP_CLEANER_H

#include "mapreduce.h"

#include <sys/types.h>

struct cleaner {
    pid_t pid;
    int line;
};

/* Starts it; it will remove all three, as far as they are there. Returns 0 or -1. */
int cleaner_start(struct cleaner *c, const char *directory, const char *stage, const char *side,
                  struct mr_error *err);

/* Lets it do its work, and waits for that. */
void cleaner_end(struct cleaner *c);

#endif
