/* A temporary file that starts in memory and moves to disk when the memory for it is used up. */
#include "store/spool.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* Names in the store's directory: this, or with ".new". */
struct name {
    char text[sizeof ((struct mr_spool *)NULL)->name + sizeof ".new"];
};

static struct name name_of(const struct mr_spool *s, bool committed)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "%s%s", s->name, committed ? "" : ".new");
    return name;
}

/* Opens the spool's file to be read. */
static int open_file(const struct mr_spool *s, const struct mr_store *store, struct mr_error *err)
{
    struct name name = name_of(s, s->committed);
    /* Should there be a pipe in its place, it is not waited for. */
    int fd = openat(store->fd, name.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0)
        return fd;
    bool gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    mr_error_system(err, "cannot read temporary file '%s/%s'", store->directory, name.text);
    if (gone)
        err->damaged = s->id;
    return -1;
}

int mr_spool_is_file(int directory, const char *name, bool whole)
{
    static const unsigned char nothing[MR_SPOOL_MAGIC_SIZE];
    unsigned char head[MR_SPOOL_MAGIC_SIZE];
    struct stat st;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
        return 0;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t size = mr_pread_full(fd, head, sizeof head, 0);
    close(fd);
    if (size < 0)
        return -1;
    if (whole)
        return size == sizeof head && memcmp(head, MR_SPOOL_MAGIC, sizeof head) == 0;
    return memcmp(head, MR_SPOOL_MAGIC, (size_t)size) == 0 ||
           memcmp(head, nothing, (size_t)size) == 0;
}

/* Whether errno tells of something that stays as it is: no room, no right, no such place. */
static bool is_lasting(int code)
{
    return code == ENOSPC || code == EDQUOT || code == EFBIG || code == EROFS || code == EACCES ||
           code == EPERM || code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG;
}

/* How the user chooses where temporary files go. */
static const char *option(const struct mr_store *store)
{
    return store->kept ? "--work-dir" : "--temp-dir";
}

static int write_failed(const struct mr_spool *s, const struct mr_store *store,
                        struct mr_error *err)
{
    const unsigned long long written = s->size - s->pending;
    if (errno == EFBIG) /* no place has more room than that */
        mr_error_system(err, "cannot write temporary file '%s/%s' after %llu bytes (files may not "
                             "be larger: ulimit -f)", store->directory, s->name, written);
    else
        mr_error_system(err, "cannot write temporary file '%s/%s' after %llu bytes (give a place "
                             "with more room with %s, or try --compress)", store->directory,
                        s->name, written, option(store));
    err->final = is_lasting(err->code);
    return -1;
}

void mr_spool_create_on_disk(struct mr_spool *s, const char *name, uint64_t id)
{
    memset(s, 0, sizeof *s);
    snprintf(s->name, sizeof s->name, "%s", name);
    s->id = id;
    s->fd = s->writer = -1;
    s->on_disk = true;
}

void mr_spool_create(struct mr_spool *s, struct mr_store *store, const char *name, uint64_t id)
{
    mr_spool_create_on_disk(s, name, id);
    if (store->kept)
        return;
    s->part_of = mr_memory_file_take(&store->files, store->fd_limit);
    if (s->part_of == NULL)
        return; /* on disk from the start */
    s->fd = s->part_of->fd;
    s->begin = s->part_of->end;
    s->on_disk = false;
}

/* Takes n bytes off the memory of all spools. They are taken off this one's share first, so that
 * the supervisor does not take them off again should this process die in between. */
static void uncount(struct mr_spool *s, struct mr_store *store, unsigned long long n)
{
    s->counted -= n;
    atomic_fetch_sub(&store->memory, n);
}

/* Counts n bytes of it as on the disk. */
static void count_written(struct mr_spool *s, struct mr_store *store, unsigned long long n)
{
    s->written += n;
    atomic_fetch_add(&store->disk, n);
}

static void uncount_written(struct mr_spool *s, struct mr_store *store, unsigned long long n)
{
    s->written -= n;
    atomic_fetch_sub(&store->disk, n);
}

