/* Running jobs: as mr_run does, or the word count in a role (role.h). */
#ifndef AS_H
#define AS_H

#include "mapreduce.h"

/* Runs a job: an mr_runner. */
int as_run(const struct mr_job *job, const void *state, const struct mr_config *config,
           struct mr_report *report, struct mr_error *err);

#endif
