/*
 * The verbs that copy: put, get, cp, mv, getmerge, appendToFile.
 *
 * A copy is made next to its place, as NAME._COPYING_.PROCESS, and gets its name when it is whole.
 */
#include "fs.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- one copy --------------------------------------------------------------------------- */

/* Whether a name is taken, even if by a dangling link. */
static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool has_parent(const struct place *p)
{
    const char *slash = strrchr(p->local, '/');
    return slash == NULL || slash == p->local ||
           is_there(text_part(p->local, (size_t)(slash - p->local)));
}

/* What is behind paths is local with file:, as Hadoop has it for the side that is this machine. */
static int find_local(const struct fs_call *c, const char *text, struct place *p)
{
    struct file_systems here = { c->fs->root, true };
    struct fs_call local = *c;
    local.fs = &here;
    return fs_find(&local, text, p);
}

/* Copies to a name of its own. Returns 0 or 1. */
static int copy_to(const struct fs_call *c, const struct place *from, const char *temporary)
{
    if (!text_is(from->shown, "-"))
        return RUN("cp", "-R", "-L", "-T", "--reflink=auto",
                   fs_has(c, "-p") ? "--preserve=mode,timestamps" : "--no-preserve=timestamps",
                   "--", from->local, temporary) != 0;
    struct list cat = { 0 };
    list_add(&cat, "cat");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fs_fail_system(c, from->shown);
    int status = run_to(fd, &cat);
    return close(fd) < 0 || status != 0;
}

/* Where a copy goes: into a directory that is there, or under the name. */
static struct place target(const struct place *from, const struct place *to)
{
    return fs_is_directory(to) ? path_below(to, text_base_name(from->local)) : *to;
}

/* Whether it is a directory, and the other place in it. */
static bool is_within(const struct place *at, const struct place *directory)
{
    size_t size = strlen(directory->local);
    return fs_is_directory(directory) && strncmp(at->local, directory->local, size) == 0 &&
           at->local[size] == '/';
}

static int fail_within(const struct fs_call *c, const struct place *from, const struct place *at)
{
    return fs_fail(c, text_format("%s' to `%s", from->shown, at->shown),
                   "is a subdirectory of itself");
}

/* What is moved onto itself would be copied, and then removed with its copy. */
static bool is_onto_itself(const struct fs_call *c, const struct place *from,
                           const struct place *at)
{
    return text_is(c->verb, "moveFromLocal") && !text_is(from->shown, "-") &&
           fs_is_same(from->local, at->local);
}

static int copy(const struct fs_call *c, const struct place *from, const struct place *to);

/* What is in a directory goes into one that is there. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int copy_into(const struct fs_call *c, const struct place *from, const struct place *to)
{
    struct list names = { 0 };
    int status = 0;
    if (path_names(from->local, &names) < 0)
        return fs_fail_system(c, from->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place below = path_below(from, names.at[i]);
        status |= copy(c, &below, to);
    }
    bool move = status == 0 && text_is(c->verb, "moveFromLocal");
    return move && rmdir(from->local) < 0 ? fs_fail_system(c, from->shown) : status;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static int copy(const struct fs_call *c, const struct place *from, const struct place *to)
{
    struct place at = target(from, to);
    if (is_within(&at, from))
        return fail_within(c, from, &at);
    if (text_is(c->verb, "moveFromLocal") && path_has_root(c->fs, from->local))
        return fs_fail(c, from->shown, "the root is not moved");
    if (is_onto_itself(c, from, &at))
        return fs_fail(c, text_format("%s' to `%s", from->shown, at.shown), "is the same file");
    if (fs_is_directory(from) && fs_is_directory(&at))
        return copy_into(c, from, &at);
    char *temporary = text_format("%s._COPYING_.%ld", at.local, (long)getpid());
    if (is_there(at.local) && (!fs_has(c, "-f") || fs_is_directory(&at)))
        return fs_fail(c, at.shown, "File exists");
    if (!has_parent(&at))
        return fs_fail(c, at.shown, "No such file or directory");
    if (copy_to(c, from, temporary) != 0) {
        (void)RUN("rm", "-rf", "--", temporary);
        return 1;
    }
    if (rename(temporary, at.local) < 0) {
        (void)fs_fail_system(c, at.shown);
        (void)RUN("rm", "-rf", "--", temporary);
        return 1;
    }
    return text_is(c->verb, "moveFromLocal") && !text_is(from->shown, "-") &&
           RUN("rm", "-rf", "--", from->local) != 0;
}

/* Several go into a directory only. */
static int copy_all(const struct fs_call *c, const struct places *from, const struct place *to)
{
    int status = 0;
    if (from->count > 1 && !fs_is_directory(to))
        return fs_fail(c, to->shown, is_there(to->local) ? "Is not a directory"
                                                         : "No such file or directory");
    for (size_t i = 0; i < from->count; i++)
        status |= copy(c, &from->at[i], to);
    return status;
}

/* Copies what the first patterns of a call's arguments stand for. */
static int copy_matches(const struct fs_call *c, const struct fs_call *where, size_t patterns,
                        const struct place *to)
{
    struct places from = { 0 };
    int status = fs_match(where, c->args.at, patterns, &from);
    return status | copy_all(c, &from, to);
}