/* Gives back the memory of what is gathered (in the writer). */
static void release_gathered(struct mr_spool *s)
{
    mr_memory_release(s->gathered, MR_SPOOL_GATHER);
    s->gathered = NULL;
    s->pending = 0;
}

/* Opens the file that is to be written, without a name where that can be had. */
static int make_file(struct mr_spool *s, const struct mr_store *store)
{
    if (store->nameless)
        return mr_open_nameless(store->fd);
    /* Noted before it is made: should this process die now, the supervisor removes the file. */
    s->named = true;
    int fd = openat(store->fd, name_of(s, false).text,
                    O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    s->named = fd >= 0;
    return fd;
}

/* Copies what is in memory to a file. Returns 0 or -1 (errno). */
static int copy_memory(const struct mr_spool *s, int file)
{
    for (unsigned long long at = 0; at < s->size; at += MR_SYNC_STEP) {
        size_t n = s->size - at < MR_SYNC_STEP ? (size_t)(s->size - at) : MR_SYNC_STEP;
        if (mr_copy_full(file, s->fd, (off_t)(s->begin + at), n) < 0)
            return -1;
        mr_progress_made(s->progress);
    }
    return 0;
}

/* Moves what is in memory to a file of the store's directory. */
static int move_to_disk(struct mr_spool *s, struct mr_store *store, struct mr_error *err)
{
    s->on_disk = true;
    int file = make_file(s, store);
    if (file < 0) {
        mr_error_system(err, "cannot make temporary file '%s/%s' (choose another place for "
                             "temporary files with %s)", store->directory, s->name, option(store));
        err->final = is_lasting(err->code);
        return -1;
    }
    s->gathered = mr_memory_get(MR_SPOOL_GATHER);
    if (s->gathered == NULL) {
        mr_error_memory(err, MR_SPOOL_GATHER, "a temporary file");
        goto failed;
    }
    if (copy_memory(s, file) < 0) {
        write_failed(s, store, err);
        goto failed;
    }
    if (s->fd >= 0 && ftruncate(s->fd, (off_t)s->begin) < 0) {
        mr_error_system(err, "cannot free the memory of temporary file '%s'", s->name);
        goto failed;
    }
    uncount(s, store, s->counted);
    count_written(s, store, s->size);
    s->writer = file;
    return 0;
failed:
    release_gathered(s);
    close(file);
    return -1;
}

/* Writes what is gathered to the disk. */
static int flush(struct mr_spool *s, const struct mr_store *store, struct mr_error *err)
{
    if (mr_write_full(s->writer, s->gathered, s->pending) < 0)
        return write_failed(s, store, err);
    s->pending = 0;
    return 0;
}

/* Appends to the file on the disk. */
static int gather(struct mr_spool *s, const struct mr_store *store, const unsigned char *bytes,
                  size_t n, struct mr_error *err)
{
    while (n > 0) {
        size_t part = n < MR_SPOOL_GATHER - s->pending ? n : MR_SPOOL_GATHER - s->pending;
        memcpy(s->gathered + s->pending, bytes, part);
        s->pending += part;
        s->size += part;
        bytes += part;
        n -= part;
        if (s->pending == MR_SPOOL_GATHER && flush(s, store, err) < 0)
            return -1;
    }
    return 0;
}

/* Counts n more bytes against the memory of all spools. False when there is no room for them. */
static bool count_memory(struct mr_spool *s, struct mr_store *store, size_t n)
{
    unsigned long long cover = (s->size + n + PAGE - 1) / PAGE * PAGE;
    unsigned long long need = cover - s->covered;
    if (atomic_fetch_add(&store->memory, need) + need > store->allowed) {
        atomic_fetch_sub(&store->memory, need);
        return false;
    }
    s->counted += need;
    s->covered = cover;
    return true;
}

int mr_spool_append(struct mr_spool *s, struct mr_store *store, const void *bytes, size_t n,
                    struct mr_error *err)
{
    mr_progress_made(s->progress);
    if (s->writer < 0 && (s->on_disk || !count_memory(s, store, n)) &&
        move_to_disk(s, store, err) < 0)
        return -1;
    if (s->writer >= 0) {
        count_written(s, store, n);
        return gather(s, store, bytes, n, err);
    }
    if (mr_pwrite_full(s->fd, bytes, n, (off_t)(s->begin + s->size)) < 0)
        return write_failed(s, store, err);
    s->size += n;
    return 0;
}

void mr_spool_forget(struct mr_spool *s, struct mr_store *store, unsigned long long from,
                     unsigned long long to)
{
    int fd = s->writer >= 0 ? s->writer : s->fd;
    unsigned long long begin = s->writer >= 0 ? 0 : s->begin;
    from = (from + PAGE - 1) / PAGE * PAGE;
    to = to / PAGE * PAGE;
    if (from >= to || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                (off_t)(begin + from), (off_t)(to - from)) < 0)
        return; /* a file system that cannot: the bytes stay until the spool goes */
    if (s->counted >= to - from)
        uncount(s, store, to - from);
    if (s->written >= to - from)
        uncount_written(s, store, to - from);
}

