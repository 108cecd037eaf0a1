/*
 * Full reads and writes: interrupted and short system calls are continued here, once, so that
 * callers only see "all of it", "end of file" or an error in errno.
 *
 *     mr_read_full of 700 bytes:  read 7, EINTR, read 400, read 293  ->  700
 */
#ifndef MR_BASE_IO_H
#define MR_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads up to n bytes, fewer only at end of file. Returns the bytes read or -1 (errno). */
ssize_t mr_read_full(int fd, void *to, size_t n);

/* The same from a file position. */
ssize_t mr_pread_full(int fd, void *to, size_t n, off_t at);

/* Writes all n bytes. Returns 0 or -1 (errno). */
int mr_write_full(int fd, const void *from, size_t n);

/* The same to a file position. */
int mr_pwrite_full(int fd, const void *from, size_t n, off_t at);

/* Copies n bytes of in, from position at, to out's position by way of the kernel where it
 * can. Returns 0 or -1 (errno). */
int mr_copy_full(int out, int in, off_t at, size_t n);

/* A large file is synced in steps of so many bytes, so that progress is seen between them. */
enum { MR_SYNC_STEP = 8 << 20 };

/* Waits until the step from byte `from` on is on the disk, while the kernel begins to write the
 * next one. Returns 0 or -1 (errno); an error that is reported here is not reported again by a
 * later sync. */
int mr_sync_step(int fd, uint64_t from);

/* Closes fd unless it is negative and sets it to -1. Returns close's result. */
int mr_close(int *fd);

#endif
