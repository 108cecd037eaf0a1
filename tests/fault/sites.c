/*
 * Numbered fault sites: linked before the C library by the linker's --wrap, so that each call that
 * the program makes of the system, or for memory, is counted here and can be made to fail. The
 * program's own code has nothing of it.
 *
 *     WC_MR_FAULT=write:5:once:ENOSPC        the fifth write of all processes together fails
 *     WC_MR_FAULT=open:2:ever:EMFILE         so does every open from the second on
 *     WC_MR_FAULT=read:3:each:short          every third read gets only half of what it asked for
 *     WC_MR_FAULT=rename:3:kill              at the third rename the first process is killed
 *     WC_MR_FAULT=write:7:die                the process that makes the seventh write is killed
 *     WC_MR_FAULT=read:7:stop                the process that makes the seventh read is stopped
 *     WC_MR_FAULT=clock:9:ever:back          from the ninth look at a clock on, it is an hour ago
 *     (several with commas between)
 *
 * WC_MR_FAULT_PAGE names a file that gets a line of 32 bytes for each kind of call: its name, how
 * many calls were made and how many of them failed (see struct tally).
 *
 * WC_MR_TRACE names a file that is told, in their order, the changes that all processes make to
 * files and directories below WC_MR_TRACE_ROOT; test_power.py reads it.
 *
 * The build takes the names to wrap from the lines that begin WRAPS or FAULTY.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

/* Declares a function of the C library and what stands in its place. */
#define WRAPS(type, name, parameters) \
    type __real_##name parameters;    \
    type __wrap_##name parameters

/* All of a wrapper whose call fails with a certain result and errno, or is made as it is. */
#define FAULTY(kind, failed, type, name, parameters, arguments)        \
    WRAPS(type, name, parameters);                                     \
    type __wrap_##name parameters                                      \
    {                                                                  \
        return fails(kind) ? (failed) : __real_##name arguments;       \
    }

WRAPS(void *, mmap64, (void *, size_t, int, int, int, off_t));
WRAPS(int, open64, (const char *, int, ...));
WRAPS(int, close, (int));
WRAPS(int, fcntl64, (int, int, ...));
WRAPS(ssize_t, write, (int, const void *, size_t));
WRAPS(ssize_t, pread64, (int, void *, size_t, off_t));
WRAPS(int, fstat64, (int, struct stat *));
WRAPS(off_t, lseek64, (int, off_t, int));
WRAPS(int, stat64, (const char *, struct stat *));

/* ---- what is to fail -------------------------------------------------------------------- */

enum kind {
    ALLOC, MAP, MEMFD, OPEN, LIST, READ, WRITE, SYNC, LINK, RENAME, MAKE, REMOVE, TRUNCATE, STAT,
    MODE, CLOSE, PIPE, FORK, WAIT, POLL, LIMIT, LOCK, ZLIB, CLOCK,
    CRASH, /* no call: a worker that ended by a mistake of its own */
    KINDS
};

static const char *const kind_names[KINDS] = {
    [ALLOC] = "alloc", [MAP] = "map", [MEMFD] = "memfd", [OPEN] = "open", [LIST] = "list",
    [READ] = "read", [WRITE] = "write", [SYNC] = "sync", [LINK] = "link", [RENAME] = "rename",
    [MAKE] = "make", [REMOVE] = "remove", [TRUNCATE] = "truncate", [STAT] = "stat",
    [MODE] = "mode", [CLOSE] = "close", [PIPE] = "pipe", [FORK] = "fork", [WAIT] = "wait",
    [POLL] = "poll", [LIMIT] = "limit", [LOCK] = "lock", [ZLIB] = "zlib", [CLOCK] = "clock",
    [CRASH] = "crash",
};

static const struct {
    const char *name;
    int code;
} codes[] = {
    { "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EDQUOT", EDQUOT }, { "EINTR", EINTR },
    { "EINVAL", EINVAL }, { "EIO", EIO },       { "EMFILE", EMFILE }, { "ENFILE", ENFILE },
    { "ENOENT", ENOENT }, { "ENOLCK", ENOLCK }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
    { "ENOSYS", ENOSYS }, { "EPERM", EPERM },   { "EROFS", EROFS },   { "EOPNOTSUPP", EOPNOTSUPP },
};

