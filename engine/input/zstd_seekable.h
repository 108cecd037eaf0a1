/*
 * Zstd's seekable format: a table behind the last frame says of each how large it is and how much
 * it holds, which the frames themselves need not say.
 *
 *     frames   5E 2A 4D 18  size (4)   table   count (4)  flags  B1 EA 92 8F
 *     table    size (4)  holds (4)  [checksum (4)], of each frame
 */
#ifndef MR_INPUT_ZSTD_SEEKABLE_H
#define MR_INPUT_ZSTD_SEEKABLE_H

#include "input/decode.h"
#include "input/peek.h"

/* A way through the table, from its first frame to its last; begins with all 0. */
struct mr_zstd_seekable {
    struct mr_peek peek;
    bool looked_for;
    uint64_t at, place; /* of the next entry, and of its frame */
    uint64_t left;      /* entries */
    unsigned entry;     /* bytes of one */
};

/* Finds the frame at a place of the file that is looked at, which is behind the one found before.
 * Returns 1, 0 where there is no table or it has no frame there, or -1. */
int mr_seekable_find(struct mr_zstd_seekable *s, const struct mr_peek *file, uint64_t at,
                     struct mr_member *member, struct mr_error *err);

#endif
