/* The process that feeds a program: lines from wc-mr, turned into those that Hadoop would give. */
#ifndef HADOOP_FEEDER_H
#define HADOOP_FEEDER_H

#include "records.h"

/* Turns all of one descriptor into another, until the input ends or nobody reads on. A byte order
 * mark at the beginning goes where it is the beginning of a file. What was done so far is told in
 * the records, which may be in shared memory. Returns 0, or -1 with errno set. */
int feeder_run(struct records *r, int from, int to, bool from_file_start);

/* How many bytes a byte order mark has at the beginning of these. */
size_t feeder_mark(const char *bytes, size_t size);

/* Writes all. Returns 0, or -1 with errno set. */
int feeder_write(int fd, const char *bytes, size_t size);

#endif
