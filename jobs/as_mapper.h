/* The word count as a mapper. */
#ifndef AS_MAPPER_H
#define AS_MAPPER_H

#include "wordcount.h"

/* Text on standard input to records. Returns 0 or -1. */
int as_mapper_run(const struct mr_job *job, const struct wordcount *w,
                  const struct mr_config *config, struct mr_report *report, struct mr_error *err);

#endif
