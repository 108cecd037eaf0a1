/* Running jobs: as mr_run does, or the word count in a role (role.h). */
#ifndef ROLE_RUNNER_H
#define ROLE_RUNNER_H

#include "mapreduce.h"

/* Whether an option that watches a run can be had: an mr_watch_check. */
int role_check(const struct mr_job *job, const void *state, const char *option,
               struct mr_error *err);

/* Runs a job: an mr_runner. */
int role_run(const struct mr_job *job, const void *state, const struct mr_config *config,
             struct mr_report *report, struct mr_error *err);

#endif
