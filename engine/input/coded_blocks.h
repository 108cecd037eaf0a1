/*
 * Blocks: parts of a compressed file that a table elsewhere in it tells of, and that cannot be
 * decoded without what that says of them.
 *
 * So that they can be, by the coding's decoder as ever, what is given of each is a member of its
 * own, which the library holds it to. For xz, whose table stands behind each stream:
 *
 *     file    head | block 1 | block 2 | table of both, foot
 *     given   head | block 1 | table of it, foot        head | block 2 | table of it, foot
 *
 * Block 1 begins where the file does, each other one where it stands, and each ends where the next
 * begins: what is between them is the table's, and was checked when that was read.
 */
#ifndef MR_INPUT_CODED_BLOCKS_H
#define MR_INPUT_CODED_BLOCKS_H

#include "input/decode.h"
#include "input/source.h"

/* How a coding does it; state is its own. */
struct mr_coded_blocks {
    /* Reads the table of an open file, and is before its first block. Returns 1 and the state to be
     * closed, 0 where the table is damaged or larger than is worth it, or -1. */
    int (*open)(void **state, const struct mr_source *source, int fd, struct mr_error *err);
    /* Goes on to the next block. Returns whether there is one, and its sizes. */
    bool (*next)(void *state, struct mr_member *member);

    /* Begins to give the blocks from the one on that begins at a place in the file. Returns whether
     * one does. */
    bool (*begin)(void *state, uint64_t from);
    /* Gives up to size bytes, 0 at the end. Returns how many, or -1. */
    ssize_t (*give)(void *state, unsigned char *to, size_t size, struct mr_error *err);
    /* How far in the file that has read, and where in it the byte stands that was given as the one
     * behind so many. */
    uint64_t (*taken)(const void *state);
    uint64_t (*place)(const void *state, uint64_t given);
    void (*close)(void *state);
};

extern const struct mr_coded_blocks mr_xz_blocks;

#endif
