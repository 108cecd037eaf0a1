/*
 * Of a page about a run, how large its result's values are: the first words of a count as bars, and
 * rank against value, both on scales of powers of ten, where Zipf's law is a straight line:
 *
 *     1000 ┤·                the first has 1000,
 *      100 ┤  ·              the tenth 100,
 *       10 ┤    ·            the hundredth 10
 *          └┬─┬─┬─
 *           1 10 100
 */
#ifndef MR_PROGRAM_PAGE_RANKING_H
#define MR_PROGRAM_PAGE_RANKING_H

#include "base/ranking.h"

#include <stdio.h>

/* Writes that part of the page; nothing, where no value is known. */
void mr_page_ranking_write(FILE *f, const struct mr_job *job, const struct mr_ranking *ranking);

#endif