enum { SHORT = -1, BACK = -2, AHEAD = -3 }; /* in place of an errno */

enum { FAULTS_MAX = 8 };

struct fault {
    enum kind kind;
    uint64_t number;
    enum { ONCE, EVER, EACH, STOP, KILL, DIE } when;
    int code; /* an errno, or one of the above */
};

struct tally {
    char name[16];
    _Atomic uint64_t calls, faults;
};

static struct fault faults[FAULTS_MAX];
static size_t fault_count;
static struct tally own[KINDS], *tallies = own; /* then shared by all processes */
static pid_t first_process;
static int trace = -1;
static const char *root; /* of what is traced */

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "wc-mr-faults: not understood: %s\n", what);
    _exit(99);
}

static int code_of(const char *name)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(name, codes[i].name) == 0)
            return codes[i].code;
    if (strcmp(name, "short") == 0)
        return SHORT;
    if (strcmp(name, "back") == 0)
        return BACK;
    if (strcmp(name, "ahead") == 0)
        return AHEAD;
    refuse(name);
}

static void add_fault(const char *text)
{
    static const char *const whens[] = { "once", "ever", "each", "stop", "kill", "die" };
    char kind[16] = "", when[8] = "", code[16] = "";
    unsigned long long number = 0;
    struct fault *f = &faults[fault_count++];
    if (sscanf(text, "%15[a-z]:%llu:%7[a-z]:%15s", kind, &number, when, code) < 3 || number == 0)
        refuse(text);
    f->number = number;
    for (f->kind = 0; f->kind < KINDS && strcmp(kind, kind_names[f->kind]) != 0;)
        f->kind++;
    for (f->when = ONCE; f->when <= DIE && strcmp(when, whens[f->when]) != 0;)
        f->when++;
    if (f->kind == KINDS || f->when > DIE)
        refuse(text);
    if (f->when < STOP)
        f->code = code_of(code);
}

static void open_page(const char *path)
{
    void *at = MAP_FAILED;
    if (path == NULL) {
        at = __real_mmap64(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                           -1, 0);
    } else {
        int fd = __real_open64(path, O_RDWR | O_CLOEXEC);
        if (fd >= 0)
            at = __real_mmap64(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (fd >= 0)
            __real_close(fd);
    }
    if (at == MAP_FAILED)
        refuse(path ? path : "memory");
    tallies = at;
    for (int i = 0; i < KINDS; i++)
        memcpy(tallies[i].name, kind_names[i], strlen(kind_names[i]));
}

static void open_trace(const char *path)
{
    root = getenv("WC_MR_TRACE_ROOT");
    int fd = root ? __real_open64(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (fd < 0)
        refuse("WC_MR_TRACE");
    /* Out of the program's way, which counts its descriptors from below. */
    trace = __real_fcntl64(fd, F_DUPFD_CLOEXEC, 500);
    __real_close(fd);
}

__attribute__((constructor)) static void begin(void)
{
    static char text[256];
    const char *plan = getenv("WC_MR_FAULT");
    first_process = getpid();
    snprintf(text, sizeof text, "%s", plan ? plan : "");
    for (char *at = strtok(text, ","); at && fault_count < FAULTS_MAX; at = strtok(NULL, ","))
        add_fault(at);
    open_page(getenv("WC_MR_FAULT_PAGE"));
    if (getenv("WC_MR_TRACE"))
        open_trace(getenv("WC_MR_TRACE"));
}

/* Counts a call. Returns what it is to suffer: an errno, one of the words for less, or 0. */
static int suffers(enum kind kind)
{
    uint64_t number = atomic_fetch_add(&tallies[kind].calls, 1) + 1;
    for (size_t i = 0; i < fault_count; i++) {
        const struct fault *f = &faults[i];
        bool due = f->when == EVER   ? number >= f->number
                   : f->when == EACH ? number % f->number == 0
                                     : number == f->number;
        if (f->kind != kind || !due)
            continue;
        atomic_fetch_add(&tallies[kind].faults, 1);
        if (f->when < STOP)
            return f->code;
        if (f->when != KILL) {
            kill(getpid(), f->when == DIE ? SIGKILL : SIGSTOP);
            continue;
        }
        /* A worker follows at once, and the janitor is to live: both have the time to. */
        kill(first_process, SIGKILL);
        nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
    }
    return 0;
}

/* The same for a call that fails wholly or not at all; sets errno. */
static bool fails(enum kind kind)
{
    int code = suffers(kind);
    if (code > 0)
        errno = code;
    return code > 0;
}

/* The same for one that moves n bytes, which may become fewer. Only files and pipes know half
 * measures. */
static bool fails_in_part(enum kind kind, int fd, size_t *n)
{
    struct stat st;
    int code = suffers(kind);
    if (code > 0)
        errno = code;
    if (code == SHORT && *n > 1 && __real_fstat64(fd, &st) == 0 &&
        (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)))
        *n = (*n + 1) / 2;
    return code > 0;
}

/* ---- the trace -------------------------------------------------------------------------- */

/* A change is made and written down under a lock, which the kernel takes back from the dead. */
static void lock_trace(short type)
{
    struct flock whole = { .l_type = type, .l_whence = SEEK_SET };
    while (__real_fcntl64(trace, F_SETLKW, &whole) < 0 && errno == EINTR)
        ;
}

static bool below_root(const char *path)
{
    return strncmp(path, root, strlen(root)) == 0;
}

/* The name in a directory, or in the current one as it is. Returns path. */
static const char *full_path(int directory, const char *name, char path[PATH_MAX])
{
    char link[64], above[PATH_MAX] = "";
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    if (directory == AT_FDCWD || trace < 0)
        snprintf(path, PATH_MAX, "%s", name);
    else if (readlink(link, above, sizeof above - 1) >= 0)
        snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX / 2, above, name);
    errno = saved;
    return path;
}

