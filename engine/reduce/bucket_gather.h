/*
 * Gathering: the records of one bucket, from the blocks of all map tasks into the buffer, which is
 * spilled to a run each time that it is full.
 */
#ifndef MR_REDUCE_BUCKET_GATHER_H
#define MR_REDUCE_BUCKET_GATHER_H

#include "reduce/bucket_buffer.h"

/* Gathers the records of the partition's bucket of this number. Returns 0 or -1. */
int mr_sorted_gather(struct mr_sorted_bucket *b, uint32_t number);

#endif
