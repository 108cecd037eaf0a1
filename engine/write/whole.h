/*
 * What outputs that are whole or absent have in common: each is made under a hidden name beside the
 * wanted one, is on the disk before it gets that, and has its name reach the disk, too.
 *
 *     book/.wc-mr-a1B2c3  ->  all written  ->  fsync  ->  rename to book/counts  ->  fsync of book
 */
#ifndef MR_WRITE_WHOLE_H
#define MR_WRITE_WHOLE_H

#include "mapreduce.h"

#include <sys/types.h>

/* Fails with "cannot write 'path'" and errno's meaning, for good. Returns -1. */
int mr_cannot_write(const char *path, struct mr_error *err);

/* Where result is below 0, adds to err what to do about a place in which nothing can be made.
 * Returns result. */
int mr_whole_advise(int result, struct mr_error *err);

/* The directory that path is in, from malloc; NULL without memory. */
char *mr_whole_parent(const char *path);

/* Makes and locks a file or directory under a hidden name in path's directory. Returns its
 * descriptor and puts the name into *hidden, from malloc; or returns -1 (errno), and no name. */
int mr_whole_make(char **hidden, const char *path, bool directory);

/* What the permissions of something new are, of those in mode. */
mode_t mr_whole_mode(mode_t mode);

/* Has what was written to fd, of path, reach the disk. What is no file on one has none to reach.
 * The second closes fd as well. Return 0 or -1. */
int mr_whole_sync(int fd, const char *path, struct mr_error *err);
int mr_whole_close(int fd, const char *path, struct mr_error *err);

/* Has path's new name reach the disk. Returns 0 or -1. */
int mr_whole_settle(const char *path, struct mr_error *err);

/* Says that this has failed (errno). Returns -1. */
int mr_whole_unsettled(const char *path, struct mr_error *err);

/* Removes from path's directory what dead runs left under hidden names. */
void mr_whole_sweep(const char *path);

#endif
