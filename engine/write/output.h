/*
 * The output, of one of four kinds. What is asked for decides which:
 *
 *     -O DIR                                          directory.h   whole or absent
 *     -o FILE                                         file.h        whole or absent
 *     -o DEVICE or PIPE                               stream.h      from its beginning to its end
 *     standard output: a file, all of the result      inherited.h   side by side, in place
 *     standard output: else                           stream.h
 *     -o /dev/stdout, -o /dev/fd/N                    as standard output
 *     none of these, and mr_config.result             none
 *
 * What is whole or absent is on the disk before it gets its name: not even a power cut leaves half
 * of one under it.
 *
 *     mr_output_find -> is it an input, too? -> mr_output_open -> mr_output_make -> written ->
 *     mr_output_commit
 */
#ifndef MR_WRITE_OUTPUT_H
#define MR_WRITE_OUTPUT_H

#include "mapreduce.h"
#include "write/directory.h"
#include "write/file.h"
#include "write/inherited.h"
#include "write/stream.h"
#include "write/target.h"

enum mr_output_kind {
    MR_OUTPUT_NONE, /* not opened, or not wanted */
    MR_OUTPUT_STREAM,
    MR_OUTPUT_INHERITED,
    MR_OUTPUT_FILE,
    MR_OUTPUT_DIRECTORY
};

struct mr_output {
    enum mr_output_kind kind;
    const char *name;        /* for messages, or a directory's */
    struct mr_target target; /* what the name stands for */
    bool overwrite;          /* a directory may replace another */
    int opened;              /* for it, and to be closed with it; or -1 */
    union {
        struct mr_stream stream;
        struct mr_inherited inherited;
        struct mr_file file;
        struct mr_parts parts;
    } as;
};

#define MR_OUTPUT_INIT ((struct mr_output){ .target = MR_TARGET_NONE, .opened = -1 })

/* Finds out what the output is that config asks for, whose names stand until it is closed. Nothing
 * is opened or made. Returns 0 or -1; close it in either case. */
int mr_output_find(struct mr_output *o, const struct mr_config *config, struct mr_error *err);

/* What is there already and will be written or replaced; NULL where that is nothing that could be
 * an input as well. */
const struct stat *mr_output_about(const struct mr_output *o);

/* Opens what is written as it is, which leaves nothing behind. This waits for the reader of a pipe
 * that has a name, so signals are not to be blocked. Returns 0 or -1. */
int mr_output_open(struct mr_output *o, struct mr_error *err);

/* Makes what is to be whole or absent, to be removed again by closing. Returns 0 or -1. */
int mr_output_make(struct mr_output *o, struct mr_error *err);

/* Whether it is one text, and written wherever that belongs, whatever comes first. */
bool mr_output_in_place(const struct mr_output *o);

/* Closes this process's descriptor of a stream, in a process that only cleans up: so the stream's
 * reader sees its end when the run ends. */
void mr_output_detach(struct mr_output *o);

/* Removes, from where the output is made, what dead runs left under such names. */
void mr_output_sweep(const struct mr_output *o);

/* Makes room for an output of size bytes, all of it, in a file that was open already (in the
 * supervisor). Returns 0 or -1. */
int mr_output_reserve(struct mr_output *o, uint64_t size, struct mr_error *err);

/* Whether a stream is just being given something; if the writing process has died, nobody knows how
 * much of it was taken. */
bool mr_output_is_sending(const struct mr_output *o);

/* Writes n bytes of text that belong at byte `at` of the output, or of that part of a directory (in
 * a worker). Returns 0 or -1. */
int mr_output_write(struct mr_output *o, uint32_t part, uint64_t at, const void *bytes,
                    size_t n, struct mr_error *err);

/* Where the output is a file, or a part that is being written: waits until the step of it from byte
 * `from` on is on the disk (base/io.h). So the sync at the end, which nothing can interrupt, is
 * short. Returns 0 or -1. */
int mr_output_sync_step(const struct mr_output *o, uint64_t from, struct mr_error *err);

/* Ends a text of n bytes that was written from byte `from` on: what is to be on the disk in the end
 * goes there; a part without text is made. Returns 0 or -1. */
int mr_output_end(struct mr_output *o, uint32_t part, uint64_t from, uint64_t n,
                  struct mr_error *err);

/* Cuts an output that is a file off behind its first n bytes, as another attempt may have written
 * more (in a worker). Returns 0 or -1. */
int mr_output_cut(struct mr_output *o, uint64_t n, struct mr_error *err);

/* Puts a whole output in its place. Returns 0 or -1. */
int mr_output_commit(struct mr_output *o, struct mr_error *err);

/* Removes what was not committed. */
void mr_output_close(struct mr_output *o);

#endif
