/* The workspace: made, locked, swept, removed. */
#include "control/workspace.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"
#include "base/memory.h"
#include "control/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PREFIX "wc-mr."

enum {
    TRIES = 40,
    WAIT_MS = 50,
    FILES_OPEN = 1024,
    MEMORY_FILE = 16 << 20 /* bytes of a file in memory, at least, before there is another */
};

__attribute__((format(printf, 2, 3))) static void name_directory(struct mr_store *store,
                                                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(store->directory, sizeof store->directory, format, args);
    va_end(args);
}

/* From now on spools are made in the workspace's directory. */
static void use(struct mr_workspace *w)
{
    w->store->fd = w->marked.fd;
    w->store->nameless = w->marked.nameless;
}

const char *mr_workspace_place(const char *temp_dir)
{
    const char *usual = getenv("TMPDIR");
    if (temp_dir && *temp_dir)
        return temp_dir;
    return usual && *usual ? usual : "/tmp";
}

static int cannot_make_in(const char *parent, struct mr_error *err)
{
    mr_error_system(err, "cannot make a directory for temporary files in '%s' (choose another "
                         "place with --temp-dir)", parent);
    return mr_error_final(err);
}

int mr_workspace_check(const char *temp_dir, struct mr_error *err)
{
    const char *parent = mr_workspace_place(temp_dir);
    int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool can = fd >= 0 && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0;
    int result = can ? 0 : cannot_make_in(parent, err);
    mr_close(&fd);
    return result;
}

static int make_own(struct mr_workspace *w, const char *parent, struct mr_error *err)
{
    int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mr_marked_make(&w->marked, fd, PREFIX) == 0) {
        name_directory(w->store, "%s/%s", parent, w->marked.name);
        use(w);
        return 0;
    }
    return cannot_make_in(parent, err);
}

/* ---- a kept one ------------------------------------------------------------------------- */

static int refuse(const char *path, const char *why, struct mr_error *err)
{
    mr_error_set(err, "cannot use work directory '%s': %s", path, why);
    return mr_error_final(err);
}

/* Waits a moment for a directory that another run has: one that was just killed has it until its
 * last process has ended. A signal, which the descriptor tells of, ends the wait. */
static enum mr_taken take(struct mr_workspace *w, const char *path, int signals)
{
    enum mr_taken taken = mr_marked_take(&w->marked, path, PREFIX);
    for (int i = 0; i < TRIES && taken == MR_TAKEN_BUSY; i++) {
        mr_marked_close(&w->marked);
        struct pollfd heard = { signals, POLLIN, 0 };
        if (poll(&heard, 1, WAIT_MS) > 0)
            break;
        taken = mr_marked_take(&w->marked, path, PREFIX);
    }
    return taken;
}

static int open_kept(struct mr_workspace *w, const char *path, bool resume,
                     struct mr_signals *signals, struct mr_error *err)
{
    if (*path == '\0')
        return refuse(path, "its name is empty", err);
    w->store->kept = true;
    name_directory(w->store, "%s", path);
    enum mr_taken taken = take(w, path, signals->open ? signals->fd : -1);
    int code = errno;
    if (mr_signals_check(signals, err) < 0)
        return -1;
    errno = code;
    switch (taken) {
    case MR_TAKEN:
        break;
    case MR_TAKEN_BUSY:
        return refuse(path, "another run has it (wait for its end, or choose another)", err);
    case MR_TAKEN_SHARED:
        return refuse(path, "others can write to it, or it is another user's (chmod go-w, or "
                            "choose another)", err);
    case MR_TAKEN_OTHER:
        return refuse(path, "it is not empty, and its files are no job's: there is no '" MR_MARKER
                            "' of this program's among them (choose another directory)", err);
    case MR_TAKEN_FAILED:
        mr_error_system(err, "cannot use work directory '%s'", path);
        return mr_error_final(err);
    }
    use(w);
    if (mr_manifest_exists(w->store) && !resume) {
        w->store->fd = -1; /* nothing in it is to be touched */
        return refuse(path, "it holds a job that was interrupted; --resume goes on with it, or "
                            "remove it", err);
    }
    return 0;
}

