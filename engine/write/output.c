/* The output: standard output, a file that is renamed into place, a directory of parts. */
#include "write/output.h"

#include "base/error.h"
#include "base/io.h"
#include "base/temporary.h"
#include "write/text.h"

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

int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err)
{
    *o = (struct mr_output){ .fd = -1, .lock = -1 };
    const char *path = config->output_dir ? config->output_dir : config->output;
    if (path == NULL) {
        o->fd = STDOUT_FILENO;
        return fcntl(o->fd, F_GETFD) < 0 ? cannot_write(o, err) : 0;
    }
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

int mr_output_rewind(const struct mr_output *o, struct mr_error *err)
{
    if (o->hidden == NULL || o->directory)
        return 0;
    off_t end = (off_t)o->written;
    if (ftruncate(o->fd, end) < 0 || lseek(o->fd, end, SEEK_SET) != end)
        return cannot_write(o, err);
    return 0;
}

int mr_output_append(const struct mr_output *o, uint32_t number, const struct mr_spool *text,
                     const struct mr_store *store, _Atomic uint64_t *progress,
                     struct mr_error *err)
{
    struct mr_text_copy copy = { .out = o->fd, .progress = progress };
    int result = mr_text_copy(&copy, text, store, number, err);
    if (result < 0 && copy.writing)
        return cannot_write(o, err);
    if (result < 0 && copy.copied > 0 && o->hidden == NULL)
        return mr_error_final(err);
    /* What is to be on the disk in the end goes there while more is merged. Should that fail, the
     * last word is fsync's. */
    if (result == 0 && o->hidden != NULL)
        (void)sync_file_range(o->fd, (off_t)o->written, (off_t)copy.copied,
                              SYNC_FILE_RANGE_WRITE);
    return result;
}

/* Opens a new file in the directory that is being made. */
static int open_in_directory(const struct mr_output *o, const char *name, struct mr_error *err)
{
    size_t room = strlen(o->hidden) + strlen(name) + 2;
    char *path = malloc(room);
    if (path == NULL)
        return mr_error_memory(err, room, "a part's name");
    snprintf(path, room, "%s/%s", o->hidden, name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666);
    free(path);
    if (fd < 0)
        return mr_error_system(err, "cannot make '%s' in output directory '%s'", name, o->path);
    return fd;
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

int mr_output_part(const struct mr_output *o, uint32_t number, const struct mr_spool *text,
                   const struct mr_store *store, _Atomic uint64_t *progress,
                   struct mr_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "part-r-%05u", number);
    struct mr_output file = *o;
    file.fd = open_in_directory(o, name, err);
    if (file.fd < 0)
        return -1;
    if (mr_output_append(&file, number, text, store, progress, err) < 0) {
        close(file.fd);
        return -1;
    }
    return close_written(o, file.fd, err);
}

static int commit_directory(struct mr_output *o, struct mr_error *err)
{
    if (chmod(o->hidden, new_mode(0777)) < 0)
        return cannot_write(o, err);
    int fd = open_in_directory(o, "_SUCCESS", err);
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
    if (o->path == NULL)
        return 0;
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
    if (o->hidden != NULL && o->directory)
        mr_directory_remove(AT_FDCWD, o->hidden);
    else if (o->hidden != NULL)
        unlink(o->hidden);
    mr_close(&o->lock);
    free(o->path);
    free(o->hidden);
    *o = (struct mr_output){ .fd = -1, .lock = -1 };
}
