/* Loading a job from a file of its own. */
#ifndef MR_PROGRAM_LOAD_JOB_H
#define MR_PROGRAM_LOAD_JOB_H

#include "mapreduce.h"

/* Returns the job, or NULL where the file is none of a job, or of one that was compiled for another
 * version of the engine. */
const struct mr_job *mr_load_job(const char *path, struct mr_error *err);

#endif
