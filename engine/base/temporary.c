/* Files and directories under made-up names, locked while they are in use. */
#include "base/temporary.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    END = sizeof MR_TEMPORARY_END - 1,
    TRIES = 16 /* against sweepers that take what is not locked yet for abandoned */
};

bool mr_temporary_lock(int fd)
{
    /* Where there are no locks (some network file systems), nobody can sweep either. */
    return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Whether name still stands for what fd is open on: 1 or 0, or -1 when nobody can tell. */
static int is_same(int fd, int parent, const char *name)
{
    struct stat is, was;
    if (fstat(fd, &was) < 0)
        return -1;
    if (fstatat(parent, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    return is.st_dev == was.st_dev && is.st_ino == was.st_ino;
}

static int make_directory(char *path)
{
    if (mkdtemp(path) == NULL)
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int code = errno;
    if (fd < 0)
        rmdir(path);
    errno = code;
    return fd;
}

int mr_temporary_make(char *path, bool directory)
{
    int code = 0;
    for (int i = 0; i < TRIES; i++) {
        memcpy(path + strlen(path) - END, MR_TEMPORARY_END, END);
        int fd = directory ? make_directory(path) : mkostemp(path, O_CLOEXEC);
        int same = fd >= 0 && mr_temporary_lock(fd) ? is_same(fd, AT_FDCWD, path) : 0;
        if (same > 0)
            return fd;
        code = fd < 0 || same < 0 ? errno : EBUSY;
        mr_close(&fd);
        if (same < 0)
            unlinkat(AT_FDCWD, path, directory ? AT_REMOVEDIR : 0);
        /* ENOENT: a sweeper was quicker than our opening it. */
        if (code != EBUSY && code != ENOENT)
            break;
    }
    errno = code;
    return -1;
}

static void sweep(void *arg, int parent, const char *name)
{
    const char *prefix = *(const char **)arg;
    size_t length = strlen(prefix);
    struct stat st;
    if (strncmp(name, prefix, length) != 0 || strlen(name) != length + END ||
        fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_uid != geteuid() ||
        !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        return;
    int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    /* Not mr_temporary_lock: here no lock means that it is not known to be abandoned. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same(fd, parent, name) > 0) {
        if (S_ISDIR(st.st_mode))
            mr_directory_remove(parent, name);
        else
            unlinkat(parent, name, 0);
    }
    close(fd);
}

void mr_temporary_sweep(const char *parent, const char *prefix)
{
    mr_directory_each(AT_FDCWD, parent, sweep, &prefix);
}
