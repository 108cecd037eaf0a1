/*
 * An output that is a file which was open already: standard output, where all of the result is
 * wanted. Its position is first moved behind the whole output, so that whoever shares it goes on
 * there; then processes write side by side in between:
 *
 *     what was there | range 0 |-----> | range 1 |---> | what others write meanwhile
 *                    ^ base                            ^ position
 */
#ifndef MR_WRITE_INHERITED_H
#define MR_WRITE_INHERITED_H

#include "mapreduce.h"

struct mr_inherited {
    int fd;
    const char *name;    /* for messages */
    uint64_t base, size; /* where the output begins in it, and what is reserved for it */
    bool appended;       /* nothing stood behind it */
};

/* Whether fd is open on a file that can be written so: 1 or 0, or -1 (errno). */
int mr_inherited_is_possible(int fd);

/* Makes room for an output of size bytes, all of it (in the supervisor). Returns 0 or -1. */
int mr_inherited_reserve(struct mr_inherited *f, uint64_t size, struct mr_error *err);

/* Writes n bytes that belong at byte `at` of the output. Returns 0 or -1. */
int mr_inherited_write(struct mr_inherited *f, uint64_t at, const void *bytes, size_t n,
                       struct mr_error *err);

/* What was reserved is full. */
void mr_inherited_commit(struct mr_inherited *f);

/* Gives back what was reserved and not committed, if nobody has written behind it. */
void mr_inherited_rollback(struct mr_inherited *f);

#endif
