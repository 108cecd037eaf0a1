/*
 * Full reads and writes: interrupted and short system calls are continued here, once, so
 * that callers only see "all of it", "end of file" or an error in errno.
 */
#ifndef MR_BASE_IO_H
#define MR_BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

/* Reads up to n bytes, fewer only at end of file. Returns the bytes read or -1 (errno). */
ssize_t mr_read_full(int fd, void *to, size_t n);

/* The same from a file position. */
ssize_t mr_pread_full(int fd, void *to, size_t n, off_t at);

/* Writes all n bytes. Returns 0 or -1 (errno). */
int mr_write_full(int fd, const void *from, size_t n);

/* Copies n bytes of in, from position at, to out's position by way of the kernel where it
 * can. Returns 0, or -1 with errno and *reading telling which side failed. */
int mr_copy_full(int out, int in, off_t at, size_t n, int *reading);

/* Removes a directory and the files in it, as far as that goes; path may be empty, and is not
 * followed if it is a link. */
void mr_directory_remove(const char *path);

/* Closes fd unless it is negative and sets it to -1. Returns close's result. */
int mr_close(int *fd);

#endif
