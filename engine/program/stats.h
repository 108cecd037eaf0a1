/* The figures of a run (--stats): for a person, or as JSON for a program (--stats=json). */
#ifndef MR_PROGRAM_STATS_H
#define MR_PROGRAM_STATS_H

#include "mapreduce.h"
#include "program/json.h"

enum mr_stats { MR_STATS_NONE, MR_STATS_TEXT, MR_STATS_JSON };

/* Prints them on standard error. */
void mr_stats_print(const struct mr_report *report, const struct mr_job *job, enum mr_stats how);

/* Writes them as the members of an object that is open; the manual has their names. */
void mr_stats_put(struct mr_json *j, const struct mr_report *report, const struct mr_job *job);

#endif
