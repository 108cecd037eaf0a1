/* The process that feeds a program: lines from wc-mr, converted to those that Hadoop would give. */
#ifndef HADOOP_FEEDER_H
#define HADOOP_FEEDER_H

#include "framing.h"

/* Converts all that comes from one descriptor, and writes it to another, which it closes, until the
 * input ends or nobody reads on; then waits until all is read. The framing, which may be in shared
 * memory, counts what was done so far; while the program reads, heartbeats are sent. Returns 0 or
 * -1. */
int feeder_run(struct framing *f, int from, int to, struct mr_error *err);

/* Writes all. Returns 0, or -1 with errno set. */
int feeder_write(int fd, const char *bytes, size_t size);

#endif
