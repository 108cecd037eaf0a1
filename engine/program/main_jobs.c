/* A program of several jobs: by itself, as only these need what loads jobs. */
#include "program/load_job.h"
#include "program/program.h"

int mr_main_jobs(const char *name, const struct mr_job *const *jobs, int argc, char **argv)
{
    return mr_main_jobs_by(mr_run, NULL, NULL, name, jobs, argc, argv);
}

int mr_main_jobs_by(mr_runner *run, mr_watch_check *check, mr_job_adapter *adapt, const char *name,
                    const struct mr_job *const *jobs, int argc, char **argv)
{
    const struct mr_catalog catalog = { .jobs = jobs, .load = mr_load_job, .run = run,
                                        .check = check, .adapt = adapt };
    return mr_program_run(name, &catalog, argc, argv);
}
