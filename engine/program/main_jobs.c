/* A program of several jobs: by itself, as only these need what loads jobs. */
#include "program/load.h"
#include "program/program.h"

int mr_main_jobs(const char *name, const struct mr_job *const *jobs, int argc, char **argv)
{
    const struct mr_catalog catalog = { jobs, mr_load_job };
    return mr_program_run(name, &catalog, argc, argv);
}