/* ---- any -------------------------------------------------------------------------------- */

int mr_workspace_open(struct mr_workspace *w, const struct mr_config *config, uint64_t memory,
                      struct mr_signals *signals, struct mr_error *err)
{
    *w = (struct mr_workspace){ .marked = MR_MARKED_NONE };
    w->store = mr_memory_get_shared(sizeof *w->store);
    if (w->store == NULL)
        return mr_error_memory(err, sizeof *w->store, "the job's state");
    w->store->fd = -1;
    w->store->allowed = memory;
    struct rlimit files, size;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || getrlimit(RLIMIT_FSIZE, &size) < 0)
        return mr_error_system(err, "cannot ask how many files may be open");
    /* A third of what may be open stays free for inputs and outputs. More than so many would make
     * each fork slow, which copies them, and each exit, which closes them. */
    bool few = files.rlim_cur / 3 * 2 < FILES_OPEN;
    w->store->fd_limit = few ? (int)(files.rlim_cur / 3 * 2) : FILES_OPEN;
    /* Half of these for files in memory; under a limit of their size, they are not shared. */
    uint64_t full = memory / (FILES_OPEN / 2);
    if (full < MEMORY_FILE)
        full = MEMORY_FILE;
    w->store->files.full = size.rlim_cur == RLIM_INFINITY ? full : 0;
    return config->work_dir ? open_kept(w, config->work_dir, config->resume, signals, err)
                            : make_own(w, mr_workspace_place(config->temp_dir), err);
}

/* Whether a name is one that tasks give: "map-12", "record-3.new". */
static bool is_of_task(const char *name)
{
    static const char *const kinds[] = { "map-", "reduce-", "record-" };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (strncmp(name, kinds[i], n) != 0)
            continue;
        n += strspn(name + n, "0123456789");
        return name[n] == '\0' || strcmp(name + n, ".new") == 0;
    }
    return false;
}

static int remove_file(int directory, const char *name, bool whole)
{
    int own = is_of_task(name) || mr_manifest_is(name)
                  ? mr_spool_is_file(directory, name, whole)
                  : 0;
    return own > 0 ? unlinkat(directory, name, 0) : own;
}

static int remove_own(int directory, const char *name)
{
    return remove_file(directory, name, false);
}

static int remove_whole(int directory, const char *name)
{
    return remove_file(directory, name, true);
}

/* How the files in a run's directory are known. In one that is kept, which others may use, too, all
 * are on the disk before they get a name, where that can be. */
static mr_remove_own *how_to_remove(const struct mr_workspace *w)
{
    return w->store->kept && w->marked.nameless ? remove_whole : remove_own;
}

void mr_workspace_sweep(const struct mr_workspace *w)
{
    mr_marked_sweep(w->marked.parent, PREFIX, remove_own);
}

struct clearing {
    mr_remove_own *remove;
    bool (*is_wanted)(void *arg, const char *name);
    void *arg;
};

static void clear_one(void *arg, int directory, const char *name)
{
    const struct clearing *c = arg;
    if (!mr_manifest_is_published(name) && !c->is_wanted(c->arg, name))
        (void)c->remove(directory, name);
}

void mr_workspace_clear(const struct mr_workspace *w,
                        bool (*is_wanted)(void *arg, const char *name), void *arg)
{
    struct clearing c = { how_to_remove(w), is_wanted, arg };
    (void)mr_directory_each(w->store->fd, clear_one, &c);
}

void mr_workspace_remove(struct mr_workspace *w, bool done)
{
    if (w->store == NULL || w->store->fd < 0)
        return;
    if (!w->store->kept || done || !mr_manifest_exists(w->store))
        mr_marked_remove(&w->marked, how_to_remove(w));
}

void mr_workspace_close(struct mr_workspace *w)
{
    mr_marked_close(&w->marked);
    if (w->store != NULL)
        mr_memory_files_close(&w->store->files);
    mr_memory_release(w->store, sizeof *w->store);
    w->store = NULL;
}
