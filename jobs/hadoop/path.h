/*
 * Paths. hdfs:// is a folder of this machine, the root:
 *
 *     hdfs://host/data/x   /data/x    ROOT/data/x
 *     x                               ROOT/user/NAME/x
 *     file:///data/x                  /data/x
 *
 * ROOT is $WC_MR_HDFS, or else $XDG_STATE_HOME/wc-mr/hdfs, or ~/.local/state/wc-mr/hdfs. Where the
 * default file system is file:/// (-fs), paths without a scheme are this machine's, as they stand.
 * What a path has of .. is taken away first, so that no path leaves the root.
 */
#ifndef HADOOP_PATH_H
#define HADOOP_PATH_H

#include "mapreduce.h"
#include "text.h"

struct place {
    char *shown; /* as it was given, or as the glob that was given would have it */
    char *local; /* where it is */
};

struct places {
    struct place *at;
    size_t count, room;
};

struct file_systems {
    const char *root;
    bool local_by_default; /* paths without a scheme */
};

/* The name of who runs this. */
const char *path_user(void);

void places_add(struct places *all, struct place place);

/* Finds the root. Returns 0 or -1. */
int path_begin(struct file_systems *fs, struct mr_error *err);

/* Makes the home directory in the root, and the directories above it, as far as they are not there
 * and can be: what cannot is found by what needs it. */
void path_make_home(const struct file_systems *fs);

/* Makes the directories above a path. Returns 0, or -1 with errno set. */
int path_make_above(const char *path);

/* Takes file:///, hdfs:// as what paths without a scheme are in. Returns 0 or -1. */
int path_set_default(struct file_systems *fs, const char *uri, struct mr_error *err);

/* Returns 0 or -1. */
int path_find(const struct file_systems *fs, const char *text, struct place *place,
              struct mr_error *err);

/* Whether some characters of a path stand for others. */
bool path_is_pattern(const char *text);

/* Whether a file of this machine is the root, however it is called, or a directory or a link by
 * which the root is reached. */
bool path_has_root(const struct file_systems *fs, const char *local);

/* Adds all that match, each once, sorted but for braces; where nothing does, none. Returns 0 or
 * -1. */
int path_match(const struct file_systems *fs, const char *text, struct places *places,
               struct mr_error *err);

/* What a file of this machine is called: hdfs:///..., or file:///... */
char *path_uri(const struct file_systems *fs, const char *local);

/* That which is in a directory. */
struct place path_below(const struct place *directory, const char *name);

/* What is in a directory, sorted, without . and ... Returns 0, or -1 with errno set. */
int path_names(const char *directory, struct list *names);

#endif