/* Begins a change of what has this name. False: nobody wants to know. */
static bool enter(const char *path)
{
    if (trace < 0 || !below_root(path))
        return false;
    lock_trace(F_WRLCK);
    return true;
}

/* The same for a descriptor, whose name is looked up. */
static bool enter_open(int fd)
{
    char path[PATH_MAX] = "";
    return trace >= 0 && enter(full_path(fd, "", path));
}

/* Ends a change, and writes it down if it was made. */
__attribute__((format(printf, 3, 4))) static void leave(bool traced, bool made,
                                                        const char *format, ...)
{
    char line[3 * PATH_MAX];
    int saved = errno;
    if (!traced)
        return;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (made && __real_write(trace, line, (size_t)n) != n)
        refuse("a full disk");
    lock_trace(F_UNLCK);
    errno = saved;
}

static unsigned long long inode(int fd)
{
    struct stat st;
    int saved = errno;
    bool known = fd >= 0 && __real_fstat64(fd, &st) == 0;
    errno = saved;
    return known ? (unsigned long long)st.st_ino : 0;
}

static unsigned long long inode_of(const char *path)
{
    struct stat st;
    int saved = errno;
    bool known = __real_stat64(path, &st) == 0;
    errno = saved;
    return known ? (unsigned long long)st.st_ino : 0;
}

