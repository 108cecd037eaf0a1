/* What is wrong with a run's configuration whatever its inputs are, be it a command line's or a
 * program's: by itself, and for a job. */
#ifndef MR_BASE_CONFIG_H
#define MR_BASE_CONFIG_H

#include "mapreduce.h"

/* Checks that nothing is asked for without what it is about. Returns 0, or -1 with what is wrong
 * named in err. */
int mr_config_check(const struct mr_config *c, struct mr_error *err);

/* Checks that a job, fitted to its options, makes what is asked for. Returns 0, or -1 with what it
 * does not make in err. */
int mr_config_suits(const struct mr_config *c, const struct mr_job *job, struct mr_error *err);

/* Checks of an option, "percent" say, that a job makes what it is about, whatever else is asked
 * for. Returns 0, or -1 with what it does not make in err. */
int mr_config_suits_option(const char *name, const struct mr_job *job, struct mr_error *err);

/* Checks that a job is given as many files as it takes. extra is the first that is one too many, or
 * NULL. Returns 0 or -1. */
int mr_config_check_count(const struct mr_job *job, size_t count, const char *extra,
                          struct mr_error *err);

#endif
