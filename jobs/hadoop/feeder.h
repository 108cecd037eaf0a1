/* The process that feeds a program: lines from wc-mr, turned into those that Hadoop would give. */
#ifndef HADOOP_FEEDER_H
#define HADOOP_FEEDER_H

#include "framing.h"

/* Turns all of one descriptor into another, which it closes, until the input ends or nobody reads
 * on, and until all is read. What was done so far is told in the framing, which may be in shared
 * memory, and that the program reads on by heartbeats. Returns 0 or -1. */
int feeder_run(struct framing *f, int from, int to, struct mr_error *err);

/* Writes all. Returns 0, or -1 with errno set. */
int feeder_write(int fd, const char *bytes, size_t size);

#endif
