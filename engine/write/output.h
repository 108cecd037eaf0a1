/*
 * The output: whole or absent.
 *
 * Standard output is written in place. A file is written under another name beside the wanted
 * one and renamed when whole, so a reader never sees half of it and a failed run changes
 * nothing. A directory of parts is made under another name too, and gets _SUCCESS last. Both are
 * on the disk before they get their name: not even a power cut leaves half of one under it.
 */
#ifndef MR_WRITE_OUTPUT_H
#define MR_WRITE_OUTPUT_H

#include "base/spool.h"

struct mr_output {
    int fd;       /* of the stream or file being written, or -1 */
    char *path;   /* wanted; NULL: standard output */
    char *hidden; /* the name it has until it is whole; NULL: none */
    int lock;     /* on what has that name */
    bool directory;
    uint64_t written; /* bytes of a file that count */
};

/* Opens the output that config asks for. Returns 0 or -1; close it in either case. */
int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err);

/* Removes, from where the output is made, what dead runs left under such names. */
void mr_output_sweep(const struct mr_output *o);

/* Cuts a file that can be cut back to what counts, should a worker have died while it wrote.
 * Returns 0 or -1. */
int mr_output_rewind(const struct mr_output *o, struct mr_error *err);

/* Writes text number `number` behind what was written (in a worker), raising progress. Returns 0
 * or -1; with a final error when some of it was written where it cannot be taken back. */
int mr_output_append(const struct mr_output *o, uint32_t number, const struct mr_spool *text,
                     const struct mr_store *store, _Atomic uint64_t *progress,
                     struct mr_error *err);

/* Writes text number `number` as that part of a directory (in a worker). Returns 0 or -1. */
int mr_output_part(const struct mr_output *o, uint32_t number, const struct mr_spool *text,
                   const struct mr_store *store, _Atomic uint64_t *progress,
                   struct mr_error *err);

/* Puts a whole output in its place. Returns 0 or -1. */
int mr_output_commit(struct mr_output *o, struct mr_error *err);

/* Removes what was not committed. */
void mr_output_close(struct mr_output *o);

#endif