/* Ends a change of n bytes that end at fd's position or, for pwrite, begin at a place. */
static void leave_written(bool traced, int fd, const void *bytes, ssize_t n, off_t at)
{
    if (!traced)
        return;
    int saved = errno;
    char line[128], *copy = NULL;
    if (n > 0 && at < 0)
        at = __real_lseek64(fd, 0, SEEK_CUR) - n;
    if (n > 0 && bytes == NULL) { /* the kernel has copied them: what stands there now is read */
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int again = __real_open64(path, O_RDONLY | O_CLOEXEC);
        bytes = copy = __real_mmap64(NULL, (size_t)n, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (again < 0 || __real_pread64(again, copy, (size_t)n, at) != n)
            refuse("what was copied cannot be read");
        __real_close(again);
    }
    int head = snprintf(line, sizeof line, "write %llu %lld %zd\n", inode(fd), (long long)at, n);
    if (n > 0 && (__real_write(trace, line, (size_t)head) != head ||
                  __real_write(trace, bytes, (size_t)n) != n))
        refuse("a full disk");
    if (copy)
        munmap(copy, (size_t)n);
    errno = saved;
    leave(traced, false, "-");
}

/* ---- memory ----------------------------------------------------------------------------- */

#define NO_ICONV ((iconv_t)-1)

FAULTY(ALLOC, NULL, void *, malloc, (size_t n), (n))
FAULTY(ALLOC, NULL, void *, calloc, (size_t n, size_t each), (n, each))
FAULTY(ALLOC, NULL, void *, realloc, (void *at, size_t n), (at, n))
FAULTY(ALLOC, NULL, void *, reallocarray, (void *at, size_t n, size_t each), (at, n, each))
FAULTY(ALLOC, NULL, char *, strdup, (const char *text), (text))
FAULTY(ALLOC, NULL, char *, strndup, (const char *text, size_t n), (text, n))
FAULTY(ALLOC, NO_ICONV, iconv_t, iconv_open, (const char *to, const char *from), (to, from))
FAULTY(ALLOC, -1, int, setenv, (const char *name, const char *value, int over),
       (name, value, over))
FAULTY(ZLIB, Z_MEM_ERROR, int, inflate, (z_stream *z, int flush), (z, flush))
FAULTY(ZLIB, Z_MEM_ERROR, int, deflateInit_,
       (z_stream *z, int level, const char *version, int size), (z, level, version, size))
FAULTY(ZLIB, Z_MEM_ERROR, int, inflateInit_, (z_stream *z, const char *version, int size),
       (z, version, size))
FAULTY(ZLIB, Z_MEM_ERROR, int, inflateInit2_,
       (z_stream *z, int bits, const char *version, int size), (z, bits, version, size))

void *__wrap_mmap64(void *at, size_t n, int protection, int flags, int fd, off_t from)
{
    return fails(MAP) ? MAP_FAILED : __real_mmap64(at, n, protection, flags, fd, from);
}

FAULTY(MEMFD, -1, int, memfd_create, (const char *name, unsigned flags), (name, flags))

/* ---- files and directories: their names ------------------------------------------------- */

WRAPS(int, openat64, (int directory, const char *name, int flags, ...));

/* A file without a name is written down as what may get one. */
static int open_nameless(int directory, const char *name, const char *path, int flags,
                         mode_t mode)
{
    bool traced = enter(path);
    int fd = __real_openat64(directory, name, flags, mode);
    leave(traced, fd >= 0, "nameless %llu\n", inode(fd));
    return fd;
}

static int open_traced(int directory, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    full_path(directory, name, path);
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return open_nameless(directory, name, path, flags, mode);
    struct stat st;
    bool traced = (flags & (O_CREAT | O_TRUNC)) && enter(path);
    bool existed = traced && __real_stat64(path, &st) == 0;
    int fd = __real_openat64(directory, name, flags, mode);
    if (existed)
        leave(traced, fd >= 0 && (flags & O_TRUNC), "truncate %llu 0\n", inode(fd));
    else
        leave(traced, fd >= 0, "create %llu %s\n", inode(fd), path);
    return fd;
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails(OPEN) ? -1 : open_traced(AT_FDCWD, path, flags, mode);
}

int __wrap_openat64(int directory, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    bool listed = (flags & O_DIRECTORY) && (flags & O_TMPFILE) != O_TMPFILE;
    return fails(listed ? LIST : OPEN) ? -1 : open_traced(directory, name, flags, mode);
}

/* The program calls it only with a name below /proc, to name what has none. */
WRAPS(int, linkat, (int from, const char *old, int to, const char *new, int flags));
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags)
{
    char path[PATH_MAX];
    if (fails(LINK))
        return -1;
    bool traced = enter(full_path(to, new, path));
    int result = __real_linkat(from, old, to, new, flags);
    leave(traced, result == 0, "link %llu %s\n", inode_of(path), path);
    return result;
}

WRAPS(int, mkostemp64, (char *path, int flags));
int __wrap_mkostemp64(char *path, int flags)
{
    if (fails(OPEN))
        return -1;
    bool traced = enter(path);
    int fd = __real_mkostemp64(path, flags);
    leave(traced, fd >= 0, "create %llu %s\n", inode(fd), path);
    return fd;
}

WRAPS(int, mkdirat, (int directory, const char *name, mode_t mode));
int __wrap_mkdirat(int directory, const char *name, mode_t mode)
{
    char path[PATH_MAX];
    if (fails(MAKE))
        return -1;
    bool traced = enter(full_path(directory, name, path));
    int result = __real_mkdirat(directory, name, mode);
    leave(traced, result == 0, "mkdir %llu %s\n", inode_of(path), path);
    return result;
}

