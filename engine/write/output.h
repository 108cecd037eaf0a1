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
 * Standard output that is a file is written so, too, where all of the result is wanted: its
 * position is first moved behind the whole output, and whoever shares it goes on there. All else
 * (a pipe, a file that is appended to) is a stream: written from its beginning to its end, by one
 * process at a time, and what it was given it is not given again.
 */
#ifndef MR_WRITE_OUTPUT_H
#define MR_WRITE_OUTPUT_H

#include "mapreduce.h"

#include <stdatomic.h>

/* How far a stream is. In shared memory, so that it is known when the writing process has died. */
struct mr_stream {
    _Atomic uint64_t sent;  /* bytes that it was given */
    _Atomic uint64_t begun; /* the same while nothing is being written, else more */
};

struct mr_output {
    int fd;       /* of the stream or file being written, or -1 */
    char *path;   /* wanted; NULL: standard output */
    char *hidden; /* the name it has until it is whole; NULL: none */
    int lock;     /* on what has that name */
    bool directory;
    bool in_place; /* a file: text can be written where it belongs, whatever comes first */
    struct mr_stream *stream;
    /* Of standard output that is a file: */
    uint64_t base, size; /* where the output begins in it, and what is reserved for it */
    bool appended;       /* nothing stood behind it */
    /* Of a directory (in a worker), one at a time: */
    int part_fd;
    uint32_t part;
};

/* Opens the output that config asks for. Returns 0 or -1; close it in either case. */
int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err);

/* Removes, from where the output is made, what dead runs left under such names. */
void mr_output_sweep(const struct mr_output *o);

/* Makes room for an output of size bytes, all of it, in standard output that is a file (in the
 * supervisor). Returns 0 or -1. */
int mr_output_reserve(struct mr_output *o, uint64_t size, struct mr_error *err);

/* Whether a stream is just being given something; if the writing process has died, nobody knows how
 * much of it was taken. */
bool mr_output_is_sending(const struct mr_output *o);

/* Writes n bytes of text that belong at byte `at` of the output, or of that part of a directory (in
 * a worker). Returns 0 or -1. */
int mr_output_write(struct mr_output *o, uint32_t part, uint64_t at, const void *bytes,
                    size_t n, struct mr_error *err);

/* Ends a text of n bytes that was written from byte `from` on: what is to be on the disk in the end
 * goes there; a part without text is made. Returns 0 or -1. */
int mr_output_end(struct mr_output *o, uint32_t part, uint64_t from, uint64_t n,
                  struct mr_error *err);

/* Puts a whole output in its place. Returns 0 or -1. */
int mr_output_commit(struct mr_output *o, struct mr_error *err);

/* Removes what was not committed. */
void mr_output_close(struct mr_output *o);

#endif
