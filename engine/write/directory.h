/*
 * An output that is a directory of parts. It is made next to its place, in a marked directory
 * (store/marked_directory.h) that nobody else can enter, and is moved there when it is whole:
 *
 *     .wc-mr-a1B2c3/wc-mr-marker
 *     .wc-mr-a1B2c3/whole/part-r-00000, part-r-00001, _SUCCESS  ->  counts/
 *
 * One that is to replace another changes places with it: so at each moment one of the two is whole
 * in its place. The other is removed then, as what was not finished would be.
 */
#ifndef MR_WRITE_DIRECTORY_H
#define MR_WRITE_DIRECTORY_H

#include "mapreduce.h"
#include "store/marked_directory.h"

struct mr_parts {
    char *path;              /* wanted */
    char name[MR_NAME_SIZE]; /* its last name */
    struct mr_marked_directory marked; /* where it is made */
    int fd;                  /* the directory itself, or -1 */
    bool overwrite;          /* it may replace another output */
    /* In a worker, one part at a time: */
    int part_fd; /* or -1 */
    uint32_t part;
};

#define MR_PARTS_NONE \
    ((struct mr_parts){ .marked = MR_MARKED_NONE, .fd = -1, .part_fd = -1 })

/* Returns 0, or -1 where there is something already that a directory would be made in the place of;
 * with overwrite that may be an output: a directory of this user's that has parts and an empty
 * _SUCCESS, and nothing else. */
int mr_parts_check(const char *path, bool overwrite, struct mr_error *err);

/* Begins a directory that is to be at path, where only what the check allows may be. Returns 0 or
 * -1; close it in either case. */
int mr_parts_open(struct mr_parts *d, const char *path, bool overwrite, struct mr_error *err);

/* Writes n bytes that belong at byte `at` of a part (in a worker). Returns 0 or -1. */
int mr_parts_write(struct mr_parts *d, uint32_t part, uint64_t at, const void *bytes,
                   size_t n, struct mr_error *err);

/* Ends a part of n bytes: it goes to the disk, and is made where it has none. Returns 0 or -1. */
int mr_parts_end(struct mr_parts *d, uint32_t part, uint64_t n, struct mr_error *err);

/* Puts the whole directory in its place. Returns 0 or -1. */
int mr_parts_commit(struct mr_parts *d, struct mr_error *err);

/* Removes what was not committed. */
void mr_parts_close(struct mr_parts *d);

/* Removes, from where the directory is made, what dead runs left. */
void mr_parts_sweep(const struct mr_parts *d);

#endif