WRAPS(char *, mkdtemp, (char *path));
char *__wrap_mkdtemp(char *path)
{
    if (fails(MAKE))
        return NULL;
    bool traced = enter(path);
    char *made = __real_mkdtemp(path);
    leave(traced, made, "mkdir %llu %s\n", inode_of(path), path);
    return made;
}

WRAPS(int, mkdir, (const char *path, mode_t mode));
int __wrap_mkdir(const char *path, mode_t mode)
{
    if (fails(MAKE))
        return -1;
    bool traced = enter(path);
    int result = __real_mkdir(path, mode);
    leave(traced, result == 0, "mkdir %llu %s\n", inode_of(path), path);
    return result;
}

WRAPS(int, rename, (const char *from, const char *to));
int __wrap_rename(const char *from, const char *to)
{
    if (fails(RENAME))
        return -1;
    bool traced = enter(to);
    int result = __real_rename(from, to);
    leave(traced, result == 0, "rename %s %s\n", from, to);
    return result;
}

WRAPS(int, renameat2, (int in, const char *from, int out, const char *to, unsigned flags));
int __wrap_renameat2(int in, const char *from, int out, const char *to, unsigned flags)
{
    char old[PATH_MAX], new[PATH_MAX];
    if (fails(RENAME))
        return -1;
    full_path(in, from, old);
    bool traced = enter(full_path(out, to, new));
    int result = __real_renameat2(in, from, out, to, flags);
    leave(traced, result == 0, "rename %s %s\n", old, new);
    return result;
}

WRAPS(int, renameat, (int in, const char *from, int out, const char *to));
int __wrap_renameat(int in, const char *from, int out, const char *to)
{
    char old[PATH_MAX], new[PATH_MAX];
    if (fails(RENAME))
        return -1;
    full_path(in, from, old);
    bool traced = enter(full_path(out, to, new));
    int result = __real_renameat(in, from, out, to);
    leave(traced, result == 0, "rename %s %s\n", old, new);
    return result;
}

WRAPS(int, unlink, (const char *path));
int __wrap_unlink(const char *path)
{
    if (fails(REMOVE))
        return -1;
    bool traced = enter(path);
    int result = __real_unlink(path);
    leave(traced, result == 0, "unlink %s\n", path);
    return result;
}

WRAPS(int, unlinkat, (int directory, const char *name, int flags));
int __wrap_unlinkat(int directory, const char *name, int flags)
{
    char path[PATH_MAX];
    if (fails(REMOVE))
        return -1;
    bool traced = enter(full_path(directory, name, path));
    int result = __real_unlinkat(directory, name, flags);
    leave(traced, result == 0, "unlink %s\n", path);
    return result;
}

WRAPS(int, rmdir, (const char *path));
int __wrap_rmdir(const char *path)
{
    if (fails(REMOVE))
        return -1;
    bool traced = enter(path);
    int result = __real_rmdir(path);
    leave(traced, result == 0, "rmdir %s\n", path);
    return result;
}

FAULTY(LIST, NULL, DIR *, opendir, (const char *path), (path))
FAULTY(LIST, NULL, DIR *, fdopendir, (int fd), (fd))
FAULTY(LIST, NULL, struct dirent *, readdir64, (DIR *d), (d))
FAULTY(LIST, -1, int, scandir64,
       (const char *path, struct dirent ***names, int (*filter)(const struct dirent *),
        int (*order)(const struct dirent **, const struct dirent **)),
       (path, names, filter, order))
FAULTY(LIST, -1, ssize_t, getdents64, (int fd, void *to, size_t n), (fd, to, n))
FAULTY(STAT, -1, int, faccessat, (int in, const char *path, int mode, int flags),
       (in, path, mode, flags))
FAULTY(STAT, -1, int, access, (const char *path, int mode), (path, mode))
FAULTY(STAT, -1, int, lstat64, (const char *path, struct stat *st), (path, st))
FAULTY(STAT, -1, int, fstatat64, (int in, const char *path, struct stat *st, int flags),
       (in, path, st, flags))
FAULTY(STAT, -1, int, statfs64, (const char *path, struct statfs *fs), (path, fs))
FAULTY(STAT, -1, int, fstatfs64, (int fd, struct statfs *fs), (fd, fs))
FAULTY(STAT, -1, int, statx,
       (int in, const char *path, int flags, unsigned mask, struct statx *st),
       (in, path, flags, mask, st))
