/* The command line: options and operands to a job and its configuration. */
#ifndef MR_PROGRAM_ARGUMENTS_H
#define MR_PROGRAM_ARGUMENTS_H

#include "base/buffer.h"
#include "program/catalog.h"
#include "program/meter.h"
#include "program/name_list.h"
#include "program/options.h"
#include "program/stats.h"

enum mr_arguments_end {
    MR_ARGUMENTS_RUN, MR_ARGUMENTS_HELP, MR_ARGUMENTS_VERSION, MR_ARGUMENTS_JOBS,
    MR_ARGUMENTS_WRONG
};

enum { MR_SIDE_FILES_MAX = 4 };

struct mr_arguments {
    const struct mr_job *job;
    const char *job_given; /* what --job says; NULL: there is none */
    void *state;           /* the job's, set by its options */
    struct mr_job fitted;  /* the job, fitted to its options */
    struct mr_options options;
    struct mr_config config;
    bool order_given, format_given; /* else they are the job's */
    const char *help;      /* what it is asked of; NULL: of the program */
    enum mr_stats stats;
    bool verbose, dry;
    enum mr_progress_when progress;
    const char *side_files[MR_SIDE_FILES_MAX]; /* files that listeners write */
    const char *trace, *page;          /* two of them; NULL: none; page may be "-" */
    struct mr_name_list names; /* what --files0-from lists */
    struct mr_buffer read_files; /* pointers to the names of those that the job's options read */
};

/* Reads the command line. Returns what to do; for MR_ARGUMENTS_WRONG err says why, and exit_status
 * is then 2 for wrong usage, 1 for a job or a list that cannot be read. Free a in any case. */
enum mr_arguments_end mr_arguments_read(struct mr_arguments *a, const struct mr_catalog *jobs,
                                        int argc, char **argv, int *exit_status,
                                        struct mr_error *err);

void mr_arguments_free(struct mr_arguments *a);

#endif
