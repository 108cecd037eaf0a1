/*
 * Calling the job's map: with a mark of where in the input it is, and record by record where an
 * earlier attempt died (base/bad_records.h).
 */
#ifndef MR_MAP_CALL_MAP_H
#define MR_MAP_CALL_MAP_H

#include "map/emit.h"

/* Hands a chunk to the job's map. Returns 0 or -1. */
int mr_call_map(struct mr_mapper *m, const struct mr_chunk *chunk);

#endif
