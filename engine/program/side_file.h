/*
 * A side file: a file that is written besides the output, such as a trace. It never delays a run,
 * and never makes it fail.
 *
 * What is put is written at once, without blocking. What a pipe with a slow reader does not take
 * waits in memory, up to a limit; what is more is left out. An error, such as a full disk, ends the
 * writing, and the file is cut behind the last piece that is whole. When the run is done, nothing
 * can be delayed any more, and a pipe's reader is waited for.
 */
#ifndef MR_PROGRAM_SIDE_FILE_H
#define MR_PROGRAM_SIDE_FILE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct mr_side_file {
    int fd;           /* -1: it is not open, or has failed */
    int error;        /* why it has failed (errno), or 0 */
    struct mr_buffer waiting;
    uint64_t size;    /* bytes that were put, and taken or waiting */
    uint64_t whole;   /* of a regular file: where the last whole piece ends */
    uint64_t lost;    /* pieces that were left out */
};

#define MR_SIDE_FILE_NONE ((struct mr_side_file){ .fd = -1 })

/* Opens the file, emptied if it is there. Returns 0, or -1 with error set. */
int mr_side_file_open(struct mr_side_file *b, const char *path);

/* From here on the reader of a pipe is waited for. */
void mr_side_file_wait(struct mr_side_file *b);

/* Puts a piece, which is written as a whole or not at all. */
void mr_side_file_put(struct mr_side_file *b, const void *bytes, size_t n);

/* Ends it; waits for nobody. */
void mr_side_file_close(struct mr_side_file *b);

#endif
