/* Sources: operands to files, in a stable order. */
#include "input/source.h"

#include "base/config.h"
#include "base/error.h"
#include "base/event.h"
#include "base/memory.h"
#include "input/encoding.h"
#include "store/marked_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Deeper trees than this are taken for a loop of links. */
enum { DEPTH_MAX = 200 };

struct finder {
    struct mr_sources *sources;
    const struct mr_job *job;
    const void *state;
    const struct mr_config *config;
    bool read_standard_input; /* it can be read once */
    bool has_work_dir;        /* it is there already */
    struct stat work_dir;
    struct mr_passed_over passed; /* in the operand that is being looked at */
};

const char *mr_source_name(const struct mr_source *s)
{
    return s->path ? s->path : "standard input";
}

const char *mr_sources_input_name(const void *sources, uint64_t source)
{
    const struct mr_sources *s = sources;
    if (source >= s->count)
        return NULL;
    return s->at[source].path ? s->at[source].path : "-";
}

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer loses track of the copied paths, which the list holds, as directories recurse. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Whether the kernel makes a file's content up: what it tells of such a file's size (0 in /proc, a
 * page in /sys) is not true. path is NULL for standard input. */
static bool is_made_up(const char *path, const struct stat *st)
{
    static const unsigned long made_up[] = {
        PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC,
        SELINUX_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, RDTGROUP_SUPER_MAGIC,
        BINFMTFS_MAGIC, BPF_FS_MAGIC, XENFS_SUPER_MAGIC, 0x62656570 /* configfs */
    };
    struct statfs fs;
    /* It has no blocks. So have empty, sparse and tiny files. */
    if (!S_ISREG(st->st_mode) || (st->st_size > 0 && st->st_blocks > 0) ||
        (path ? statfs(path, &fs) : fstatfs(STDIN_FILENO, &fs)) < 0)
        return false;
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++)
        if ((unsigned long)fs.f_type == made_up[i])
            return true;
    return false;
}

/* The size of a file from a place on; what is cut off below that has none. */
static uint64_t size_from(const struct stat *st, off_t base)
{
    return st->st_size < base ? 0 : (uint64_t)(st->st_size - base);
}

/* Adds a source; path is copied. */
static int add(struct finder *f, const char *path, const struct stat *st, off_t base,
               struct mr_error *err)
{
    struct mr_sources *s = f->sources;
    struct mr_source *at = mr_memory_grow(s->at, &s->capacity, s->count, sizeof *at,
                                          "the list of inputs", err);
    if (at == NULL)
        return -1;
    s->at = at;
    char *name = path ? strdup(path) : NULL;
    if (path && name == NULL)
        return mr_error_memory(err, strlen(path), "the list of inputs");
    bool stream = !S_ISREG(st->st_mode);
    bool made_up = is_made_up(path, st);
    uint64_t size = stream || made_up ? 0 : size_from(st, base);
    s->at[s->count] = (struct mr_source){
        .path = name,
        .number = s->count,
        .stream = stream,
        .made_up = made_up,
        .size = size,
        .base = base,
        .device = st->st_dev,
        .inode = st->st_ino,
        .changed = st->st_mtim,
        .state = st->st_ctim,
        .as_bytes = f->config->force_bytes,
        .encoding = f->config->encoding,
        .records = f->job->records ? f->job->records(f->state, path) : &mr_lines,
        .quotes = f->job->quotes ? f->job->quotes(f->state, path) : NULL,
    };
    s->count++;
    s->bytes += size;
    s->streams |= stream;
    return 0;
}

static int cannot_read(const char *path, struct mr_error *err)
{
    mr_error_system(err, "cannot read '%s'", path);
    switch (err->code) {
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ETIMEDOUT: return -1; /* what is short or down now may not be the next time */
    default: return mr_error_final(err);
    }
}

/* A name that leads nowhere, though it may be there. */
static int cannot_find(const char *path, struct mr_error *err)
{
    struct stat st;
    int code = errno;
    bool link = (code == ENOENT || code == ELOOP) && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    errno = code;
    cannot_read(path, err);
    if (link)
        mr_error_suffix(err, "; it is a link that leads nowhere: remove it, or name the files that "
                             "are to be counted (--files0-from takes them from find -print0)");
    return -1;
}

/* Adds a file by its path. One that is found unreadable only by a mapper would fail later, after
 * work. */
