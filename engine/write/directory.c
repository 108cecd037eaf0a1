/* An output that is a directory of parts. */
#include "write/directory.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"
#include "write/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX ".wc-mr-"
#define WHOLE "whole"     /* in the marked directory, what is to be the output */
#define PART "part-r-"    /* in that, parts; behind it a number */
#define SUCCESS "_SUCCESS"

static int cannot_make(const char *path, struct mr_error *err)
{
    mr_error_system(err, "cannot make output directory '%s'", path);
    return mr_error_final(err);
}

static int exists(const char *path, const char *since, struct mr_error *err)
{
    mr_error_set(err, "cannot make output directory '%s': it exists%s; remove it or choose another "
                      "name", path, since);
    return mr_error_final(err);
}

/* ---- what is there already -------------------------------------------------------------- */

enum there { NOTHING, AN_OUTPUT, ANOTHER };

/* What was found in a directory. */
struct contents {
    bool success; /* an empty _SUCCESS */
    bool others;  /* names that no output has */
};

static bool is_part(const char *name)
{
    size_t n = strlen(PART);
    return strncmp(name, PART, n) == 0 && name[n] != '\0' &&
           name[n + strspn(name + n, "0123456789")] == '\0';
}

static void look_at(void *arg, int directory, const char *name)
{
    struct contents *c = arg;
    struct stat st;
    bool success = strcmp(name, SUCCESS) == 0;
    bool own = (success || is_part(name)) &&
               fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
               (!success || st.st_size == 0);
    c->success |= own && success;
    c->others |= !own;
}

/* Finds out what has this name. An output is one that can be removed, too. */
static int look(int parent, const char *name, enum there *there)
{
    struct stat st;
    struct contents c = { false, false };
    *there = NOTHING;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    *there = ANOTHER;
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & S_IRWXU) != S_IRWXU)
        return 0;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int result = fd < 0 ? -1 : mr_directory_each(fd, look_at, &c), code = errno;
    mr_close(&fd);
    errno = code;
    if (result == 0 && c.success && !c.others)
        *there = AN_OUTPUT;
    return result;
}

static int is_another(const char *path, struct mr_error *err)
{
    mr_error_set(err, "cannot replace '%s' by an output directory: it is no directory of this "
                      "user's that has parts, as they are written, and an empty " SUCCESS ", and "
                      "nothing else; remove it or choose another name", path);
    return mr_error_final(err);
}

int mr_parts_check(const char *path, bool overwrite, struct mr_error *err)
{
    char name[MR_NAME_SIZE];
    enum there there = NOTHING;
    int parent = mr_open_parent(path, name);
    if (parent < 0)
        return cannot_make(path, err);
    int result = look(parent, name, &there) < 0 ? cannot_make(path, err) : 0;
    mr_close(&parent);
    if (result < 0 || there == NOTHING || (there == AN_OUTPUT && overwrite))
        return result;
    return overwrite ? is_another(path, err) : exists(path, "", err);
}

int mr_parts_open(struct mr_parts *d, const char *path, bool overwrite, struct mr_error *err)
{
    *d = MR_PARTS_NONE;
    d->overwrite = overwrite;
    d->path = strdup(path);
    if (d->path == NULL)
        return mr_error_memory(err, strlen(path), "the output's name");
    if (mr_parts_check(path, overwrite, err) < 0)
        return -1;
    int parent = mr_open_parent(path, d->name);
    if (mr_marked_make(&d->marked, parent, PREFIX) < 0 ||
        mkdirat(d->marked.fd, WHOLE, 0777) < 0)
        return cannot_make(d->path, err);
    d->fd = openat(d->marked.fd, WHOLE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return d->fd < 0 ? cannot_make(d->path, err) : 0;
}

/* Opens a file in the directory that is being made, which with fresh has nothing in it yet. */
static int open_in_directory(const struct mr_parts *d, const char *name, bool fresh,
                             struct mr_error *err)
{
    int flags = O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_TRUNC : 0);
    int fd = openat(d->fd, name, flags, 0666);
    if (fd < 0)
        return mr_error_system(err, "cannot make '%s' in output directory '%s'", name, d->path);
    return fd;
}

/* Opens a part. Only one is open at a time, as there may be more parts than descriptors. */
static int open_part(struct mr_parts *d, uint32_t part, bool fresh, struct mr_error *err)
{
    if (d->part_fd >= 0 && d->part == part && !fresh)
        return 0;
    char name[32];
    snprintf(name, sizeof name, PART "%05u", part);
    if (mr_close(&d->part_fd) < 0)
        return mr_cannot_write(d->path, err);
    d->part_fd = open_in_directory(d, name, fresh, err);
    d->part = part;
    return d->part_fd < 0 ? -1 : 0;
}

