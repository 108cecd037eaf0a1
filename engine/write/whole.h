/*
 * What outputs that are whole or absent have in common: each is made out of sight beside its place,
 * is on the disk before it is put there, and has its name reach the disk, too.
 */
#ifndef MR_WRITE_WHOLE_H
#define MR_WRITE_WHOLE_H

#include "mapreduce.h"

/* Fails with "cannot write 'path'" and errno's meaning, for good. Returns -1. */
int mr_cannot_write(const char *path, struct mr_error *err);

/* Where result is below 0, adds to err what to do about a place in which nothing can be made.
 * Returns result. */
int mr_whole_advise(int result, struct mr_error *err);

/* Has what was written to fd, of path, reach the disk. What is no file on one has none to reach.
 * The second closes fd as well. Return 0 or -1. */
int mr_whole_sync(int fd, const char *path, struct mr_error *err);
int mr_whole_close(int fd, const char *path, struct mr_error *err);

/* Says that path is whole, but that its name has not been seen to reach the disk (errno). Returns
 * -1. */
int mr_whole_unsettled(const char *path, struct mr_error *err);

#endif
