/*
 * Full reads and writes: interrupted and short system calls are continued here, once, so
 * that callers only see "all of it", "end of file" or an error in errno.
 */
#ifndef MR_BASE_IO_H
#define MR_BASE_IO_H

#include <stdbool.h>
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

/* What mr_directory_each calls for each name in a directory. */
typedef void mr_directory_visit(void *arg, int directory, const char *name);

/* Calls visit for each entry of a directory, without allocating memory; where no descriptor is
 * left, it needs none if the directory is open to be read. Returns 0, or -1 (errno): there may be
 * more. */
int mr_directory_each(int directory, mr_directory_visit *visit, void *arg);

/* Opens (O_PATH) the directory that a path's last name is in; the name goes to name ("." where the
 * path has none). Returns the descriptor or -1 (errno). */
enum { MR_NAME_ROOM = 256 };
int mr_open_parent(const char *path, char name[MR_NAME_ROOM]);

/* Makes a name of a prefix and count random letters and digits, in name, which is large enough.
 * Returns 0 or -1 (errno). */
enum { MR_DRAWN_MAX = 16 };
int mr_draw_name(char *name, const char *prefix, size_t count);

/* Whether a name in a directory still stands for what fd is open on: 1 or 0, or -1 when nobody can
 * tell (errno). */
int mr_same_file(int fd, int directory, const char *name);

/* A large file is synced in steps of so many bytes, so that progress is seen between them. */
enum { MR_SYNC_STEP = 8 << 20 };

/* Waits until the step from byte `from` on is on the disk, while the kernel begins to write the
 * next one. Returns 0 or -1 (errno); an error that is reported here is not reported again by a
 * later sync. */
int mr_sync_step(int fd, uint64_t from);

/* Syncs the names in a directory to the disk. Returns 0 or -1 (errno). */
int mr_sync_names(int directory);

/* Whether a file without a name (O_TMPFILE) can be given one. */
bool mr_can_name_file(int fd);

/* Opens a new file (0600) in a directory, to be read and written, that has no name and is removed
 * when its last descriptor is closed (O_TMPFILE). Returns it or -1 (errno): not every file system
 * can. */
int mr_open_nameless(int directory);

/* Gives such a file a name, which must be new. Returns 0 or -1 (errno). */
int mr_name_file(int fd, int directory, const char *name);

/* Renames a file or directory to what must be a new name. Returns 0 or -1 (errno). */
int mr_rename_new(int from_directory, const char *from, int to_directory, const char *to);

/* Exchanges what two names stand for, in one step. Returns 0 or -1 (errno; EINVAL or ENOSYS where
 * the file system cannot). */
int mr_rename_exchange(int directory, const char *name, int other_directory, const char *other);

/* Closes fd unless it is negative and sets it to -1. Returns close's result. */
int mr_close(int *fd);

#endif
