/* The command line: options and operands to a job's configuration. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "mapreduce.h"

enum arguments_end { ARGUMENTS_RUN, ARGUMENTS_HELP, ARGUMENTS_VERSION, ARGUMENTS_WRONG };

struct arguments {
    struct mr_config config;
    bool stats, verbose;
    void *state;  /* the job's, set by its options */
    char **names; /* the operands, or what --files0-from lists */
    size_t name_count;
    char *list;   /* --files0-from's bytes, which names then point into */
};

/* Reads the command line for a job. Returns what to do; for ARGUMENTS_WRONG err says why.
 * exit_status is then 2 for wrong usage, 1 for a list of files that cannot be read. */
enum arguments_end arguments_read(struct arguments *a, const struct mr_job *job, int argc,
                                  char **argv, int *exit_status, struct mr_error *err);

/* Prints the help. Returns what printf does. */
int arguments_help(const struct mr_job *job);

void arguments_free(struct arguments *a);

#endif
