/*
 * The output: whole or absent.
 *
 * Standard output is written in place. A file is written under another name beside the wanted
 * one and renamed when whole, so a reader never sees half of it and a failed run changes
 * nothing. A directory of parts is made under another name too, and gets _SUCCESS last. Both are
 * on the disk before they get their name: not even a power cut leaves half of one under it.
 *
 * Text is written at its place, counted from the output's first byte. In a file, processes so
 * write side by side, and what a dead one wrote is written over by the next attempt:
 *
 *     range 0 |----->      | range 1 |--->          | range 2 |
 *
 * Standard output that is a file, too, is written so: its position is first moved behind the
 * whole output, and whoever shares it goes on there. All else is a stream: written from its
 * beginning to its end, by one process at a time, and what it was given it is not given again.
 */
#ifndef MR_WRITE_OUTPUT_H
#define MR_WRITE_OUTPUT_H

#include "mapreduce.h"

#include <stdatomic.h>

/* What the processes that write share. */
struct mr_output_progress {
    _Atomic uint64_t sent;     /* bytes that a stream was given */
    uint64_t base;             /* where in a file the output begins */
    uint64_t size;             /* bytes of it that standard output's position was moved by */
    bool appended;             /* the file ended where the output began */
};

struct mr_output {
    int fd;       /* of the stream or file being written, or -1 */
    char *path;   /* wanted; NULL: standard output */
    char *hidden; /* the name it has until it is whole; NULL: none */
    int lock;     /* on what has that name */
    bool directory;
    bool in_place; /* a file: text can be written where it belongs, whatever comes first */
    struct mr_output_progress *progress; /* in shared memory */
};

/* Opens the output that config asks for. Returns 0 or -1; close it in either case. */
int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err);

/* Removes, from where the output is made, what dead runs left under such names. */
void mr_output_sweep(const struct mr_output *o);

/* Makes room for an output of size bytes, all of it, in standard output that is a file (in the
 * supervisor). Returns 0 or -1. */
int mr_output_reserve(struct mr_output *o, uint64_t size, struct mr_error *err);

/* Writes n bytes of text that belong at byte `at` of the output, or of that part of a directory (in
 * a worker). Returns 0 or -1. */
int mr_output_write(const struct mr_output *o, uint32_t part, uint64_t at, const void *bytes,
                    size_t n, struct mr_error *err);

/* Ends a text of n bytes that was written from byte `from` on: what is to be on the disk in the end
 * goes there; a part without text is made. Returns 0 or -1. */
int mr_output_end(const struct mr_output *o, uint32_t part, uint64_t from, uint64_t n,
                  struct mr_error *err);

/* Puts a whole output in its place. Returns 0 or -1. */
int mr_output_commit(struct mr_output *o, struct mr_error *err);

/* Removes what was not committed. */
void mr_output_close(struct mr_output *o);

#endif
