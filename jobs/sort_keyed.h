/* Lines sorted by keys. */
#ifndef SORT_KEYED_H
#define SORT_KEYED_H

#include "sort_options.h"

/* Fits the job to what was asked for, where that has keys. */
void sort_keyed_fit(const struct sort *s, struct mr_job *job);

#endif
