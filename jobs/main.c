/*
 * wc-mr: the built-in jobs as one program.
 *
 * Options that only one job has say which job it is; then it need not be said:
 *
 *     wc-mr --mapper='cut -c 1-3' words    =    wc-mr --job=programs --mapper='cut -c 1-3' words
 */
#include "role_runner.h"
#include "early_options.h"
#include "cluster.h"
#include "jobs.h"
#include "mixed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINT_TO_JOB(job) &(job),

static char programs[] = "--job=programs";

static bool is_named(const char *name, size_t size, const char *option)
{
    return strlen(option) == size && strncmp(option, name, size) == 0;
}

/* Whether an option of that name says that programs are meant: one that these alone have. What
 * other programs than this call the word count's delimiter is --separator, too. */
static bool is_of_programs(const char *name, size_t size)
{
    if (is_named(name, size, "separator") || is_named(name, size, "field-separator"))
        return false;
    for (const struct mr_option *o = job_programs.options; o->name; o++)
        if (is_named(name, size, o->name))
            return true;
    return false;
}

/* Whether there is such an option, or the help of one is asked for. */
static bool wants_programs(int argc, char **argv)
{
    if (argc < 2 || strncmp(argv[1], "--job", 5) == 0)
        return false;
    const char *help = early_help_subject(argc, argv);
    return early_option_given(argc, argv, is_of_programs) ||
           (help && is_of_programs(help, strlen(help)));
}

int main(int argc, char **argv)
{
    static const struct mr_job *const jobs[] = { BUILT_IN_JOBS(POINT_TO_JOB) NULL };
    if (cluster_is_asked(argc, argv))
        return cluster_run(argc, argv);
    if (!wants_programs(argc, argv))
        return mr_main_jobs_by(role_run, role_check, mixed_make, "wc-mr", jobs, argc, argv);
    char **all = calloc((size_t)argc + 2, sizeof *all);
    if (all == NULL) {
        fputs("wc-mr: cannot get memory for the command line\n", stderr);
        return 1;
    }
    all[0] = argv[0];
    all[1] = programs;
    memcpy(all + 2, argv + 1, (size_t)(argc - 1) * sizeof *all);
    int status = mr_main_jobs_by(role_run, role_check, mixed_make, "wc-mr", jobs, argc + 1, all);
    free(all);
    return status;
}
