/*
 * Gathering: a record that comes in parts becomes one chunk, for jobs that want their records
 * whole. With a buffer of four bytes, the line "to be or"
 *
 *     parts     FIRST "to b"   MIDDLE "e o"   LAST "r\n"
 *     chunk     WHOLE "to be or\n"
 */
#ifndef MR_MAP_GATHER_H
#define MR_MAP_GATHER_H

#include "base/buffer.h"
#include "mapreduce.h"

struct mr_gatherer {
    struct mr_buffer bytes; /* of the record, so far; MR_CHUNK_PAD more are there */
    uint64_t offset;        /* where it begins, */
    bool begins_file;       /* and whether that is the file's beginning */
    size_t max;             /* bytes of a record at most */
};

/* The bytes of a record that fit into so many bytes of memory, at most. */
size_t mr_gather_max(size_t memory);

/* Takes a chunk. Returns 1 when *chunk is to be mapped: it was whole, or is now that it was the
 * last part, and stands until the next call; 0 when there are more parts; or -1. */
int mr_gather(struct mr_gatherer *g, struct mr_chunk *chunk, struct mr_error *err);

void mr_gatherer_free(struct mr_gatherer *g);

#endif