FAULTY(STAT, -1, ssize_t, readlinkat, (int in, const char *path, char *to, size_t n),
       (in, path, to, n))
FAULTY(STAT, NULL, char *, realpath, (const char *path, char *to), (path, to))
FAULTY(MODE, -1, int, chmod, (const char *path, mode_t mode), (path, mode))

int __wrap_stat64(const char *path, struct stat *st)
{
    return fails(STAT) ? -1 : __real_stat64(path, st);
}

/* ---- files: what is in them ------------------------------------------------------------- */

WRAPS(ssize_t, read, (int fd, void *to, size_t n));
ssize_t __wrap_read(int fd, void *to, size_t n)
{
    return fails_in_part(READ, fd, &n) ? -1 : __real_read(fd, to, n);
}

ssize_t __wrap_pread64(int fd, void *to, size_t n, off_t at)
{
    return fails_in_part(READ, fd, &n) ? -1 : __real_pread64(fd, to, n, at);
}

ssize_t __wrap_write(int fd, const void *from, size_t n)
{
    if (fails_in_part(WRITE, fd, &n))
        return -1;
    bool traced = enter_open(fd);
    ssize_t put = __real_write(fd, from, n);
    leave_written(traced, fd, from, put, -1);
    return put;
}

FAULTY(WRITE, -1, ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n))
FAULTY(READ, -1, ssize_t, recv, (int fd, void *to, size_t n, int flags), (fd, to, n, flags))
FAULTY(WRITE, -1, ssize_t, send, (int fd, const void *from, size_t n, int flags),
       (fd, from, n, flags))

WRAPS(ssize_t, pwrite64, (int fd, const void *from, size_t n, off_t at));
ssize_t __wrap_pwrite64(int fd, const void *from, size_t n, off_t at)
{
    if (fails_in_part(WRITE, fd, &n))
        return -1;
    bool traced = enter_open(fd);
    ssize_t put = __real_pwrite64(fd, from, n, at);
    leave_written(traced, fd, from, put, at);
    return put;
}

WRAPS(ssize_t, sendfile64, (int out, int in, off_t *from, size_t n));
ssize_t __wrap_sendfile64(int out, int in, off_t *from, size_t n)
{
    if (fails_in_part(WRITE, out, &n))
        return -1;
    bool traced = enter_open(out);
    ssize_t put = __real_sendfile64(out, in, from, n);
    leave_written(traced, out, NULL, put, -1);
    return put;
}

WRAPS(int, ftruncate64, (int fd, off_t size));
int __wrap_ftruncate64(int fd, off_t size)
{
    if (fails(TRUNCATE))
        return -1;
    bool traced = enter_open(fd);
    int result = __real_ftruncate64(fd, size);
    leave(traced, result == 0, "truncate %llu %lld\n", inode(fd), (long long)size);
    return result;
}

/* What it brings to the disk is not traced: no state of a power cut counts on it. */
FAULTY(SYNC, -1, int, sync_file_range, (int fd, off_t from, off_t n, unsigned flags),
       (fd, from, n, flags))

/* Not traced: the holes it makes are in what is not read again. */
FAULTY(TRUNCATE, -1, int, fallocate64, (int fd, int mode, off_t from, off_t n),
       (fd, mode, from, n))

static int sync_traced(int fd, int (*real)(int))
{
    if (fails(SYNC))
        return -1;
    bool traced = enter_open(fd);
    int result = real(fd);
    leave(traced, result == 0, "sync %llu\n", inode(fd));
    return result;
}

WRAPS(int, fsync, (int fd));
int __wrap_fsync(int fd)
{
    return sync_traced(fd, __real_fsync);
}

WRAPS(int, fdatasync, (int fd));
int __wrap_fdatasync(int fd)
{
    return sync_traced(fd, __real_fdatasync);
}

int __wrap_fstat64(int fd, struct stat *st)
{
    return fails(STAT) ? -1 : __real_fstat64(fd, st);
}

off_t __wrap_lseek64(int fd, off_t at, int whence)
{
    return fails(STAT) ? -1 : __real_lseek64(fd, at, whence);
}

