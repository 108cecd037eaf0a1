/* The figures of a run (--stats): for a person, or as JSON for a program (--stats=json). */
#ifndef MR_PROGRAM_STATS_H
#define MR_PROGRAM_STATS_H

#include "mapreduce.h"
#include "program/json.h"

enum mr_stats { MR_STATS_NONE, MR_STATS_TEXT, MR_STATS_JSON };

/* Of each stage, what this run has done of it: of tasks that an earlier run had done, neither the
 * seconds are known nor do the bytes count. */
struct mr_stage_figures {
    const char *name; /* "map", "reduce", "merge" */
    uint64_t tasks, resumed; /* all; of them, those of an earlier run */
    double seconds;
    uint64_t bytes; /* a second of these is its speed: the input's, the shuffled, the output's */
};

enum { MR_STATS_STAGES = 3 };

/* Fills in MR_STATS_STAGES of them, in their order. */
void mr_stats_stages(const struct mr_report *report, struct mr_stage_figures *at);

/* Prints them on standard error. */
void mr_stats_print(const struct mr_report *report, const struct mr_job *job, enum mr_stats how);

/* Writes them as the members of an object that is open; the manual has their names. */
void mr_stats_put(struct mr_json *j, const struct mr_report *report, const struct mr_job *job);

#endif
