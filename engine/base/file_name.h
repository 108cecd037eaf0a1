/*
 * Names of files, in open directories. A path may lead elsewhere from one call to the next; a name
 * in a directory that is open does not, unless somebody changes it there, which mr_same_file tells.
 */
#ifndef MR_BASE_FILE_NAME_H
#define MR_BASE_FILE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* What mr_directory_each calls for each name in a directory. */
typedef void mr_directory_visit(void *arg, int directory, const char *name);

/* Calls visit for each entry of a directory, without allocating memory; where no descriptor is
 * left, it needs none if the directory is open to be read. Returns 0, or -1 (errno): there may be
 * more. */
int mr_directory_each(int directory, mr_directory_visit *visit, void *arg);

/* Opens (O_PATH) the directory that a path's last name is in; the name goes to name ("." where the
 * path has none). Returns the descriptor or -1 (errno). */
enum { MR_NAME_SIZE = 256 };
int mr_open_parent(const char *path, char name[MR_NAME_SIZE]);

/* Makes a name of a prefix and count random letters and digits, in name, which is large enough.
 * Returns 0 or -1 (errno). */
enum { MR_DRAWN_MAX = 16 };
int mr_draw_name(char *name, const char *prefix, size_t count);

/* Whether a name in a directory still stands for what fd is open on: 1 or 0, or -1 when nobody can
 * tell (errno). */
int mr_same_file(int fd, int directory, const char *name);

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

#endif
