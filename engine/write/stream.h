/*
 * An output that is a stream: a pipe, a device, a file that is appended to. It is written from its
 * beginning to its end, by one process at a time; the next attempt of a task skips what an earlier
 * one has written:
 *
 *     attempt 1: |--------->  dies          attempt 2: |         --------->|
 */
#ifndef MR_WRITE_STREAM_H
#define MR_WRITE_STREAM_H

#include "mapreduce.h"

#include <stdatomic.h>

/* How far a stream is. In shared memory, so that it is known when the writing process has died. */
struct mr_sent {
    _Atomic uint64_t sent;  /* bytes that it was given */
    _Atomic uint64_t begun; /* the same while nothing is being written, else more */
};

struct mr_stream {
    int fd;
    const char *name; /* for messages */
    struct mr_sent *progress;
};

/* Makes a stream of what fd is open on. Returns 0 or -1; close it in either case. */
int mr_stream_init(struct mr_stream *s, int fd, const char *name, struct mr_error *err);

/* Whether it is just being given something; if the writing process has died, nobody knows how much
 * of it was taken. */
bool mr_stream_is_sending(const struct mr_stream *s);

/* Writes n bytes that belong at byte `at`, as far as it was not given them before. Returns 0 or
 * -1. */
int mr_stream_write(struct mr_stream *s, uint64_t at, const char *bytes, size_t n,
                    struct mr_error *err);

/* Frees what it has, but for the descriptor. */
void mr_stream_free(struct mr_stream *s);

#endif
