/* An output that is a directory of parts. */
#include "write/directory.h"

#include "base/error.h"
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

static int cannot_make(const struct mr_parts *d, struct mr_error *err)
{
    mr_error_system(err, "cannot make output directory '%s'", d->path);
    return mr_error_final(err);
}

static int exists(const struct mr_parts *d, const char *since, struct mr_error *err)
{
    mr_error_set(err, "cannot make output directory '%s': it exists%s; remove it or choose another "
                      "name", d->path, since);
    return mr_error_final(err);
}

int mr_parts_open(struct mr_parts *d, const char *path, struct mr_error *err)
{
    struct stat st;
    *d = MR_PARTS_NONE;
    d->path = strdup(path);
    if (d->path == NULL)
        return mr_error_memory(err, strlen(path), "the output's name");
    int parent = mr_open_parent(path, d->name);
    if (parent >= 0 && fstatat(parent, d->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        close(parent);
        return exists(d, "", err);
    }
    if (mr_marked_make(&d->marked, parent, PREFIX) < 0 ||
        mkdirat(d->marked.fd, WHOLE, 0777) < 0)
        return cannot_make(d, err);
    d->fd = openat(d->marked.fd, WHOLE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return d->fd < 0 ? cannot_make(d, err) : 0;
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

/* There may be more parts than descriptors: another that was open is closed. */
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

static bool is_part(const char *name)
{
    size_t n = strlen(PART);
    return strncmp(name, PART, n) == 0 && name[n] != '\0' &&
           name[n + strspn(name + n, "0123456789")] == '\0';
}

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
    /* By what is open already: there may be no descriptor left. But it may have been moved to its
     * place (by a supervisor that died, to a janitor). */
    struct stat st;
    if (d->fd >= 0 && fstatat(d->marked.fd, WHOLE, &st, AT_SYMLINK_NOFOLLOW) == 0)
        (void)mr_directory_each(d->fd, remove_part, NULL);
    mr_marked_remove(&d->marked, remove_own);
}

/* ---- the end ---------------------------------------------------------------------------- */

int mr_parts_commit(struct mr_parts *d, struct mr_error *err)
{
    int fd = open_in_directory(d, SUCCESS, true, err);
    if (fd < 0 || mr_whole_close(fd, d->path, err) < 0 ||
        mr_whole_sync(d->fd, d->path, err) < 0)
        return -1;
    if (mr_rename_new(d->marked.fd, WHOLE, d->marked.parent, d->name) < 0)
        return errno == EEXIST ? exists(d, ", and did not when the run began", err)
                               : mr_cannot_write(d->path, err);
    mr_close(&d->fd); /* from now on it is the user's */
    return mr_sync_names(d->marked.parent) < 0 ? mr_whole_unsettled(d->path, err) : 0;
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