int mr_parts_write(struct mr_parts *d, uint32_t part, uint64_t at, const void *bytes,
                   size_t n, struct mr_error *err)
{
    if (open_part(d, part, at == 0, err) < 0)
        return -1;
    if (mr_pwrite_full(d->part_fd, bytes, n, (off_t)at) < 0)
        return mr_cannot_write(d->path, err);
    return 0;
}

int mr_parts_end(struct mr_parts *d, uint32_t part, uint64_t n, struct mr_error *err)
{
    if (open_part(d, part, n == 0, err) < 0)
        return -1;
    int fd = d->part_fd;
    d->part_fd = -1;
    return mr_whole_close(fd, d->path, err);
}

/* ---- removing what a run has made ------------------------------------------------------- */

static void remove_part(void *arg, int directory, const char *name)
{
    (void)arg;
    if (is_part(name) || strcmp(name, SUCCESS) == 0)
        unlinkat(directory, name, 0);
}

static int remove_own(int directory, const char *name)
{
    if (strcmp(name, WHOLE) != 0)
        return 0;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0)
        return 0;
    int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        (void)mr_directory_each(fd, remove_part, NULL);
    mr_close(&fd);
    return unlinkat(directory, name, AT_REMOVEDIR);
}

static void remove_all(struct mr_parts *d)
{
    if (d->marked.fd < 0)
        return;
    /* By the descriptor that is open already, as there may be none left to open it with. In a
     * janitor it may be that of a directory which the supervisor has moved to its place. */
    if (d->fd >= 0 && mr_same_file(d->fd, d->marked.fd, WHOLE) > 0)
        (void)mr_directory_each(d->fd, remove_part, NULL);
    mr_marked_remove(&d->marked, remove_own);
}

/* ---- the end ---------------------------------------------------------------------------- */

static int put_in_place(struct mr_parts *d, struct mr_error *err)
{
    if (mr_rename_new(d->marked.fd, WHOLE, d->marked.parent, d->name) == 0)
        return 0;
    return errno == EEXIST ? exists(d->path, ", and did not when the run began", err)
                           : mr_cannot_write(d->path, err);
}

static int exchange(const struct mr_parts *d)
{
    return mr_rename_exchange(d->marked.fd, WHOLE, d->marked.parent, d->name);
}

/* Exchanges the new directory with the output that is there, if there is one. What was exchanged is
 * checked afterwards (check_replaced), when nobody else can reach it by its name. */
static int replace(struct mr_parts *d, struct mr_error *err)
{
    enum there there;
    if (look(d->marked.parent, d->name, &there) < 0)
        return mr_cannot_write(d->path, err);
    if (there == NOTHING)
        return put_in_place(d, err);
    if (there == ANOTHER)
        return is_another(d->path, err);
    if (exchange(d) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return mr_cannot_write(d->path, err);
    mr_error_set(err, "cannot replace output directory '%s': its file system cannot have two "
                      "change places; remove it first", d->path);
    return mr_error_final(err);
}

static int check_replaced(struct mr_parts *d, struct mr_error *err)
{
    enum there there;
    if (look(d->marked.fd, WHOLE, &there) == 0 && there != ANOTHER)
        return 0;
    return exchange(d) < 0 ? mr_cannot_write(d->path, err) : is_another(d->path, err);
}

int mr_parts_commit(struct mr_parts *d, struct mr_error *err)
{
    int fd = open_in_directory(d, SUCCESS, true, err);
    if (fd < 0 || mr_whole_close(fd, d->path, err) < 0 ||
        mr_whole_sync(d->fd, d->path, err) < 0)
        return -1;
    if (!d->overwrite ? put_in_place(d, err) < 0
                      : replace(d, err) < 0 || check_replaced(d, err) < 0)
        return -1;
    mr_close(&d->fd); /* from now on it is the user's */
    return mr_sync_names(d->marked.parent) < 0 ? mr_whole_not_synced(d->path, err) : 0;
}

void mr_parts_close(struct mr_parts *d)
{
    mr_close(&d->part_fd);
    remove_all(d);
    mr_close(&d->fd);
    mr_marked_close(&d->marked);
    free(d->path);
    *d = MR_PARTS_NONE;
}

void mr_parts_sweep(const struct mr_parts *d)
{
    if (d->marked.parent >= 0)
        mr_marked_sweep(d->marked.parent, PREFIX, remove_own);
}
