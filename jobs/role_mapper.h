/* The word count as a mapper. */
#ifndef ROLE_MAPPER_H
#define ROLE_MAPPER_H

#include "wordcount.h"

/* Text on standard input to records. Returns 0 or -1. */
int role_mapper_run(const struct mr_job *job, const struct wordcount *w,
                    const struct mr_config *config, struct mr_report *report, struct mr_error *err);

#endif
