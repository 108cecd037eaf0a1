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

int mr_whole_advise(int result, struct mr_error *err)
{
    if (result < 0 && err->code == ENOENT)
        mr_error_suffix(err, "; make the directory that it is to be in first");
    else if (result < 0 && err->code == EACCES)
        mr_error_suffix(err, "; choose a directory in which you may make files");
    return result;
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

char *mr_whole_parent(const char *path)
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

int mr_whole_unsettled(const char *path, struct mr_error *err)
{
    mr_error_system(err, "'%s' is whole and in its place, but its name may not be on the disk yet",
                    path);
    return mr_error_final(err);
}

int mr_whole_settle(const char *path, struct mr_error *err)
{
    char *parent = mr_whole_parent(path);
    int synced = parent ? mr_sync_directory(parent) : 0;
    free(parent);
    return synced < 0 ? mr_whole_unsettled(path, err) : 0;
}

void mr_whole_sweep(const char *path)
{
    char *parent = mr_whole_parent(path);
    if (parent != NULL)
        mr_temporary_sweep(parent, PREFIX);
    free(parent);
}
