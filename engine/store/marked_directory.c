/* Directories with a marker: made, taken, swept, removed. */
#include "store/marked_directory.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    END = 6,    /* characters of a name behind its prefix */
    TRIES = 16, /* of names that are there already */
    READS = 2   /* of a directory with files and no marker */
};

/* What stands in a marker: one of these, and where it was put. */
static const char text_made[] = "wc-mr made this directory, and removes it with its files.\n";
static const char text_given[] = "wc-mr was given this directory, and removes its own files.\n";
#define PLACE "This is file %ju in directory %ju; a copy is somebody else's.\n"

/* ---- what is open and what is named ------------------------------------------------------ */

/* Whether its name still stands for it: 1 or 0, or -1 (errno). */
static int in_place(const struct mr_marked_directory *m)
{
    return mr_same_file(m->fd, m->parent, m->name);
}

static int open_directory(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Which names there are in a directory. */
struct names {
    bool marker, other;
};

static void note_name(void *arg, int directory, const char *name)
{
    struct names *names = arg;
    (void)directory;
    *(strcmp(name, MR_MARKER) == 0 ? &names->marker : &names->other) = true;
}

/* Finds them. Returns 0 or -1 (errno). */
static int read_names(int directory, struct names *names)
{
    *names = (struct names){ false, false };
    return mr_directory_each(directory, note_name, names);
}

/* 1 or 0, or -1 (errno). */
static int is_empty(int directory)
{
    struct names names;
    return read_names(directory, &names) < 0 ? -1 : !names.marker && !names.other;
}

/* ---- the marker -------------------------------------------------------------------------- */

/* Returns false only where another process has the lock. Without locks (on some network file
 * systems) that does no harm: sweeping wants a lock that is granted, so nothing is swept there. */
static bool lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

struct text {
    char bytes[256];
    size_t size;
};

/* The text of a marker that is this file in this directory. */
static struct text text_of(bool made, uintmax_t file, uintmax_t directory)
{
    struct text text;
    text.size = (size_t)snprintf(text.bytes, sizeof text.bytes, "%s" PLACE,
                                 made ? text_made : text_given, file, directory);
    return text;
}

/* The text of a marker that fd is to be in m. Returns 0 or -1. */
static int make_text(struct text *text, const struct mr_marked_directory *m, int fd)
{
    struct stat file, directory;
    if (fstat(fd, &file) < 0 || fstat(m->fd, &directory) < 0)
        return -1;
    *text = text_of(m->made, file.st_ino, directory.st_ino);
    return 0;
}

/* Locks and writes a marker: in a file that has no name yet, where the file system has such files,
 * so that nobody ever sees half of it. It is locked first: without text it is no marker to others,
 * and once it has one, nobody else gets the lock. */
static int write_marker(struct mr_marked_directory *m, int fd, bool durable)
{
    struct text text;
    if (fd < 0)
        return -1;
    if (lock(fd) && make_text(&text, m, fd) == 0 &&
        mr_write_full(fd, text.bytes, text.size) == 0 && (!durable || fsync(fd) == 0)) {
        m->marker = fd;
        return 0;
    }
    int code = errno;
    close(fd);
    errno = code;
    return -1;
}

/* Makes the marker. Returns 0 or -1; EEXIST: there is one. */
static int make_marker(struct mr_marked_directory *m, bool durable)
{
    int fd = mr_open_nameless(m->fd);
    if (fd >= 0) {
        if (write_marker(m, fd, durable) < 0)
            return -1;
        m->nameless = mr_name_file(m->marker, m->fd, MR_MARKER) == 0;
        if (m->nameless)
            return 0;
        int code = errno;
        mr_close(&m->marker);
        errno = code;
        if (code == EEXIST)
            return -1;
    }
    fd = openat(m->fd, MR_MARKER, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (write_marker(m, fd, durable) == 0)
        return 0;
    /* A directory with half a marker would be nobody's, and never be removed. */
    int code = errno;
    unlinkat(m->fd, MR_MARKER, 0);
    errno = code;
    return -1;
}

/* Whether a text is a marker's, wherever that was put. */
static bool is_text(const struct text *text)
{
    uintmax_t file, directory;
    const char *place = memchr(text->bytes, '\n', text->size);
    /* NOLINTNEXTLINE(cert-err34-c): what is read is written again, and compared */
    if (place == NULL || sscanf(place + 1, PLACE, &file, &directory) != 2)
        return false;
    for (int made = 0; made < 2; made++) {
        struct text whole = text_of(made, file, directory);
        if (whole.size == text->size && memcmp(whole.bytes, text->bytes, whole.size) == 0)
            return true;
    }
    return false;
}

/* Whether what is open is a marker: 1 or 0, or -1 (errno). m->made becomes whether it says that the
 * directory was made; the marker of a copied directory does not, as it names other numbers. */
static int is_marker(struct mr_marked_directory *m)
{
    struct text found = { .size = 0 }, wanted;
    struct stat st;
    if (fstat(m->marker, &st) < 0)
        return -1;
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
        return 0;
    ssize_t size = mr_pread_full(m->marker, found.bytes, sizeof found.bytes - 1, 0);
    if (size < 0)
        return -1;
    found.size = (size_t)size;
    m->made = true;
    if (make_text(&wanted, m, m->marker) < 0)
        return -1;
    m->made = found.size == wanted.size && memcmp(found.bytes, wanted.bytes, found.size) == 0;
    return is_text(&found);
}

/* Whether a directory has a marker, which is open then: 1 or 0, or -1 (errno). */
static int open_marker(struct mr_marked_directory *m)
{
    m->marker = openat(m->fd, MR_MARKER, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (m->marker < 0)
        return errno == ENOENT || errno == ELOOP || errno == EACCES || errno == ENXIO ? 0 : -1;
    int is = is_marker(m), code = errno;
    if (is <= 0)
        mr_close(&m->marker);
    errno = code;
    return is;
}

bool mr_marked_is(const char *path)
{
    struct mr_marked_directory m = MR_MARKED_NONE;
    m.fd = open_directory(AT_FDCWD, path);
    bool is = m.fd >= 0 && open_marker(&m) > 0;
    mr_close(&m.marker);
    mr_close(&m.fd);
    return is;
}

/* ---- making one -------------------------------------------------------------------------- */

static int make_directory(struct mr_marked_directory *m, const char *prefix)
{
    for (int i = 0; i < TRIES; i++) {
        if (mr_draw_name(m->name, prefix, END) < 0)
            return -1;
        if (mkdirat(m->parent, m->name, 0700) == 0)
            return 0;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

int mr_marked_make(struct mr_marked_directory *m, int parent, const char *prefix)
{
    *m = MR_MARKED_NONE;
    m->parent = parent;
    if (m->parent < 0 || make_directory(m, prefix) < 0)
        return -1;
    m->made = true;
    m->fd = open_directory(m->parent, m->name);
    /* Where somebody has put another directory in its place, what is in that is not touched. */
    int empty = m->fd < 0 ? -1 : is_empty(m->fd);
    if (empty > 0 && make_marker(m, false) == 0)
        return 0;
    int code = empty == 0 ? ENOTEMPTY : errno;
    if (empty > 0)
        unlinkat(m->fd, MR_MARKER, 0);
    unlinkat(m->parent, m->name, AT_REMOVEDIR);
    mr_close(&m->fd);
    errno = code;
    return -1;
}

/* ---- taking one -------------------------------------------------------------------------- */

/* Gives it a new name in the same directory. Returns 0 or -1. */
static int rename_to(struct mr_marked_directory *m, const char *name)
{
    int is = in_place(m);
    if (is <= 0) {
        errno = is < 0 ? errno : ENOENT;
        return -1;
    }
    if (mr_rename_new(m->parent, m->name, m->parent, name) < 0)
        return -1;
    snprintf(m->name, sizeof m->name, "%s", name);
    return 0;
}

/* Makes the directory at path. It gets its name when it has its marker, so that nobody takes it for
 * one that was there. The marker is there before it is on the disk, which takes long: a run that is
 * killed meanwhile leaves a directory that another run knows. */
static enum mr_taken make_at(struct mr_marked_directory *m, const char *path, const char *prefix)
{
    char name[MR_NAME_SIZE];
    if (mr_marked_make(m, mr_open_parent(path, name), prefix) < 0)
        return MR_TAKEN_FAILED;
    if (fsync(m->marker) == 0 && mr_sync_names(m->fd) == 0 && rename_to(m, name) == 0 &&
        mr_sync_names(m->parent) == 0)
        return MR_TAKEN;
    int code = errno;
    unlinkat(m->fd, MR_MARKER, 0);
    unlinkat(m->parent, m->name, AT_REMOVEDIR);
    errno = code;
    return code == EEXIST ? MR_TAKEN_BUSY : MR_TAKEN_FAILED;
}

/* Finds the names in a directory whose marker was not there. A run makes its marker before its
 * files and removes it after them: so files without a marker are not a run's, if all names are read
 * at one moment. Reading them may take several calls, between two of which a run may end; then
 * reading them again finds no files. */
static int read_names_again(int directory, struct names *names)
{
    for (int i = 0; i < READS; i++) {
        if (read_names(directory, names) < 0)
            return -1;
        if (names->marker || !names->other)
            break;
    }
    return 0;
}

/* Whether the file with the marker's name is none; another run may just have made a marker, or
 * removed it again. */
static bool has_false_marker(struct mr_marked_directory *m)
{
    errno = 0;
    return open_marker(m) == 0 && errno != ENOENT;
}

/* Marks a directory that was given, and must be empty. */
static enum mr_taken mark(struct mr_marked_directory *m)
{
    struct names names;
    if (read_names_again(m->fd, &names) < 0) /* or it has just been removed */
        return errno == ENOENT ? MR_TAKEN_BUSY : MR_TAKEN_FAILED;
    if (names.marker)
        return has_false_marker(m) ? MR_TAKEN_OTHER : MR_TAKEN_BUSY;
    if (names.other)
        return MR_TAKEN_OTHER;
    if (make_marker(m, true) < 0)
        return errno == EEXIST || errno == EWOULDBLOCK || errno == ENOENT ? MR_TAKEN_BUSY
                                                                          : MR_TAKEN_FAILED;
    return mr_sync_names(m->fd) < 0 ? MR_TAKEN_FAILED : MR_TAKEN;
}

/* Gets the lock of a marker that is there. */
static enum mr_taken lock_marker(struct mr_marked_directory *m)
{
    if (!lock(m->marker))
        return MR_TAKEN_BUSY;
    /* Whether files can be given names is tried with a name that is always there. */
    int trial = mr_open_nameless(m->fd);
    m->nameless = trial >= 0 && mr_name_file(trial, m->fd, ".") < 0 && errno == EEXIST;
    mr_close(&trial);
    return MR_TAKEN;
}

static enum mr_taken take_existing(struct mr_marked_directory *m, const char *real)
{
    struct stat st;
    m->parent = mr_open_parent(real, m->name);
    m->fd = m->parent < 0 ? -1 : open_directory(m->parent, m->name);
    if (m->fd < 0)
        return errno == ENOENT ? MR_TAKEN_BUSY : MR_TAKEN_FAILED; /* it has just been removed */
    if (fstat(m->fd, &st) < 0)
        return MR_TAKEN_FAILED;
    if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
        return MR_TAKEN_SHARED;
    int marked = open_marker(m);
    if (marked < 0)
        return MR_TAKEN_FAILED;
    enum mr_taken taken = marked ? lock_marker(m) : mark(m);
    if (taken != MR_TAKEN)
        return taken;
    /* The run that had it may have removed it before we got the lock. */
    int is = mr_same_file(m->marker, m->fd, MR_MARKER);
    if (is > 0)
        is = in_place(m);
    return is > 0 ? MR_TAKEN : is < 0 ? MR_TAKEN_FAILED : MR_TAKEN_BUSY;
}

enum mr_taken mr_marked_take(struct mr_marked_directory *m, const char *path, const char *prefix)
{
    struct stat st;
    *m = MR_MARKED_NONE;
    char *real = realpath(path, NULL);
    if (real == NULL && errno != ENOENT)
        return MR_TAKEN_FAILED;
    if (real == NULL && lstat(path, &st) == 0) {
        errno = ENOENT; /* a link to nothing, or it has just been made */
        return S_ISLNK(st.st_mode) ? MR_TAKEN_FAILED : MR_TAKEN_BUSY;
    }
    enum mr_taken taken = real ? take_existing(m, real) : make_at(m, path, prefix);
    int code = errno;
    m->prefix = prefix;
    free(real);
    errno = code;
    return taken;
}

/* ---- removing ---------------------------------------------------------------------------- */

struct removing {
    mr_remove_own *remove_own;
    bool failed;
};

static void remove_one(void *arg, int directory, const char *name)
{
    struct removing *r = arg;
    r->failed |= r->remove_own(directory, name) < 0;
}

/* Renames it, so that no other run takes it after its marker is removed and before it is itself. */
static bool hide(struct mr_marked_directory *m)
{
    char name[MR_NAME_SIZE];
    struct names names;
    return read_names(m->fd, &names) == 0 && !names.other &&
           mr_draw_name(name, m->prefix, END) == 0 && rename_to(m, name) == 0;
}

void mr_marked_remove(struct mr_marked_directory *m, mr_remove_own *remove_own)
{
    struct removing r = { remove_own, false };
    if (mr_directory_each(m->fd, remove_one, &r) < 0 || r.failed ||
        (m->prefix != NULL && mr_sync_names(m->fd) < 0))
        return; /* with its marker, so that another run can */
    bool hidden = m->prefix != NULL && m->made && hide(m);
    unlinkat(m->fd, MR_MARKER, 0);
    if (!m->made || in_place(m) == 0)
        return;
    /* A run that opened it before it was hidden may have made a marker in it, and will find that it
     * is gone. */
    for (int i = 0; unlinkat(m->parent, m->name, AT_REMOVEDIR) < 0 && hidden && i < TRIES; i++)
        unlinkat(m->fd, MR_MARKER, 0);
}

struct sweeping {
    const char *prefix;
    mr_remove_own *remove_own;
};

static bool is_abandoned(struct mr_marked_directory *m)
{
    struct stat st;
    m->fd = open_directory(m->parent, m->name);
    /* Not lock(): without locks it is not known to be abandoned. */
    return m->fd >= 0 && fstat(m->fd, &st) == 0 && st.st_uid == geteuid() &&
           (st.st_mode & 0777) == 0700 && open_marker(m) > 0 && m->made &&
           flock(m->marker, LOCK_EX | LOCK_NB) == 0 &&
           mr_same_file(m->marker, m->fd, MR_MARKER) > 0 && in_place(m) > 0;
}

static void sweep_one(void *arg, int parent, const char *name)
{
    const struct sweeping *s = arg;
    size_t length = strlen(s->prefix);
    struct mr_marked_directory m = MR_MARKED_NONE;
    if (strncmp(name, s->prefix, length) != 0 || strlen(name) != length + END)
        return;
    m.parent = parent;
    snprintf(m.name, sizeof m.name, "%s", name);
    if (is_abandoned(&m))
        mr_marked_remove(&m, s->remove_own);
    mr_close(&m.marker);
    mr_close(&m.fd);
}

void mr_marked_sweep(int parent, const char *prefix, mr_remove_own *remove_own)
{
    struct sweeping s = { prefix, remove_own };
    (void)mr_directory_each(parent, sweep_one, &s);
}

void mr_marked_close(struct mr_marked_directory *m)
{
    if (m->marker >= 0)
        flock(m->marker, LOCK_UN); /* a process that hangs may have it open still */
    mr_close(&m->marker);
    mr_close(&m->fd);
    mr_close(&m->parent);
}
