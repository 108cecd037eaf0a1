/*
 * What outputs that are whole or absent (atomic) have in common: each is made in the same directory
 * without its name, is synced to the disk, gets its name, and then that is synced, too.
 */
#ifndef MR_WRITE_WHOLE_H
#define MR_WRITE_WHOLE_H

#include "mapreduce.h"

/* Fails with "cannot write 'path'" and errno's meaning, for good. Returns -1. */
int mr_cannot_write(const char *path, struct mr_error *err);

/* Where result is below 0, adds to err what to do about a directory in which nothing can be made.
 * Returns result. */
int mr_whole_advise(int result, struct mr_error *err);

/* Syncs what was written to fd, of path, to the disk, if it is on one. The second closes fd as
 * well. Return 0 or -1. */
int mr_whole_sync(int fd, const char *path, struct mr_error *err);
int mr_whole_close(int fd, const char *path, struct mr_error *err);

/* Says that path is whole, but that syncing its name to the disk has failed (errno). Returns -1. */
int mr_whole_not_synced(const char *path, struct mr_error *err);

#endif
