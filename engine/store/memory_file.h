/*
 * Memory files: anonymous files in memory, each shared by many spools, one after the other.
 *
 *     file 0 |map-0|map-2|map-5   |...        file 1 |map-1|map-3 |map-4|...
 *                         \_ being written               whole pages, so that each can be freed
 *
 * A descriptor for each of 100,000 tasks would be copied by every fork and closed by every exit,
 * so that each task would cost more than the one before it. Here there are as many files as
 * workers that write at once, and one more whenever a file has grown large.
 *
 * At any time at most one spool of a file is being written, its last one: the file is taken for
 * it, and given back when it is complete or was discarded. All of this is the supervisor's;
 * workers only read and write.
 */
#ifndef MR_STORE_MEMORY_FILE_H
#define MR_STORE_MEMORY_FILE_H

#include <stdatomic.h>
#include <stdbool.h>

enum { MR_MEMORY_FILES = 2048 };

struct mr_memory_file {
    int fd;
    bool taken;             /* its last part is being written */
    unsigned long long end; /* where the next part begins */
    atomic_uint parts;      /* that were not dropped */
};

struct mr_memory_files {
    struct mr_memory_file at[MR_MEMORY_FILES];
    unsigned count;
    unsigned long long full; /* a file of that size gets no more parts */
};

/* Takes a file for a new part, which begins at its end; NULL when there is none, or its descriptor
 * would not be below fd_limit. */
struct mr_memory_file *mr_memory_file_take(struct mr_memory_files *files, int fd_limit);

/* Gives a file back with its part's size bytes. */
void mr_memory_file_give(struct mr_memory_file *file, unsigned long long size);

/* Gives a file back without its part. */
void mr_memory_file_discard(struct mr_memory_file *file);

/* Frees a part that was given. Several threads may do so at once. */
void mr_memory_file_drop(struct mr_memory_file *file, unsigned long long begin,
                         unsigned long long size);

/* Closes all files. */
void mr_memory_files_close(struct mr_memory_files *files);

#endif
