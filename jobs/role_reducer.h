/* The word count as a combiner or a reducer. */
#ifndef ROLE_REDUCER_H
#define ROLE_REDUCER_H

#include "wordcount.h"

/* Records on standard input, sorted, to one record a word (ROLE_COMBINER), or to lines of a format
 * of those that filters keep (ROLE_REDUCER). Of report, input_bytes, records, which are those read,
 * distinct and written are filled in. Returns 0 or -1. */
int role_reducer_run(const struct wordcount *w, enum mr_format format, struct mr_report *report,
                     struct mr_error *err);

#endif
