/*
 * Splits: what one map task reads.
 *
 * A large plain file is cut into pieces; small files are packed together until they are a
 * split's worth. What is compressed is cut where one can tell where members of it begin, and how
 * much they hold (members.h). Else, and in another encoding, it is one piece, since it can only be
 * read from its start.
 * With a split size of 100, files of 250, 30, 30 and 60 bytes are
 *
 *     split 0: a[0, 83)   1: a[83, 166)   2: a[166, 250)   3: b c   4: d
 *
 * The splits are in the order of the input, and none has files from before and after a stream.
 */
#ifndef MR_INPUT_SPLIT_H
#define MR_INPUT_SPLIT_H

#include "input/source.h"

struct mr_split {
    size_t first, count; /* its pieces */
    uint64_t bytes;      /* of input, before decompression */
};

struct mr_splits {
    struct mr_piece *pieces;
    struct mr_split *at;
    size_t piece_count, count;
    size_t piece_capacity, capacity;
};

/* The size of splits for so many bytes: about 128 MiB, but never fewer than mappers. */
uint64_t mr_split_size(uint64_t bytes, unsigned mappers);

/* Plans the splits of all regular files. Streams are not planned: they are fed. Returns 0 or
 * -1; free it in either case. */
int mr_splits_plan(struct mr_splits *s, const struct mr_sources *sources, uint64_t size,
                   struct mr_error *err);

void mr_splits_free(struct mr_splits *s);

#endif
