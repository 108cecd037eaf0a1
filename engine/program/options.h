/*
 * Options: the engine's, from one table, and a job's own, as one table for getopt_long.
 *
 * A letter that both have is the job's: with a job's -v, --verbose has no letter; its name always
 * works. A long name that both have is a mistake of the job, which is refused.
 */
#ifndef MR_PROGRAM_OPTIONS_H
#define MR_PROGRAM_OPTIONS_H

#include "mapreduce.h"

#include <getopt.h>

/* The engine's options. */
enum mr_option_code {
    MR_OPTION_FIRST = 256, /* letters are smaller */
    MR_OPTION_RECURSIVE = MR_OPTION_FIRST, MR_OPTION_ALL,
    MR_OPTION_FILES0_FROM, MR_OPTION_FORCE_BYTES, MR_OPTION_ENCODING, MR_OPTION_TOP,
    MR_OPTION_SORT, MR_OPTION_REVERSE, MR_OPTION_FORMAT, MR_OPTION_BY_FILE,
    MR_OPTION_DOCUMENTS, MR_OPTION_MIN_DOCUMENTS, MR_OPTION_MAX_DOCUMENTS,
    MR_OPTION_PERCENT, MR_OPTION_OTHERS,
    MR_OPTION_OUTPUT, MR_OPTION_OUTPUT_DIR, MR_OPTION_OVERWRITE,
    MR_OPTION_ORDERED_PARTS, MR_OPTION_MAPPERS, MR_OPTION_REDUCERS,
    MR_OPTION_MEMORY, MR_OPTION_TEMP_DIR, MR_OPTION_SPLIT_SIZE, MR_OPTION_COMPRESS,
    MR_OPTION_MAX_ATTEMPTS, MR_OPTION_SKIP_BAD_RECORDS, MR_OPTION_BAD_RECORDS,
    MR_OPTION_TASK_TIMEOUT,
    MR_OPTION_WORK_DIR, MR_OPTION_RESUME, MR_OPTION_CHAOS, MR_OPTION_DRY_RUN,
    MR_OPTION_STATS, MR_OPTION_VERBOSE,
    MR_OPTION_PROGRESS, MR_OPTION_TRACE, MR_OPTION_REPORT,
    MR_OPTION_JOB, MR_OPTION_LIST_JOBS, MR_OPTION_HELP, MR_OPTION_VERSION, MR_OPTION_KERNEL,
    MR_OPTION_OWN /* the job's, from here on */
};

struct mr_engine_option {
    enum mr_option_code code;
    int letter; /* 0: none */
    const char *name, *argument;
    const char *help; /* NULL: not shown */
};

enum { MR_OWN_OPTIONS_MAX = 64, MR_OPTIONS_MAX = 48 + MR_OWN_OPTIONS_MAX };

/* What getopt_long is to know. */
struct mr_options {
    const struct mr_job *job;
    const struct mr_job *const *jobs; /* all of the program, ended by NULL; NULL: there is one */
    struct option longs[MR_OPTIONS_MAX + 1];
    char shorts[3 * MR_OPTIONS_MAX + 2];
    size_t count, size; /* of longs and shorts */
};

/* Makes the table of the options of a job, which may be one of several in the program (else jobs is
 * NULL). Returns 0, or -1 for options that the job cannot have. */
int mr_options_make(struct mr_options *o, const struct mr_job *job,
                    const struct mr_job *const *jobs, struct mr_error *err);

bool mr_options_has(const struct mr_options *o, enum mr_option_code code);

/* The engine's option of a code, with the letter that the job leaves it. */
struct mr_engine_option mr_options_get(const struct mr_options *o, enum mr_option_code code);

/* The name of a long option that a mistyped one is nearest to, if it is near; or NULL. */
const char *mr_options_near(const struct mr_options *o, const char *given);

/* The job's option that getopt_long has found, or NULL. */
const struct mr_option *mr_options_own(const struct mr_options *o, int found);

/* The engine's option that getopt_long has found, which is none of the job's. */
enum mr_option_code mr_options_code(int found);

/* Says what is wrong with an option that getopt_long does not take; found is what it returned, ':'
 * for a missing argument, otherwise '?'. Returns -1. */
int mr_options_refuse(const struct mr_options *o, int found, char **argv, struct mr_error *err);

/* How messages call one of the engine's options: "--top (-n)". */
struct mr_option_name {
    char text[48];
};
struct mr_option_name mr_options_name(const struct mr_options *o, enum mr_option_code code);

/* The same of one of the job's. */
struct mr_option_name mr_options_own_name(const struct mr_option *own);

#endif