/* ---- verbs ------------------------------------------------------------------------------ */

int fs_put(const struct fs_call *c)
{
    struct file_systems here = { c->fs->root, true };
    struct fs_call local = *c;
    struct place to, input = { text_copy("-"), text_copy("-") };
    size_t last = c->args.count - 1;
    local.fs = &here;
    if (fs_find_target(c, last > 0 ? c->args.at[last] : ".", &to) != 0)
        return 1;
    if (text_is(c->args.at[0], "-"))
        return copy(c, &input, &to);
    return copy_matches(c, &local, last > 0 ? last : 1, &to);
}

int fs_get(const struct fs_call *c)
{
    struct place to;
    size_t last = c->args.count - 1;
    if (find_local(c, last > 0 ? c->args.at[last] : ".", &to) != 0)
        return 1;
    return copy_matches(c, c, last > 0 ? last : 1, &to);
}

int fs_cp(const struct fs_call *c)
{
    struct place to;
    size_t last = c->args.count - 1;
    if (fs_find_target(c, c->args.at[last], &to) != 0)
        return 1;
    return copy_matches(c, c, last, &to);
}

int fs_mv(const struct fs_call *c)
{
    struct places from = { 0 };
    struct place to;
    size_t last = c->args.count - 1;
    if (fs_find_target(c, c->args.at[last], &to) != 0)
        return 1;
    int status = fs_match(c, c->args.at, last, &from);
    if (from.count > 1 && !fs_is_directory(&to))
        return fs_fail(c, to.shown, "Is not a directory");
    for (size_t i = 0; i < from.count; i++) {
        struct place at = target(&from.at[i], &to);
        if (path_has_root(c->fs, from.at[i].local))
            status = fs_fail(c, from.at[i].shown, "the root is not moved");
        else if (is_within(&at, &from.at[i]))
            status = fail_within(c, &from.at[i], &at);
        else if (is_there(at.local))
            status = fs_fail(c, at.shown, "File exists");
        else if (rename(from.at[i].local, at.local) < 0 &&
                 (errno != EXDEV || RUN("mv", "-T", "--", from.at[i].local, at.local) != 0))
            status = fs_fail_system(c, at.shown);
    }
    return status;
}

/* The files that a place stands for: itself, or those in it. */
/* NOLINTNEXTLINE(misc-no-recursion): into one directory */
static int add_files(const struct fs_call *c, const struct place *p, struct list *files)
{
    struct list names = { 0 };
    struct stat st;
    if (!fs_is_directory(p)) {
        bool empty = stat(p->local, &st) == 0 && st.st_size == 0;
        if (!empty || !fs_has(c, "-skip-empty-file"))
            list_add(files, p->local);
        return 0;
    }
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place below = path_below(p, names.at[i]);
        if (!fs_is_directory(&below))
            (void)add_files(c, &below, files);
    }
    return 0;
}

static int append_files(const struct fs_call *c, int fd, const struct list *files)
{
    int status = 0;
    for (size_t i = 0; i < files->count && status == 0; i++) {
        struct list cat = { 0 };
        list_add(&cat, "cat");
        list_add(&cat, "--");
        list_add(&cat, files->at[i]);
        status = run_to(fd, &cat) != 0 || (fs_has(c, "-nl") && write(fd, "\n", 1) != 1);
    }
    return status;
}

int fs_getmerge(const struct fs_call *c)
{
    struct places from = { 0 };
    struct list files = { 0 };
    struct place to;
    size_t last = c->args.count - 1;
    if (find_local(c, c->args.at[last], &to) != 0)
        return 1;
    int status = fs_match(c, c->args.at, last, &from);
    for (size_t i = 0; i < from.count; i++)
        status |= add_files(c, &from.at[i], &files);
    for (size_t i = 0; i < files.count; i++)
        if (fs_is_same(files.at[i], to.local))
            status = fs_fail(c, to.shown, "It is one of the files that are to be merged");
    if (status != 0)
        return status;
    int fd = open(to.local, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fs_fail_system(c, to.shown);
    status = append_files(c, fd, &files);
    return close(fd) < 0 ? fs_fail_system(c, to.shown) : status;
}

int fs_append(const struct fs_call *c)
{
    struct list files = { 0 };
    struct place to, from;
    size_t last = c->args.count - 1;
    int status = fs_find_target(c, c->args.at[last], &to);
    for (size_t i = 0; i < last && status == 0; i++) {
        bool input = text_is(c->args.at[i], "-");
        status = input ? 0 : find_local(c, c->args.at[i], &from);
        if (status == 0 && !input && !is_there(from.local))
            status = fs_fail(c, c->args.at[i], "No such file or directory");
        if (status == 0)
            list_add(&files, input ? "/dev/stdin" : from.local);
    }
    int fd = status ? -1 : open(to.local, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (status == 0 && fd < 0)
        return fs_fail_system(c, to.shown);
    if (fd >= 0 && (append_files(c, fd, &files) != 0 || close(fd) < 0))
        status = 1;
    return status;
}
