/*
 * What a task is told by the job, in two files of the job's directory, of texts that end with NUL:
 * map, combine or reduce (struct settings) and environment (NAME=VALUE).
 */
#ifndef HADOOP_SETTINGS_H
#define HADOOP_SETTINGS_H

#include "framing.h"
#include "mapreduce.h"
#include "text.h"

struct settings {
    struct framing input, output; /* what is done to records on both sides of the program */
    const char *prefix;           /* of lines on standard error that are for Hadoop */
    bool any_status;              /* one that is not 0 is no failure */
    struct list words;            /* the program; none: lines are handed on */
};

/* Returns 0 or -1. */
int settings_write(const struct settings *s, const char *path, struct mr_error *err);
int settings_read(struct settings *s, const char *path, struct mr_error *err);

/* The same for any texts. */
int settings_write_list(const struct list *l, const char *path, struct mr_error *err);
int settings_read_list(struct list *l, const char *path, struct mr_error *err);

#endif
