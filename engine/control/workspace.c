/* The workspace: made, locked, swept, removed. */
#include "control/workspace.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/temporary.h"
#include "control/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "wc-mr."

enum {
    LOCK_TRIES = 40,
    LOCK_WAIT_MS = 50,
    FILES_OPEN = 1024,
    MEMORY_FILE = 16 << 20 /* bytes of a file in memory, at least, before there is another */
};

static int name_directory(struct mr_store *store, const char *format, const char *name,
                          struct mr_error *err)
{
    if ((size_t)snprintf(store->directory, sizeof store->directory, format, name) <
        sizeof store->directory)
        return 0;
    *store->directory = '\0';
    errno = ENAMETOOLONG;
    mr_error_system(err, "cannot make a directory for temporary files in '%s'", name);
    return mr_error_final(err);
}

static int make_own(struct mr_workspace *w, const char *parent, struct mr_error *err)
{
    if (parent == NULL || *parent == '\0')
        parent = getenv("TMPDIR");
    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    if (name_directory(w->store, "%s/" PREFIX MR_TEMPORARY_END, parent, err) < 0)
        return -1;
    w->lock = mr_temporary_make(w->store->directory, true);
    if (w->lock >= 0) {
        w->parent = parent;
        return 0;
    }
    *w->store->directory = '\0';
    mr_error_system(err, "cannot make a directory for temporary files in '%s' (choose another "
                         "place with -T)", parent);
    return mr_error_final(err);
}

/* ---- a kept one ------------------------------------------------------------------------- */

static int refuse(const char *path, const char *why, struct mr_error *err)
{
    mr_error_set(err, "cannot use work directory '%s': %s", path, why);
    return mr_error_final(err);
}

static void note_stranger(void *arg, int directory, const char *name)
{
    (void)directory;
    bool *stranger = arg;
    *stranger |= !mr_manifest_is(name);
}

/* A run that was killed a moment ago has it until its last process has ended. */
static bool wait_for_lock(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (mr_temporary_lock(fd))
            return true;
        poll(NULL, 0, LOCK_WAIT_MS);
    }
    return mr_temporary_lock(fd);
}

/* A kept directory must be the user's alone, nobody else's at this moment, and hold a job that
 * is to be resumed, or nothing. */
static int check_kept(struct mr_workspace *w, const char *path, bool resume,
                      struct mr_error *err)
{
    struct stat st;
    if (fstat(w->lock, &st) < 0) {
        mr_error_system(err, "cannot use work directory '%s'", path);
        return mr_error_final(err);
    }
    if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
        return refuse(path, "others can write to it", err);
    if (!wait_for_lock(w->lock))
        return refuse(path, "another run has it", err);
    bool there = mr_manifest_exists(w->store), stranger = false;
    if (there && !resume)
        return refuse(path, "it holds a job that was interrupted; --resume goes on with it, or "
                            "remove it", err);
    if (!there)
        mr_directory_each(AT_FDCWD, path, note_stranger, &stranger);
    return stranger ? refuse(path, "it is not empty, and what it holds is no job", err) : 0;
}

static int open_kept(struct mr_workspace *w, const char *path, bool resume,
                     struct mr_error *err)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        mr_error_system(err, "cannot make work directory '%s'", path);
        return mr_error_final(err);
    }
    w->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->lock < 0) {
        mr_error_system(err, "cannot use work directory '%s'", path);
        return mr_error_final(err);
    }
    w->store->kept = true;
    if (name_directory(w->store, "%s", path, err) == 0 &&
        check_kept(w, path, resume, err) == 0)
        return 0;
    *w->store->directory = '\0'; /* not ours: nothing in it is to be touched */
    return -1;
}

/* ---- any -------------------------------------------------------------------------------- */

int mr_workspace_open(struct mr_workspace *w, const struct mr_config *config, uint64_t memory,
                      struct mr_error *err)
{
    *w = (struct mr_workspace){ .lock = -1 };
    w->store = mr_memory_get_shared(sizeof *w->store);
    if (w->store == NULL)
        return mr_error_memory(err, sizeof *w->store, "the job's state");
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
    return config->work_dir ? open_kept(w, config->work_dir, config->resume, err)
                            : make_own(w, config->temp_dir, err);
}

void mr_workspace_sweep(const struct mr_workspace *w)
{
    if (w->parent != NULL)
        mr_temporary_sweep(w->parent, PREFIX);
}

struct clearing {
    bool (*is_wanted)(void *arg, const char *name);
    void *arg;
};

/* Whether a name is one that tasks give: "map-12", "text-3-0.new". */
static bool is_of_task(const char *name)
{
    static const char *const kinds[] = { "map-", "reduce-", "text-", "record-" };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (strncmp(name, kinds[i], n) != 0)
            continue;
        n += strspn(name + n, "0123456789-");
        return name[n] == '\0' || strcmp(name + n, ".new") == 0;
    }
    return false;
}

static void clear_one(void *arg, int directory, const char *name)
{
    const struct clearing *c = arg;
    if (is_of_task(name) && !(c->is_wanted && c->is_wanted(c->arg, name)))
        unlinkat(directory, name, 0);
}

void mr_workspace_clear(const struct mr_workspace *w,
                        bool (*is_wanted)(void *arg, const char *name), void *arg)
{
    struct clearing c = { is_wanted, arg };
    mr_directory_each(AT_FDCWD, w->store->directory, clear_one, &c);
}

void mr_workspace_remove(struct mr_workspace *w, bool done)
{
    if (w->store == NULL || *w->store->directory == '\0')
        return;
    if (!w->store->kept) {
        mr_directory_remove(AT_FDCWD, w->store->directory);
    } else if (done || !mr_manifest_exists(w->store)) {
        /* The manifest last, on the disk too: what has none must be empty. Should that fail, the
         * directory is found with nothing in it that is needed. */
        mr_workspace_clear(w, NULL, NULL);
        if (mr_sync_directory(w->store->directory) == 0)
            mr_manifest_remove(w->store);
        rmdir(w->store->directory);
    }
}

void mr_workspace_close(struct mr_workspace *w)
{
    mr_close(&w->lock);
    if (w->store != NULL)
        mr_memory_files_close(&w->store->files);
    mr_memory_release(w->store, sizeof *w->store);
    w->store = NULL;
}