/* Brings a large file to the disk step by step. Returns 0 or -1 (errno). */
static int sync_steps(const struct mr_spool *s)
{
    for (unsigned long long at = 0; at + MR_SYNC_STEP < s->size; at += MR_SYNC_STEP) {
        if (mr_sync_step(s->writer, at) < 0)
            return -1;
        mr_progress_made(s->progress);
    }
    return fdatasync(s->writer);
}

int mr_spool_sync(struct mr_spool *s, const struct mr_store *store, struct mr_error *err)
{
    if (flush(s, store, err) < 0)
        return -1;
    return sync_steps(s) < 0 ? write_failed(s, store, err) : 0;
}

int mr_spool_name(struct mr_spool *s, const struct mr_store *store, struct mr_error *err)
{
    if (s->named)
        return 0;
    s->named = true; /* noted before, as above */
    if (mr_name_file(s->writer, store->fd, name_of(s, false).text) == 0)
        return 0;
    s->named = false; /* what has that name is not ours */
    mr_error_system(err, "cannot name temporary file '%s/%s.new' (if there is one, it is not this "
                         "program's: move it away)", store->directory, s->name);
    err->final = is_lasting(err->code) || err->code == EEXIST;
    return -1;
}

int mr_spool_finish(struct mr_spool *s, const struct mr_store *store, struct mr_error *err)
{
    if (s->writer < 0)
        return 0;
    if ((store->kept ? mr_spool_sync(s, store, err) : flush(s, store, err)) < 0 ||
        mr_spool_name(s, store, err) < 0)
        return -1;
    release_gathered(s);
    /* Some file systems tell of a full disk only here. */
    return mr_close(&s->writer) < 0 ? write_failed(s, store, err) : 0;
}

void mr_spool_abandon(struct mr_spool *s)
{
    release_gathered(s);
    mr_close(&s->writer);
}

static int cannot_commit(const struct mr_store *store, struct name name, struct mr_error *err)
{
    mr_error_system(err, "cannot commit temporary file '%s/%s' (was its directory changed?)",
                    store->directory, name.text);
    return mr_error_final(err);
}

/* Gives back the memory file of a spool that was moved to disk, or is dropped uncommitted. */
static void leave_memory(struct mr_spool *s)
{
    if (s->part_of != NULL)
        mr_memory_file_discard(s->part_of);
    s->part_of = NULL;
    s->fd = -1;
    s->begin = 0;
}

int mr_spool_commit(struct mr_spool *s, struct mr_store *store, struct mr_error *err)
{
    if (!s->on_disk) {
        mr_memory_file_give(s->part_of, s->size);
        s->committed = true;
        return 0;
    }
    leave_memory(s);
    s->writer = -1;
    if (s->size == 0)
        return 0;
    struct name from = name_of(s, false), to = name_of(s, true);
    if (mr_rename_new(store->fd, from.text, store->fd, to.text) < 0)
        return cannot_commit(store, from, err);
    s->committed = true;
    if (store->kept && mr_sync_names(store->fd) < 0)
        return cannot_commit(store, to, err);
    int fd = open_file(s, store, err);
    if (fd < 0 && err->damaged == 0)
        return mr_error_final(err);
    err->damaged = 0; /* where it is gone already, its readers will find that */
    if (fd >= store->fd_limit)
        mr_close(&fd);
    s->fd = fd;
    return 0;
}

