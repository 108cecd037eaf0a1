/* An output that is a file which was open already. */
#include "write/inherited.h"

#include "base/error.h"
#include "base/io.h"
#include "write/whole.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int mr_inherited_is_possible(int fd)
{
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &st) < 0)
        return -1;
    return S_ISREG(st.st_mode) && !(flags & O_APPEND) && lseek(fd, 0, SEEK_CUR) >= 0;
}

int mr_inherited_reserve(struct mr_inherited *f, uint64_t size, struct mr_error *err)
{
    struct stat st;
    if (size == 0)
        return 0;
    if (fstat(f->fd, &st) < 0)
        return mr_cannot_write(f->name, err);
    /* In one call, so that nobody who shares the file can reserve the same bytes. */
    off_t end = lseek(f->fd, (off_t)size, SEEK_CUR);
    if (end < 0)
        return mr_cannot_write(f->name, err);
    f->base = (uint64_t)end - size;
    f->appended = (uint64_t)st.st_size <= f->base;
    f->size = size;
    return 0;
}

int mr_inherited_write(struct mr_inherited *f, uint64_t at, const void *bytes, size_t n,
                       struct mr_error *err)
{
    if (at > f->size || n > f->size - at) {
        mr_error_set(err, "internal error: the output is larger than was computed");
        return mr_error_final(err);
    }
    if (mr_pwrite_full(f->fd, bytes, n, (off_t)(f->base + at)) < 0)
        return mr_cannot_write(f->name, err);
    return 0;
}

void mr_inherited_commit(struct mr_inherited *f)
{
    f->size = 0;
}

void mr_inherited_rollback(struct mr_inherited *f)
{
    off_t begin = (off_t)f->base, end = begin + (off_t)f->size;
    struct stat st;
    if (f->size == 0 || lseek(f->fd, 0, SEEK_CUR) != end || fstat(f->fd, &st) < 0)
        return;
    bool all_ours = f->appended && st.st_size > begin && st.st_size <= end;
    /* Where one of these fails the file stays as it is: the run's error is told. */
    if (lseek(f->fd, begin, SEEK_SET) == begin && all_ours)
        (void)!ftruncate(f->fd, begin);
    f->size = 0;
}
