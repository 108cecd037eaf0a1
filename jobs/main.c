/* wc-mr: the built-in jobs as one program. */
#include "jobs.h"

#define POINT_TO_JOB(job) &(job),

int main(int argc, char **argv)
{
    static const struct mr_job *const jobs[] = { BUILT_IN_JOBS(POINT_TO_JOB) NULL };
    return mr_main_jobs("wc-mr", jobs, argc, argv);
}
