/* The output: standard output, a file that is renamed into place, a directory of parts. */
#include "write/output.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX ".wc-mr-"

static const char *name_of(const struct mr_output *o)
{
    return o->path ? o->path : "standard output";
}

static int cannot_write(const struct mr_output *o, struct mr_error *err)
{
    mr_error_system(err, "cannot write '%s'", name_of(o));
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

/* Makes it under the hidden name ".wc-mr-XXXXXX" in the same directory. Returns its descriptor,
 * or -1 and no such name. */
static int make_hidden(struct mr_output *o, bool directory, struct mr_error *err)
{
    static const char ending[] = PREFIX MR_TEMPORARY_END;
    size_t length = parent_length(o->path), room = length + sizeof ending;
    o->hidden = malloc(room);
    if (o->hidden == NULL)
        return mr_error_memory(err, room, "the output's name");
    memcpy(o->hidden, o->path, length);
    memcpy(o->hidden + length, ending, sizeof ending);
    int fd = mr_temporary_make(o->hidden, directory);
    if (fd >= 0)
        return fd;
    free(o->hidden);
    o->hidden = NULL;
    if (!directory)
        return cannot_write(o, err);
    mr_error_system(err, "cannot make output directory '%s'", o->path);
    return mr_error_final(err);
}

/* What a new file's permissions are, which mkstemp does not give. */
static mode_t new_mode(mode_t mode)
{
    mode_t mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

static int open_file(struct mr_output *o, struct mr_error *err)
{
    struct stat st;
    bool exists = stat(o->path, &st) == 0;
    if (!exists && errno != ENOENT)
        return cannot_write(o, err);
    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return cannot_write(o, err);
    }
    /* A device or a pipe cannot be replaced by a file; it is written as it is. */
    if (exists && !S_ISREG(st.st_mode)) {
        o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
        return o->fd < 0 ? cannot_write(o, err) : 0;
    }
    /* What a link to a file points at is replaced, not the link. */
    if (exists) {
        char *real = realpath(o->path, NULL);
        if (real == NULL)
            return cannot_write(o, err);
        free(o->path);
        o->path = real;
    }
    o->fd = make_hidden(o, false, err);
    if (o->fd < 0)
        return -1;
    o->in_place = true;
    if (fchmod(o->fd, exists ? st.st_mode & 0777 : new_mode(0666)) < 0)
        return cannot_write(o, err);
    return 0;
}

static int open_directory(struct mr_output *o, struct mr_error *err)
{
    struct stat st;
    o->directory = true;
    if (lstat(o->path, &st) == 0) {
        mr_error_set(err, "cannot make output directory '%s': it exists; remove it or choose "
                          "another name", o->path);
        return mr_error_final(err);
    }
    o->lock = make_hidden(o, true, err);
    return o->lock < 0 ? -1 : 0;
}

/* How much of it there will be must be known to write a file in place that others may write, too:
 * not so for the first N records. */
static int open_standard(struct mr_output *o, bool all, struct mr_error *err)
{
    struct stat st;
    o->fd = STDOUT_FILENO;
    int flags = fcntl(o->fd, F_GETFL);
    if (flags < 0 || fstat(o->fd, &st) < 0)
        return cannot_write(o, err);
    o->in_place = all && S_ISREG(st.st_mode) && !(flags & O_APPEND) &&
                  lseek(o->fd, 0, SEEK_CUR) >= 0;
    return 0;
}

int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err)
{
    *o = (struct mr_output){ .fd = -1, .lock = -1, .part_fd = -1 };
    const char *path = config->output_dir ? config->output_dir : config->output;
    o->stream = mr_memory_get_shared(sizeof *o->stream);
    if (o->stream == NULL)
        return mr_error_memory(err, sizeof *o->stream, "the output");
    if (path == NULL)
        return open_standard(o, config->top == MR_ALL, err);
    o->path = strdup(path);
    if (o->path == NULL)
        return mr_error_memory(err, strlen(path), "the output's name");
    return config->output_dir ? open_directory(o, err) : open_file(o, err);
}

