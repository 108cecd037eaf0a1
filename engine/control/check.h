/* Whether a job and its configuration can be run: before anything is looked at. */
#ifndef MR_CONTROL_CHECK_H
#define MR_CONTROL_CHECK_H

#include "mapreduce.h"

/* Returns 0, or -1 with what is wrong named in err. */
int mr_check(const struct mr_job *job, const void *state, const struct mr_config *config,
             struct mr_error *err);

#endif
