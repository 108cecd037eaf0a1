/*
 * What a name that the output is to have stands for. Links are followed here, one by one:
 *
 *     counts -> /data/x             the file x in /data: it is there, or can be made
 *     counts -> /dev/stdout -> /proc/self/fd/1      a descriptor that this process was given
 *
 * To open /proc/self/fd/1 would be no good: where it is a file, that has a new position then, at
 * its beginning, and nobody appends.
 */
#ifndef MR_WRITE_TARGET_H
#define MR_WRITE_TARGET_H

#include "mapreduce.h"

#include <sys/stat.h>

enum mr_target_kind {
    MR_TARGET_NEW,       /* nothing is there */
    MR_TARGET_FILE,      /* a regular file */
    MR_TARGET_DEVICE,    /* what cannot be replaced by a file: a pipe, a device, a socket */
    MR_TARGET_DESCRIPTOR /* open already, to be written */
};

struct mr_target {
    enum mr_target_kind kind;
    int descriptor;    /* of that kind; else -1 */
    int directory;     /* where all links have led: an open directory */
    char *name;        /* and a name in it */
    struct stat about; /* what is there */
};

#define MR_TARGET_NONE ((struct mr_target){ .descriptor = -1, .directory = -1 })

/* Finds out what path stands for; a directory is refused. Returns 0 or -1; free it in either
 * case. */
int mr_target_find(struct mr_target *t, const char *path, struct mr_error *err);

/* Whether two of them are the same file, or would be: the same name in the same directory. */
bool mr_target_is_same(const struct mr_target *a, const struct mr_target *b);

void mr_target_free(struct mr_target *t);

#endif
