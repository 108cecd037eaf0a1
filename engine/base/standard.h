/*
 * Standard descriptors, 0, 1 and 2, that are closed when the program begins. The next file that is
 * opened would get one's number, and be read or written in its place.
 */
#ifndef MR_BASE_STANDARD_H
#define MR_BASE_STANDARD_H

#include "base/error.h"

/* Fills closed standard descriptors. Their use still fails: each is open the wrong way round.
 * Returns 0 or -1. */
int mr_fill_standard_descriptors(struct mr_error *err);

#endif