static int add_file(struct finder *f, const char *path, const struct stat *st,
                    struct mr_error *err)
{
    if (access(path, R_OK) < 0)
        return cannot_read(path, err);
    return add(f, path, st, 0, err);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static bool is_hidden(const char *name)
{
    return *name == '.' || *name == '_';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* NOLINTNEXTLINE(misc-no-recursion): to DEPTH_MAX at most */
static int add_directory(struct finder *f, const char *path, int depth, struct mr_error *err);

/* Whether a directory is this run's work directory, by whatever name. */
static bool is_work_dir(const struct finder *f, const struct stat *st)
{
    return f->has_work_dir && st->st_ino == f->work_dir.st_ino &&
           st->st_dev == f->work_dir.st_dev;
}

/* Whether a directory is one that this program keeps files of its own in, in this run or another:
 * they are no input, and come and go. */
static bool is_own(const struct finder *f, const char *path, const struct stat *st)
{
    return is_work_dir(f, st) || (st->st_uid == geteuid() && mr_marked_is(path));
}

/* Adds what is in an entry of a directory that is a directory itself, or a link to one. */
/* NOLINTNEXTLINE(misc-no-recursion): to DEPTH_MAX at most */
static int add_below(struct finder *f, const char *path, int depth, struct mr_error *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return cannot_read(path, err);
    const bool directory = S_ISDIR(st.st_mode), own = directory && is_own(f, path, &st);
    if (directory && !own && f->config->recursive)
        return add_directory(f, path, depth + 1, err);
    f->passed.no_files += !directory;
    f->passed.own += own;
    f->passed.directories += directory && !own;
    return 0;
}

/* Adds a directory's entry: a file, or with recursive what is below it. What else there is in
 * directories (pipes, sockets, devices) is not input. */
/* NOLINTNEXTLINE(misc-no-recursion): to DEPTH_MAX at most */
static int add_entry(struct finder *f, const char *path, int depth, struct mr_error *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return cannot_find(path, err);
    if (S_ISREG(st.st_mode))
        return add_file(f, path, &st, err);
    if (S_ISDIR(st.st_mode))
        return add_below(f, path, depth, err);
    f->passed.no_files++;
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): to DEPTH_MAX at most */
static int add_directory(struct finder *f, const char *path, int depth, struct mr_error *err)
{
    if (depth > DEPTH_MAX) {
        mr_error_set(err, "cannot read '%s': more than %d directories deep", path, DEPTH_MAX);
        return mr_error_final(err);
    }
    struct dirent **names;
    int count = scandir(path, &names, is_entry, by_name);
    if (count < 0)
        return cannot_read(path, err);
    int result = 0;
    size_t length = strlen(path);
    const char *slash = length > 0 && path[length - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        bool hidden = !f->config->all && is_hidden(names[i]->d_name);
        f->passed.hidden += hidden;
        size_t room = length + strlen(names[i]->d_name) + 2;
        char *name = result == 0 && !hidden ? malloc(room) : NULL;
        if (name != NULL) {
            snprintf(name, room, "%s%s%s", path, slash, names[i]->d_name);
            result = add_entry(f, name, depth, err);
            free(name);
        } else if (result == 0 && !hidden) {
            result = mr_error_memory(err, room, "a file name");
        }
        free(names[i]);
    }
    free(names);
    return result;
}

static int add_standard_input(struct finder *f, struct mr_error *err)
{
    struct stat st;
    if (f->read_standard_input)
        return 0;
    f->read_standard_input = true;
    if (fstat(STDIN_FILENO, &st) < 0)
        return cannot_read("standard input", err);
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return cannot_read("standard input", err);
    }
    off_t base = S_ISREG(st.st_mode) ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
    return base < 0 ? cannot_read("standard input", err) : add(f, NULL, &st, base, err);
}

/* Adds to a list of what was passed over. */
static void list(char *to, size_t room, uint64_t count, const char *what, const char *why)
{
    size_t n = strlen(to);
    if (count > 0)
        snprintf(to + n, room - n, "%s %s %llu (%s)", n ? "," : "; passed over:", what,
                 (unsigned long long)count, why);
}

/* Tells what a directory has given, unless that is all there is in it. */
static void tell(const struct finder *f, const char *path, bool nothing)
{
    const struct mr_passed_over *p = &f->passed;
    char passed[400] = "";
    list(passed, sizeof passed, p->hidden, "names that begin with _ or .", "--all takes them");
    list(passed, sizeof passed, p->directories, "directories", "--recursive takes what is in them");
    list(passed, sizeof passed, p->no_files, "what is no file",
         "a pipe, a socket, a device, a link to a directory");
    list(passed, sizeof passed, p->own, "work and temporary directories",
         "they are this program's");
    if (nothing || *passed != '\0')
        mr_event_say(f->config, nothing ? MR_WARNING : MR_NOTE, "directory '%s'%s%s", path,
                     nothing ? " gives no file to count" : "", passed);
}

static int add_tree(struct finder *f, const char *path, const struct stat *st,
                    struct mr_error *err)
{
    size_t before = f->sources->count;
    struct mr_passed_over *all = &f->sources->passed_over, *here = &f->passed;
    if (is_work_dir(f, st)) {
        mr_error_set(err, "cannot read '%s': it is the work directory", path);
        return mr_error_final(err);
    }
    *here = (struct mr_passed_over){ 0 };
    if (add_directory(f, path, 0, err) < 0)
        return -1;
    tell(f, path, f->sources->count == before);
    all->hidden += here->hidden;
    all->directories += here->directories;
    all->no_files += here->no_files;
    all->own += here->own;
    return 0;
}

static int add_operand(struct finder *f, const char *path, struct mr_error *err)
{
    if (strcmp(path, "-") == 0)
        return add_standard_input(f, err);
    struct stat st;
    if (stat(path, &st) < 0)
        return cannot_find(path, err);
    return S_ISDIR(st.st_mode) ? add_tree(f, path, &st, err) : add_file(f, path, &st, err);
}

/* Refuses other inputs than as many as the job takes. */
static int check_count(const struct mr_sources *s, const struct mr_job *job, struct mr_error *err)
{
    const char *extra = s->count > job->files ? mr_source_name(&s->at[job->files]) : NULL;
    return mr_config_check_count(job, s->count, extra, err) < 0 ? mr_error_final(err) : 0;
}

int mr_sources_find(struct mr_sources *s, const struct mr_job *job, const void *state,
                    const struct mr_config *config, struct mr_error *err)
{
    struct finder f = { .sources = s, .job = job, .state = state, .config = config };
    f.has_work_dir = config->work_dir && stat(config->work_dir, &f.work_dir) == 0;
    memset(s, 0, sizeof *s);
    if (config->encoding && mr_encoding_check(config->encoding, err) < 0)
        return -1;
    for (size_t i = 0; i < config->input_count; i++)
        if (add_operand(&f, config->inputs[i], err) < 0)
            return -1;
    for (size_t i = 0; i < s->count; i++)
        s->at[i].count = s->count;
    return check_count(s, job, err);
}

struct mr_chunk mr_source_chunk(const struct mr_source *s, const unsigned char *data, size_t size,
                                uint64_t offset)
{
    return (struct mr_chunk){
        .data = data,
        .size = size,
        .records = s->records,
        .quotes = s->quotes,
        .file = s->path ? s->path : "-",
        .source = s->number,
        .sources = s->count,
        .offset = offset,
        .note = s->note,
    };
}

void mr_sources_bound(struct mr_sources *s, uint64_t decode_memory)
{
    for (size_t i = 0; i < s->count; i++)
        s->at[i].decode_memory = decode_memory;
}

void mr_sources_end(const struct mr_sources *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct mr_source *at = &s->at[i];
        if (at->path == NULL && !at->stream && !at->made_up)
            (void)lseek(STDIN_FILENO, (off_t)at->size, SEEK_CUR); /* it could be asked before */
    }
}

