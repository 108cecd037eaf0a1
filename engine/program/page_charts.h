/* The charts of a page about a run, over time: what each worker did, and the curves of speed,
 * memory and disk, with their figures in a table. */
#ifndef MR_PROGRAM_PAGE_CHARTS_H
#define MR_PROGRAM_PAGE_CHARTS_H

#include "program/history.h"

#include <stdio.h>

/* Writes the time line: a row of attempts for each worker, and for what reads streams. */
void mr_page_time_line_write(FILE *f, const struct mr_history *history);

/* Writes the curves; nothing, where there are too few samples for any. */
void mr_page_curves_write(FILE *f, const struct mr_history *history);

#endif
