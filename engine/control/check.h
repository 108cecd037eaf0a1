/* Whether a job and its configuration can be run: before anything is looked at. */
#ifndef MR_CONTROL_CHECK_H
#define MR_CONTROL_CHECK_H

#include "mapreduce.h"

/* Sets *fitted to the job, fitted to its options. Returns 0, or -1 with what is wrong in err. */
int mr_check(const struct mr_job *job, const void *state, const struct mr_config *config,
             struct mr_job *fitted, struct mr_error *err);

#endif
