/* What outputs that are whole or absent have in common. */
#include "write/whole.h"

#include "base/error.h"
#include "base/io.h"
#include "base/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX ".wc-mr-"

int mr_cannot_write(const char *path, struct mr_error *err)
{
    mr_error_system(err, "cannot write '%s'", path);
    return mr_error_final(err);
}

/* The length of path's directory with its slash; 0 for the current one. */
static size_t parent_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

/* The directory that path is in, from malloc. */
static char *parent_of(const char *path)
{
    size_t length = parent_length(path);
    return length == 0 ? strdup(".") : strndup(path, length);
}

int mr_whole_make(char **hidden, const char *path, bool directory)
{
    static const char ending[] = PREFIX MR_TEMPORARY_END;
    size_t length = parent_length(path);
    *hidden = malloc(length + sizeof ending);
    if (*hidden == NULL)
        return -1;
    memcpy(*hidden, path, length);
    memcpy(*hidden + length, ending, sizeof ending);
    int fd = mr_temporary_make(*hidden, directory);
    if (fd >= 0)
        return fd;
    int code = errno;
    free(*hidden);
    *hidden = NULL;
    errno = code;
    return -1;
}

mode_t mr_whole_mode(mode_t mode)
{
    mode_t mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

int mr_whole_sync(int fd, const char *path, struct mr_error *err)
{
    return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? mr_cannot_write(path, err) : 0;
}

int mr_whole_close(int fd, const char *path, struct mr_error *err)
{
    int result = mr_whole_sync(fd, path, err);
    if (close(fd) < 0 && result == 0)
        result = mr_cannot_write(path, err);
    return result;
}

int mr_whole_settle(const char *path, struct mr_error *err)
{
    char *parent = parent_of(path);
    int synced = parent ? mr_sync_directory(parent) : 0;
    free(parent);
    if (synced == 0)
        return 0;
    mr_error_system(err, "'%s' is whole and in its place, but its name may not be on the disk yet",
                    path);
    return mr_error_final(err);
}

void mr_whole_sweep(const char *path)
{
    char *parent = parent_of(path);
    if (parent != NULL)
        mr_temporary_sweep(parent, PREFIX);
    free(parent);
}