void mr_output_sweep(const struct mr_output *o)
{
    char *parent = o->hidden ? parent_of(o->path) : NULL;
    if (parent != NULL)
        mr_temporary_sweep(parent, PREFIX);
    free(parent);
}

int mr_output_reserve(struct mr_output *o, uint64_t size, struct mr_error *err)
{
    struct stat st;
    if (!o->in_place || o->path != NULL || size == 0)
        return 0;
    if (fstat(o->fd, &st) < 0)
        return cannot_write(o, err);
    /* One step, so that it holds beside others that do the same. */
    off_t end = lseek(o->fd, (off_t)size, SEEK_CUR);
    if (end < 0)
        return cannot_write(o, err);
    o->base = (uint64_t)end - size;
    o->appended = (uint64_t)st.st_size <= o->base;
    o->size = size;
    return 0;
}

/* A run has failed: nothing of what was reserved stays, if nobody has written behind it. */
static void give_up_reserved(const struct mr_output *o)
{
    off_t begin = (off_t)o->base, end = begin + (off_t)o->size;
    struct stat st;
    if (o->size == 0 || lseek(o->fd, 0, SEEK_CUR) != end || fstat(o->fd, &st) < 0)
        return;
    bool all_ours = o->appended && st.st_size > begin && st.st_size <= end;
    /* Where one of these fails the file stays as it is: the run's error is told. */
    if (lseek(o->fd, begin, SEEK_SET) == begin && all_ours)
        (void)!ftruncate(o->fd, begin);
}

/* Opens a file in the directory that is being made, which with fresh has nothing in it yet. */
static int open_in_directory(const struct mr_output *o, const char *name, bool fresh,
                             struct mr_error *err)
{
    size_t room = strlen(o->hidden) + strlen(name) + 2;
    char *path = malloc(room);
    if (path == NULL)
        return mr_error_memory(err, room, "a part's name");
    snprintf(path, room, "%s/%s", o->hidden, name);
    int flags = O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_TRUNC : 0);
    int fd = open(path, flags, 0666);
    free(path);
    if (fd < 0)
        return mr_error_system(err, "cannot make '%s' in output directory '%s'", name, o->path);
    return fd;
}

/* There may be more parts than descriptors: another that was open is closed. */
static int open_part(struct mr_output *o, uint32_t part, bool fresh, struct mr_error *err)
{
    if (o->part_fd >= 0 && o->part == part && !fresh)
        return 0;
    char name[32];
    snprintf(name, sizeof name, "part-r-%05u", part);
    if (mr_close(&o->part_fd) < 0)
        return cannot_write(o, err);
    o->part_fd = open_in_directory(o, name, fresh, err);
    o->part = part;
    return o->part_fd < 0 ? -1 : 0;
}

/* Has what was written reach the disk. What is no file on one has none to reach. */
static int sync_written(const struct mr_output *o, int fd, struct mr_error *err)
{
    return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? cannot_write(o, err) : 0;
}

static int close_written(const struct mr_output *o, int fd, struct mr_error *err)
{
    int result = sync_written(o, fd, err);
    if (close(fd) < 0 && result == 0)
        result = cannot_write(o, err);
    return result;
}

bool mr_output_is_sending(const struct mr_output *o)
{
    return atomic_load(&o->stream->begun) != atomic_load(&o->stream->sent);
}

/* What an earlier attempt gave the stream is not given again: it was the same. */
static int write_on(const struct mr_output *o, uint64_t at, const char *bytes, size_t n,
                    struct mr_error *err)
{
    uint64_t sent = atomic_load(&o->stream->sent);
    size_t had = sent <= at ? 0 : sent - at < n ? (size_t)(sent - at) : n;
    sent += n - had;
    atomic_store(&o->stream->begun, sent);
    if (mr_write_full(o->fd, bytes + had, n - had) < 0)
        return cannot_write(o, err);
    atomic_store(&o->stream->sent, sent);
    return 0;
}

