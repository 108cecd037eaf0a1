/*
 * hadoop fs -VERB [-OPTION]... [PATH]...: a call of a verb, and what verbs share.
 *
 * A verb goes on behind a path that fails, says "verb: `path': why" of each, and has status 1 then.
 */
#ifndef HADOOP_FS_H
#define HADOOP_FS_H

#include "path.h"

#include <sys/stat.h>

struct fs_call {
    const struct file_systems *fs;
    const char *verb; /* without its dash */
    struct list options, args;
};

/* hadoop fs, of all that stands behind it. Returns the exit status. */
int fs_main(struct file_systems *fs, char **words);

bool fs_has(const struct fs_call *c, const char *option);

/* The word behind an option; NULL: it is not there. */
const char *fs_value(const struct fs_call *c, const char *option);

/* Says why. Returns 1. */
int fs_fail(const struct fs_call *c, const char *shown, const char *why);

/* Says what errno says. Returns 1. */
int fs_fail_system(const struct fs_call *c, const char *shown);

/* Finds a path that no glob is looked for in. Returns 0, or 1 having said why not. */
int fs_find(const struct fs_call *c, const char *text, struct place *place);

/* Finds all that the verb's paths stand for: of patterns, what is there, and of others themselves.
 * Returns 0, or 1 having said of which it could not. */
int fs_find_all(const struct fs_call *c, struct places *found);

/* Finds where something goes: a pattern must stand for one path that is there. Returns the same. */
int fs_find_target(const struct fs_call *c, const char *text, struct place *place);

/* Finds all that the paths stand for; one that stands for nothing is said. Returns 0 or 1. */
int fs_match(const struct fs_call *c, char *const *paths, size_t count, struct places *found);

/* Calls a function for each. Returns 0 or 1. */
int fs_each(const struct fs_call *c, int (*verb)(const struct fs_call *c, const struct place *p));

/* That which is in a directory, without ./ before it. */
struct place fs_below(const struct place *directory, const char *name);

bool fs_is_directory(const struct place *p);

/* Whether two paths are of one file or directory. */
bool fs_is_same(const char *path, const char *other);

/* A size, with -h for people. */
char *fs_size_text(const struct fs_call *c, uint64_t bytes);

/* ---- verbs, each of a file of its own kind; they return the exit status ----------------- */

/* fs.c */
int fs_nothing(const struct fs_call *c);

/* fs_list.c */
int fs_ls(const struct fs_call *c);
int fs_du(const struct fs_call *c);
int fs_count(const struct fs_call *c);
int fs_test(const struct fs_call *c);
int fs_stat(const struct fs_call *c);

/* fs_read.c */
int fs_cat(const struct fs_call *c);
int fs_text(const struct fs_call *c);
int fs_tail(const struct fs_call *c);
int fs_head(const struct fs_call *c);

/* fs_copy.c */
int fs_put(const struct fs_call *c);
int fs_get(const struct fs_call *c);
int fs_cp(const struct fs_call *c);
int fs_mv(const struct fs_call *c);
int fs_getmerge(const struct fs_call *c);
int fs_append(const struct fs_call *c);

/* fs_change.c */
int fs_mkdir(const struct fs_call *c);
int fs_rm(const struct fs_call *c);
int fs_rmdir(const struct fs_call *c);
int fs_touchz(const struct fs_call *c);
int fs_touch(const struct fs_call *c);

/* fs_system.c */
int fs_checksum(const struct fs_call *c);
int fs_chmod(const struct fs_call *c);
int fs_df(const struct fs_call *c);
int fs_setrep(const struct fs_call *c);
int fs_search(const struct fs_call *c);

#endif