bool mr_spool_adopt(struct mr_spool *s, const struct mr_store *store, const char *name,
                    uint64_t id, unsigned long long size)
{
    struct mr_error ignored;
    mr_spool_create_on_disk(s, name, id);
    s->committed = s->named = true;
    s->size = size;
    if (size == 0)
        return true;
    struct stat st;
    s->fd = open_file(s, store, &ignored);
    if (s->fd < 0 || fstat(s->fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        (unsigned long long)st.st_size != size) {
        mr_close(&s->fd);
        memset(s, 0, sizeof *s);
        return false;
    }
    if (s->fd >= store->fd_limit)
        mr_close(&s->fd);
    return true;
}

int mr_spool_damaged(const struct mr_spool *s, unsigned long long offset, const char *what,
                     struct mr_error *err)
{
    mr_error_set(err, "temporary file '%s' is damaged at byte %llu: %s", s->name, offset, what);
    err->damaged = s->id;
    return -1;
}

/* Takes the end of a piece to be read from what its writer has gathered. Returns how many bytes
 * of it are left to be read from the file. */
static size_t read_gathered(const struct mr_spool *s, unsigned char *to, size_t n,
                            unsigned long long offset)
{
    unsigned long long written = s->size - s->pending;
    if (s->pending == 0 || offset + n <= written || offset + n > s->size)
        return n;
    size_t left = offset < written ? (size_t)(written - offset) : 0;
    memcpy(to + left, s->gathered + (offset + left - written), n - left);
    return left;
}

int mr_spool_read(const struct mr_spool *s, const struct mr_store *store, void *to, size_t n,
                  unsigned long long offset, struct mr_error *err)
{
    if (offset > s->size || n > s->size - offset) /* behind it there may be another's */
        return mr_spool_damaged(s, s->size, "it is cut short", err);
    n = read_gathered(s, to, n, offset);
    if (n == 0)
        return 0;
    unsigned long long begin = s->writer >= 0 ? 0 : s->begin;
    int own = s->writer >= 0 ? s->writer : s->fd, fd = own;
    if (fd < 0 && (fd = open_file(s, store, err)) < 0)
        return -1;
    ssize_t got = mr_pread_full(fd, to, n, (off_t)(begin + offset));
    int code = errno;
    if (fd != own)
        close(fd);
    if (got == (ssize_t)n)
        return 0;
    if (got >= 0)
        return mr_spool_damaged(s, offset + (unsigned long long)got, "it is cut short", err);
    errno = code;
    mr_error_system(err, "cannot read temporary file '%s' at byte %llu", s->name, offset);
    err->damaged = s->id;
    return -1;
}

/* Closes the spool and gives its memory back; with unlinking, also removes its file. */
static void close_spool(struct mr_spool *s, struct mr_store *store, bool unlinking)
{
    if (s->name[0] == '\0')
        return;
    if (s->part_of == NULL)
        mr_close(&s->fd);
    else if (s->on_disk || !s->committed)
        leave_memory(s);
    else
        mr_memory_file_drop(s->part_of, s->begin, s->size);
    uncount(s, store, s->counted);
    uncount_written(s, store, s->written);
    if (unlinking && s->named && store->fd >= 0)
        /* What stays is removed with the directory at the run's end. */
        unlinkat(store->fd, name_of(s, s->committed).text, 0);
    /* The id stays: a worker may be about to read the spool, and its error must say which one is
     * gone. */
    s->name[0] = '\0';
    s->part_of = NULL;
    s->begin = 0;
    s->fd = s->writer = -1;
    s->gathered = NULL; /* in the writer, which has ended */
    s->pending = 0;
    s->on_disk = s->committed = s->named = false;
    s->size = s->counted = s->covered = 0;
}

void mr_spool_close(struct mr_spool *s, struct mr_store *store)
{
    close_spool(s, store, !(store->kept && s->committed));
}

void mr_spool_drop(struct mr_spool *s, struct mr_store *store)
{
    close_spool(s, store, true);
}
