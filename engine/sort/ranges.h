/*
 * Ranges: the total order cut into parts of about equal size, to be merged side by side.
 *
 * A run's sample points stand for what its records weigh until the next one. Sorted together, the
 * points at 1/n, 2/n ... of the weight are the bounds (sample sort). A run of few blocks has too
 * few points, its first record maybe standing for all: of such a run, records are taken.
 */
#ifndef MR_SORT_RANGES_H
#define MR_SORT_RANGES_H

#include "sort/run.h"

/* Finds up to ranges - 1 bounds, in order, between equal parts of all the files' runs, whose
 * blocks hold up to payload_max bytes. Returns how many there are, or -1. bounds has room for
 * ranges - 1. */
int mr_ranges_find(struct mr_point *bounds, size_t ranges, const struct mr_runs *files,
                   size_t file_count, size_t payload_max, const struct mr_store *store,
                   struct mr_ordering order, struct mr_error *err);

#endif
