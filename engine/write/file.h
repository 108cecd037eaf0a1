/*
 * An output that is a file: written under another name beside the wanted one and renamed when
 * whole, so a reader never sees half of it and a failed run changes nothing.
 *
 * Text is written at its place, counted from the file's first byte. Processes so write side by
 * side, and what a dead one wrote is written over by the next attempt:
 *
 *     range 0 |----->      | range 1 |--->          | range 2 |
 */
#ifndef MR_WRITE_FILE_H
#define MR_WRITE_FILE_H

#include "mapreduce.h"

struct mr_file {
    int fd;
    char *path;   /* wanted */
    char *hidden; /* the name it has until it is whole; NULL: none */
};

/* Begins a file that is to be at path, through links. Returns 0 or -1; close it in either case. */
int mr_file_open(struct mr_file *f, const char *path, struct mr_error *err);

/* Writes n bytes that belong at byte `at`. Returns 0 or -1. */
int mr_file_write(struct mr_file *f, uint64_t at, const void *bytes, size_t n,
                  struct mr_error *err);

/* What was written from byte `from` on begins to go to the disk. */
void mr_file_end(struct mr_file *f, uint64_t from, uint64_t n);

/* Puts the whole file in its place. Returns 0 or -1. */
int mr_file_commit(struct mr_file *f, struct mr_error *err);

/* Removes what was not committed. */
void mr_file_close(struct mr_file *f);

/* Removes, from where the file is made, what dead runs left. */
void mr_file_sweep(const struct mr_file *f);

#endif
