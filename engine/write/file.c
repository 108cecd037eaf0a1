/* An output that is a file. */
#include "write/file.h"

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

int mr_file_open(struct mr_file *f, const char *path, struct mr_error *err)
{
    struct stat st;
    *f = (struct mr_file){ .fd = -1 };
    bool exists = stat(path, &st) == 0;
    if (!exists && errno != ENOENT)
        return mr_cannot_write(path, err);
    /* What a link to a file points at is replaced, not the link. */
    f->path = exists ? realpath(path, NULL) : strdup(path);
    if (f->path == NULL)
        return exists ? mr_cannot_write(path, err)
                      : mr_error_memory(err, strlen(path), "the output's name");
    f->fd = mr_whole_make(&f->hidden, f->path, false);
    if (f->fd < 0 || fchmod(f->fd, exists ? st.st_mode & 0777 : mr_whole_mode(0666)) < 0)
        return mr_cannot_write(f->path, err);
    return 0;
}

int mr_file_write(struct mr_file *f, uint64_t at, const void *bytes, size_t n,
                  struct mr_error *err)
{
    return mr_pwrite_full(f->fd, bytes, n, (off_t)at) < 0 ? mr_cannot_write(f->path, err) : 0;
}

void mr_file_end(struct mr_file *f, uint64_t from, uint64_t n)
{
    /* It goes to the disk while more is merged. Should that fail, the last word is fsync's. */
    if (n > 0)
        (void)sync_file_range(f->fd, (off_t)from, (off_t)n, SYNC_FILE_RANGE_WRITE);
}

int mr_file_commit(struct mr_file *f, struct mr_error *err)
{
    if (mr_whole_sync(f->fd, f->path, err) < 0)
        return -1;
    /* Its lock goes with its descriptor, so first of all it gets its name. */
    if (rename(f->hidden, f->path) < 0 || mr_close(&f->fd) < 0)
        return mr_cannot_write(f->path, err);
    free(f->hidden);
    f->hidden = NULL;
    return mr_whole_settle(f->path, err);
}

void mr_file_close(struct mr_file *f)
{
    mr_close(&f->fd);
    if (f->hidden != NULL)
        unlink(f->hidden);
    free(f->path);
    free(f->hidden);
    *f = (struct mr_file){ .fd = -1 };
}

void mr_file_sweep(const struct mr_file *f)
{
    if (f->hidden != NULL)
        mr_whole_sweep(f->path);
}
