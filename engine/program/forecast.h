/* What a run would do, for a person (--dry-run). */
#ifndef MR_PROGRAM_FORECAST_H
#define MR_PROGRAM_FORECAST_H

#include "mapreduce.h"

/* Prints it on standard output. */
void mr_forecast_print(const struct mr_forecast *f, const struct mr_config *config);

#endif
