/* The figures of a run, for a person (--stats). */
#ifndef MR_PROGRAM_STATS_H
#define MR_PROGRAM_STATS_H

#include "mapreduce.h"

/* Prints them on standard error. */
void mr_stats_print(const struct mr_report *report, const struct mr_job *job);

#endif