void mr_sources_free(struct mr_sources *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->at[i].path);
    free(s->at);
    memset(s, 0, sizeof *s);
}

static bool same(const struct mr_source *s, const struct stat *st)
{
    if (s->stream || s->made_up)
        return true;
    return st->st_dev == s->device && st->st_ino == s->inode &&
           size_from(st, s->base) == s->size && st->st_mtim.tv_sec == s->changed.tv_sec &&
           st->st_mtim.tv_nsec == s->changed.tv_nsec;
}

int mr_source_check(const struct mr_source *s, int fd, struct mr_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return cannot_read(mr_source_name(s), err);
    if (same(s, &st))
        return 0;
    mr_error_set(err, "'%s' was changed while it was being read; run again when it is at rest",
                 mr_source_name(s));
    return mr_error_final(err);
}

int mr_source_open(const struct mr_source *s, bool *close_it, struct mr_error *err)
{
    *close_it = s->path != NULL;
    /* A file that has become a pipe meanwhile is not to be waited for. */
    int flags = O_RDONLY | O_CLOEXEC | (s->stream ? 0 : O_NONBLOCK);
    int fd = s->path ? open(s->path, flags) : STDIN_FILENO;
    if (fd < 0)
        return cannot_read(mr_source_name(s), err);
    if (mr_source_check(s, fd, err) == 0)
        return fd;
    if (*close_it)
        close(fd);
    return -1;
}
