/*
 * What is said on standard error: plain lines, as hadoop fs has them, and log lines in the form of
 * Hadoop's own, which programs read:
 *
 *     26/11/27 12:00:00 INFO mapreduce.Job: Running job: job_1764244800000_0001
 */
#ifndef HADOOP_SAY_H
#define HADOOP_SAY_H

#include "mapreduce.h"

/* A line as it is. */
void say_plain(const char *text);

/* Bytes as they are; what cannot be written is lost, and nothing else. */
void say_bytes(const char *bytes, size_t size);

/* A log line, or several, which are made printable: level is INFO, WARN or ERROR. */
void say_log(const char *level, const char *logger, const char *text);

/* What went wrong, as "name: text". */
void say_failure(const char *name, const struct mr_error *err);

#endif
