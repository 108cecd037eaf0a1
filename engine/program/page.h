/*
 * The page: one file of HTML that shows a run to a person (--report): what was asked and what came
 * out, a time line of all workers, speed and memory over time, partitions, slow tasks, failures;
 * where values are numbers, the first of them, and all by rank.
 *
 * It stands alone: no script, and nothing from elsewhere. Each figure stands in a table too, and
 * all of --stats=json in an element for programs. Whatever names are in it, they are text.
 */
#ifndef MR_PROGRAM_PAGE_H
#define MR_PROGRAM_PAGE_H

#include "base/buffer.h"
#include "program/history.h"

struct mr_page {
    const struct mr_job *job;
    const struct mr_report *report;
    const struct mr_history *history;
    const struct mr_ranking *ranking;
    char *const *argv; /* the command, ended by NULL */
    const char *why;   /* the run has failed; NULL: it has not */
};

/* Writes the page behind what is there. Returns 0, or -1 when memory is out. */
int mr_page_write(const struct mr_page *page, struct mr_buffer *to);

#endif