FAULTY(MODE, -1, int, fchmod, (int fd, mode_t mode), (fd, mode))
FAULTY(MODE, -1, int, fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group))
FAULTY(STAT, -1, ssize_t, fgetxattr, (int fd, const char *name, void *to, size_t n),
       (fd, name, to, n))
FAULTY(MODE, -1, int, fsetxattr,
       (int fd, const char *name, const void *from, size_t n, int flags),
       (fd, name, from, n, flags))
FAULTY(MODE, -1, int, fremovexattr, (int fd, const char *name), (fd, name))
FAULTY(LOCK, -1, int, flock, (int fd, int how), (fd, how))

int __wrap_fcntl64(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return fails(LOCK) ? -1 : __real_fcntl64(fd, command, argument);
}

/* A close that fails has closed all the same. */
int __wrap_close(int fd)
{
    int failed = suffers(CLOSE), result = __real_close(fd);
    if (failed > 0)
        errno = failed;
    return failed > 0 ? -1 : result;
}

WRAPS(int, closedir, (DIR *d));
int __wrap_closedir(DIR *d)
{
    int failed = suffers(CLOSE), result = __real_closedir(d);
    if (failed > 0)
        errno = failed;
    return failed > 0 ? -1 : result;
}

WRAPS(FILE *, fopen64, (const char *path, const char *how));
FILE *__wrap_fopen64(const char *path, const char *how)
{
    return fails(OPEN) ? NULL : __real_fopen64(path, how);
}

/* ---- processes and time ----------------------------------------------------------------- */

FAULTY(OPEN, NULL, void *, dlopen, (const char *path, int flags), (path, flags))
FAULTY(PIPE, -1, int, pipe2, (int ends[2], int flags), (ends, flags))
FAULTY(PIPE, -1, int, socketpair, (int domain, int type, int protocol, int ends[2]),
       (domain, type, protocol, ends))
FAULTY(PIPE, -1, int, eventfd, (unsigned count, int flags), (count, flags))
FAULTY(PIPE, -1, int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
FAULTY(PIPE, -1, int, dup2, (int from, int to), (from, to))
FAULTY(FORK, -1, pid_t, fork, (void), ())
FAULTY(FORK, -1, int, execv, (const char *path, char *const words[]), (path, words))
FAULTY(FORK, EAGAIN, int, pthread_create,
       (pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *), void *arg),
       (thread, how, run, arg))

/* A worker that crashes is tried again, and nobody would know. */
WRAPS(pid_t, waitpid, (pid_t pid, int *status, int how));
pid_t __wrap_waitpid(pid_t pid, int *status, int how)
{
    if (fails(WAIT))
        return -1;
    pid_t got = __real_waitpid(pid, status, how);
    int number = got > 0 && status && WIFSIGNALED(*status) ? WTERMSIG(*status) : 0;
    if (number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGFPE ||
        number == SIGILL)
        atomic_fetch_add(&tallies[CRASH].calls, 1);
    return got;
}

FAULTY(POLL, -1, int, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms))
FAULTY(POLL, -1, int, ppoll,
       (struct pollfd *fds, nfds_t n, const struct timespec *time, const sigset_t *mask),
       (fds, n, time, mask))
FAULTY(LIMIT, -1, int, getrlimit64, (__rlimit_resource_t what, struct rlimit *limit),
       (what, limit))
FAULTY(LIMIT, -1, ssize_t, getrandom, (void *to, size_t n, unsigned flags), (to, n, flags))
FAULTY(CLOSE, -1, int, close_range, (unsigned from, unsigned to, int flags), (from, to, flags))

WRAPS(int, ioctl, (int fd, unsigned long what, ...));
int __wrap_ioctl(int fd, unsigned long what, ...)
{
    va_list args;
    va_start(args, what);
    void *argument = va_arg(args, void *);
    va_end(args);
    return fails(LIMIT) ? -1 : __real_ioctl(fd, what, argument);
}

FAULTY(LIMIT, -1, long, sysconf, (int name), (name))
FAULTY(LIMIT, -1, int, sched_getaffinity, (pid_t pid, size_t size, cpu_set_t *set),
       (pid, size, set))

WRAPS(int, clock_gettime, (clockid_t clock, struct timespec *now));
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int code = suffers(CLOCK), result = __real_clock_gettime(clock, now);
    now->tv_sec += code == BACK ? -3600 : code == AHEAD ? 3600 : 0;
    return result;
}
