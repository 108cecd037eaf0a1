/* What outputs that are whole or absent have in common. */
#include "write/whole.h"

#include "base/error.h"

#include <errno.h>
#include <unistd.h>

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

int mr_whole_not_synced(const char *path, struct mr_error *err)
{
    mr_error_system(err, "'%s' is whole and in its place, but its name may not be on the disk yet",
                    path);
    return mr_error_final(err);
}
