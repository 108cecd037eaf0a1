/*
 * Marked directories: those that this program made, or was given empty, for files of its own.
 *
 * In each stands a marker, a file that only this program writes. The run that has the directory
 * holds a lock on the marker for as long as one of its processes lives. So a marked directory that
 * nobody has locked was abandoned (by kill -9, by a power cut), and a later run of the same user
 * may remove it:
 *
 *     run 1: makes wc-mr.a1B2c3/ and its marker; the machine goes down
 *     run 2: makes wc-mr.d4E5f6/; finds wc-mr.a1B2c3/, gets its marker's lock, removes it
 *     run 3: finds wc-mr.d4E5f6/, does not get its marker's lock, leaves it alone
 *
 * A name alone proves nothing. What has no marker, is a link, is another user's or open to others
 * is left alone, whatever it is called; and of what is in a marked directory, only the program's
 * own files are removed. A marker has its own inode number and the directory's: a copy that
 * somebody has made of a directory has others, and is not swept.
 *
 * All is done by descriptors. Before a name is used, what it stands for is compared with what is
 * open: so nothing happens to a directory that somebody has put in the place of this one.
 */
#ifndef MR_STORE_MARKED_DIRECTORY_H
#define MR_STORE_MARKED_DIRECTORY_H

#include "base/file_name.h"

#include <stdbool.h>

#define MR_MARKER "wc-mr-marker" /* the marker's name */

struct mr_marked_directory {
    int parent;         /* the directory that it is in, to reach its name by */
    int fd;             /* the directory itself; -1: none */
    int marker;         /* locked */
    bool made;          /* it was made, not given */
    bool nameless;      /* a file in it can get its name when it is whole (mr_name_file) */
    const char *prefix; /* of the name it has before and after its own; NULL: it has none */
    char name[MR_NAME_SIZE]; /* in parent, at this moment */
};

#define MR_MARKED_NONE ((struct mr_marked_directory){ .parent = -1, .fd = -1, .marker = -1 })

/* Removes what has this name in a directory, if that and what is in it show that a run made it.
 * Returns 0, or -1 when it may be a run's but could not be removed. */
typedef int mr_remove_own(int directory, const char *name);

/* Makes one in the directory parent, which becomes its to close, under a name that is prefix and
 * six characters: the user's alone (0700). Returns 0 or -1 (errno); close it in either case. */
int mr_marked_make(struct mr_marked_directory *m, int parent, const char *prefix);

/* What becomes of taking a directory. */
enum mr_taken {
    MR_TAKEN,        /* it was made, or was empty, or had a marker that nobody had locked */
    MR_TAKEN_FAILED, /* a call of the system has: errno */
    MR_TAKEN_BUSY,   /* another run has it */
    MR_TAKEN_SHARED, /* others can write to it */
    MR_TAKEN_OTHER   /* it is not empty, and has no marker */
};

/* Takes the directory at path, to which links may lead. If there is none it is made; it is called
 * prefix and six characters until it has its marker, and again when that goes. The marker is on the
 * disk then. Close it in any case. */
enum mr_taken mr_marked_take(struct mr_marked_directory *m, const char *path, const char *prefix);

/* Whether the directory at path, which is no link, has this user's marker. */
bool mr_marked_is(const char *path);

/* Removes from it the program's own files; if none is left, its marker (where it was taken, once
 * the removal of the files has reached the disk); and the directory, if it was made and nothing
 * else is in it. */
void mr_marked_remove(struct mr_marked_directory *m, mr_remove_own *remove_own);

/* Removes so all directories that this user's runs abandoned in the one that parent is open on,
 * under names that are prefix and six characters. */
void mr_marked_sweep(int parent, const char *prefix, mr_remove_own *remove_own);

/* Unlocks and closes it, for all processes of the run. */
void mr_marked_close(struct mr_marked_directory *m);

#endif
