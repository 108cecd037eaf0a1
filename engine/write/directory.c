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

int mr_parts_open(struct mr_parts *d, const char *path, struct mr_error *err)
{
    struct stat st;
    *d = (struct mr_parts){ .path = strdup(path), .lock = -1, .part_fd = -1 };
    if (d->path == NULL)
        return mr_error_memory(err, strlen(path), "the output's name");
    if (lstat(path, &st) == 0) {
        mr_error_set(err, "cannot make output directory '%s': it exists; remove it or choose "
                          "another name", path);
        return mr_error_final(err);
    }
    d->lock = mr_whole_make(&d->hidden, path, true);
    if (d->lock >= 0)
        return 0;
    mr_error_system(err, "cannot make output directory '%s'", path);
    return mr_error_final(err);
}

/* Opens a file in the directory that is being made, which with fresh has nothing in it yet. */
static int open_in_directory(const struct mr_parts *d, const char *name, bool fresh,
                             struct mr_error *err)
{
    size_t room = strlen(d->hidden) + strlen(name) + 2;
    char *path = malloc(room);
    if (path == NULL)
        return mr_error_memory(err, room, "a part's name");
    snprintf(path, room, "%s/%s", d->hidden, name);
    int flags = O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_TRUNC : 0);
    int fd = open(path, flags, 0666);
    free(path);
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
    snprintf(name, sizeof name, "part-r-%05u", part);
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

int mr_parts_commit(struct mr_parts *d, struct mr_error *err)
{
    if (chmod(d->hidden, mr_whole_mode(0777)) < 0)
        return mr_cannot_write(d->path, err);
    int fd = open_in_directory(d, "_SUCCESS", true, err);
    if (fd < 0 || mr_whole_close(fd, d->path, err) < 0 ||
        mr_whole_sync(d->lock, d->path, err) < 0)
        return -1;
    /* Not plain rename: that would replace an empty directory made meanwhile. */
    if (renameat2(AT_FDCWD, d->hidden, AT_FDCWD, d->path, RENAME_NOREPLACE) < 0 &&
        ((errno != EINVAL && errno != ENOSYS) || rename(d->hidden, d->path) < 0))
        return mr_cannot_write(d->path, err);
    free(d->hidden);
    d->hidden = NULL;
    return mr_whole_settle(d->path, err);
}

void mr_parts_close(struct mr_parts *d)
{
    mr_close(&d->part_fd);
    if (d->hidden != NULL)
        mr_directory_remove(AT_FDCWD, d->hidden);
    mr_close(&d->lock);
    free(d->path);
    free(d->hidden);
    *d = MR_PARTS_NONE;
}

void mr_parts_sweep(const struct mr_parts *d)
{
    if (d->hidden != NULL)
        mr_whole_sweep(d->path);
}