int mr_output_write(struct mr_output *o, uint32_t part, uint64_t at, const void *bytes, size_t n,
                    struct mr_error *err)
{
    if (!o->directory && !o->in_place)
        return write_on(o, at, bytes, n, err);
    if (o->size > 0 && (at > o->size || n > o->size - at)) {
        mr_error_set(err, "internal error: the output is larger than was reckoned");
        return mr_error_final(err);
    }
    if (o->directory && open_part(o, part, at == 0, err) < 0)
        return -1;
    int fd = o->directory ? o->part_fd : o->fd;
    return mr_pwrite_full(fd, bytes, n, (off_t)(o->base + at)) < 0 ? cannot_write(o, err) : 0;
}

int mr_output_end(struct mr_output *o, uint32_t part, uint64_t from, uint64_t n,
                  struct mr_error *err)
{
    if (o->directory) {
        if (open_part(o, part, n == 0, err) < 0)
            return -1;
        int fd = o->part_fd;
        o->part_fd = -1;
        return close_written(o, fd, err);
    }
    /* It goes to the disk while more is merged. Should that fail, the last word is fsync's. */
    if (o->hidden != NULL && n > 0)
        (void)sync_file_range(o->fd, (off_t)from, (off_t)n, SYNC_FILE_RANGE_WRITE);
    return 0;
}

static int commit_directory(struct mr_output *o, struct mr_error *err)
{
    if (chmod(o->hidden, new_mode(0777)) < 0)
        return cannot_write(o, err);
    int fd = open_in_directory(o, "_SUCCESS", true, err);
    if (fd < 0 || close_written(o, fd, err) < 0 || sync_written(o, o->lock, err) < 0)
        return -1;
    /* Not plain rename: that would replace an empty directory made meanwhile. */
    if (renameat2(AT_FDCWD, o->hidden, AT_FDCWD, o->path, RENAME_NOREPLACE) < 0 &&
        ((errno != EINVAL && errno != ENOSYS) || rename(o->hidden, o->path) < 0))
        return cannot_write(o, err);
    return 0;
}

static int commit_file(struct mr_output *o, struct mr_error *err)
{
    if (o->hidden == NULL)
        return mr_close(&o->fd) < 0 ? cannot_write(o, err) : 0;
    if (sync_written(o, o->fd, err) < 0)
        return -1;
    /* Its lock goes with its descriptor, so first of all it gets its name. */
    if (rename(o->hidden, o->path) < 0 || mr_close(&o->fd) < 0)
        return cannot_write(o, err);
    return 0;
}

int mr_output_commit(struct mr_output *o, struct mr_error *err)
{
    if (o->path == NULL) {
        o->size = 0; /* what was reserved is full */
        return 0;
    }
    if ((o->directory ? commit_directory(o, err) : commit_file(o, err)) < 0)
        return -1;
    if (o->hidden == NULL)
        return 0;
    free(o->hidden);
    o->hidden = NULL;
    char *parent = parent_of(o->path);
    int synced = parent ? mr_sync_directory(parent) : 0;
    free(parent);
    if (synced == 0)
        return 0;
    mr_error_system(err, "'%s' is whole and in its place, but its name may not be on the disk yet",
                    o->path);
    return mr_error_final(err);
}

void mr_output_close(struct mr_output *o)
{
    if (o->path != NULL)
        mr_close(&o->fd);
    else
        give_up_reserved(o);
    mr_close(&o->part_fd);
    if (o->hidden != NULL && o->directory)
        mr_directory_remove(AT_FDCWD, o->hidden);
    else if (o->hidden != NULL)
        unlink(o->hidden);
    mr_close(&o->lock);
    mr_memory_release(o->stream, sizeof *o->stream);
    free(o->path);
    free(o->hidden);
    *o = (struct mr_output){ .fd = -1, .lock = -1, .part_fd = -1 };
}
