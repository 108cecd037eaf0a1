/*
 * Sources: the files and streams that the command's operands stand for.
 *
 * An operand is a file, a directory or "-" for standard input. What is not a regular file is a
 * stream: it can be read once, front to back.
 *
 * A directory stands for the files in it; when recursive, for those in the directories in it, too.
 * Names that begin with _ or . are passed over, as Hadoop has it, unless all are wanted; always
 * passed over are pipes, sockets, devices, links to directories, and directories that this program
 * keeps its own files in. What is passed over is counted:
 *
 *     logs/  a.log  b/c.log  _SUCCESS  .git/HEAD     a.log; 1 directory and 2 hidden names
 *     -R                                             a.log b/c.log; 2 hidden names
 *     -R --all                                       .git/HEAD _SUCCESS a.log b/c.log
 */
#ifndef MR_INPUT_SOURCE_H
#define MR_INPUT_SOURCE_H

#include "mapreduce.h"

#include <sys/types.h>
#include <time.h>

struct mr_source {
    char *path; /* NULL: standard input */
    size_t number, count; /* its rank in the order of the input; of so many */
    bool stream;
    bool made_up;  /* by the kernel, as it is read: its size is not known, its time means nothing */
    uint64_t size; /* bytes; of standard input, those after its position; 0 where not known */
    off_t base;    /* where the source's first byte stands in the file */
    dev_t device;
    ino_t inode;
    struct timespec changed, state; /* its content, and anything of it: mtime and ctime */
    bool as_bytes; /* counted as it is, whatever it begins with, unless it can be decoded */
    const char *encoding; /* of its text; NULL: UTF-8, or what its mark says */
    uint64_t decode_memory; /* that decoding it may take, at most; 0: any amount */
    const struct mr_records *records;
    const struct mr_quotes *quotes; /* or NULL */
    const void *note; /* the job's about it (input/note.h), or NULL */
};

/* A part of a source: [start, end) of its bytes, or all of it with end MR_TO_END. Where from or to
 * is not 0, it is cut where members of a compressed file begin (input/members.h): from and to are
 * their places in the file, to being 0 at its end, and start and end are one behind where these
 * begin in the text. */
#define MR_TO_END UINT64_MAX

struct mr_piece {
    const struct mr_source *source;
    uint64_t start, end;
    uint64_t from, to;
};

/* Where in its file a piece begins, and where it ends. */
static inline uint64_t mr_piece_from(const struct mr_piece *p)
{
    return p->from > 0 || p->to > 0 ? p->from : p->start;
}

static inline uint64_t mr_piece_to(const struct mr_piece *p)
{
    return p->to > 0 ? p->to : p->end == MR_TO_END ? p->source->size : p->end;
}

struct mr_sources {
    struct mr_source *at;
    size_t count, capacity;
    uint64_t bytes; /* of all regular files */
    bool streams;   /* there is one */
    struct mr_passed_over passed_over;
    const struct mr_job *job; /* whose notes about them */
    const void *state;
    void *notes;              /* these are, or NULL */
};

/* Finds the sources of the operands and asks the job how each is cut. Logs what is passed over, and
 * warns where a directory gives no file. Returns 0 or -1. */
int mr_sources_find(struct mr_sources *s, const struct mr_job *job, const void *state,
                    const struct mr_config *config, struct mr_error *err);

/* Bounds the memory that is taken to decode each. */
void mr_sources_bound(struct mr_sources *s, uint64_t decode_memory);

/* To be called when all is counted. A file that is standard input is read by position; whoever
 * reads it after us finds it at its end all the same, where that is known, but after a run that
 * failed as it was. */
void mr_sources_end(const struct mr_sources *s);

void mr_sources_free(struct mr_sources *s);

/* The name of a source in messages. */
const char *mr_source_name(const struct mr_source *s);

/* The name of an input by its rank, as struct mr_chunk has it; NULL where there is none. */
const char *mr_sources_input_name(const void *sources, uint64_t source);

/* Whole records of a source, as a chunk that does not end it. */
struct mr_chunk mr_source_chunk(const struct mr_source *s, const unsigned char *data, size_t size,
                                uint64_t offset);

/* Opens a source for reading. It must be the file it was when it was found. *close_it tells
 * whether the descriptor is the caller's to close. Returns a descriptor or -1. */
int mr_source_open(const struct mr_source *s, bool *close_it, struct mr_error *err);

/* Whether an open source is still what was found: its size, and when it was last changed; of what
 * the kernel makes up, nothing stays the same. To be asked again after reading. Returns 0, or -1
 * when it was changed. */
int mr_source_check(const struct mr_source *s, int fd, struct mr_error *err);

#endif
