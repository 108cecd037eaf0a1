/* The jobs that a program has. */
#ifndef MR_PROGRAM_CATALOG_H
#define MR_PROGRAM_CATALOG_H

#include "mapreduce.h"

struct mr_catalog {
    const struct mr_job *const *jobs; /* ended by NULL; the first is run unless another is named */
    /* Loads the job of a file; NULL on failure. Is NULL where there is one job, never named. */
    const struct mr_job *(*load)(const char *path, struct mr_error *err);
    mr_runner *run; /* in the place of mr_run; NULL: that */
    mr_watch_check *check; /* what may be asked of it; NULL: all */
    mr_job_adapter *adapt; /* what is run in the place of a job; NULL: that */
};

/* The job of a name, which is a file's where it has a slash; NULL where there is none, or it cannot
 * be loaded. */
const struct mr_job *mr_catalog_find(const struct mr_catalog *c, const char *name,
                                     struct mr_error *err);

bool mr_is_job_file(const char *name);

#endif
