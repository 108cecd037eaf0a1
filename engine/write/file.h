/*
 * An output that is a file: put in its place when whole, so a reader never sees half of it and a
 * failed run changes nothing.
 *
 * Until then it has no name (O_TMPFILE): whatever ends the run, nothing is left. Where nothing is
 * in its place, it gets its name by a link; else a hidden one, and is renamed over what is there.
 * Where the file system has no such files, it has the hidden name from the beginning.
 *
 *     (no name)  ->  all written  ->  fsync  ->  .wc-mr-a1B2c3d4E5f6g7H8  ->  counts
 *
 * Text is written at its place, counted from the file's first byte. Processes so write side by
 * side, and what a dead one wrote is written over by the next attempt:
 *
 *     range 0 |----->      | range 1 |--->          | range 2 |
 */
#ifndef MR_WRITE_FILE_H
#define MR_WRITE_FILE_H

#include "mapreduce.h"
#include "write/target.h"

struct mr_file {
    int fd;
    const char *path;               /* for messages */
    const struct mr_target *target; /* where it is to be */
    char hidden[32];                /* the name it may have in that directory before */
    bool named;                     /* this process has given it that */
};

/* Makes a file that is to be at target, for which path stands; both are there until it is closed.
 * What is there and cannot be replaced is refused; of what is replaced, owner, group, permissions
 * and access list are kept, as far as that is allowed. Returns 0 or -1; close it in either case. */
int mr_file_make(struct mr_file *f, const struct mr_target *target, const char *path,
                 struct mr_error *err);

/* Writes n bytes that belong at byte `at`. Returns 0 or -1. */
int mr_file_write(struct mr_file *f, uint64_t at, const void *bytes, size_t n,
                  struct mr_error *err);

/* What was written from byte `from` on begins to go to the disk. */
void mr_file_end(struct mr_file *f, uint64_t from, uint64_t n);

/* Cuts the file off behind its first n bytes. Returns 0 or -1. */
int mr_file_cut(struct mr_file *f, uint64_t n, struct mr_error *err);

/* Puts the whole file in its place. Returns 0 or -1. */
int mr_file_commit(struct mr_file *f, struct mr_error *err);

/* Removes what was not committed. */
void mr_file_close(struct mr_file *f);

#endif
