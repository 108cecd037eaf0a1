/*
 * The workspace: the directory of a run's temporary files, its own or one that is to be kept.
 *
 * Its own is "wc-mr.XXXXXX" in the place for temporary files, and goes when the run ends. What is
 * in the one named by the configuration's work_dir stays until a run has succeeded, so that
 * another can go on with it; one run at a time has it. Both are marked (store/marked_directory.h),
 * and all that a run makes there has the magic of temporary files (store/spool.h): what has not is
 * never removed.
 */
#ifndef MR_CONTROL_WORKSPACE_H
#define MR_CONTROL_WORKSPACE_H

#include "control/signals.h"
#include "store/marked_directory.h"
#include "store/spool.h"

struct mr_workspace {
    struct mr_store *store;  /* in shared memory; NULL: none was made */
    struct mr_marked_directory marked; /* its directory */
};

/* The place for temporary files that are not kept; temp_dir (mr_config) may be NULL. */
const char *mr_workspace_place(const char *temp_dir);

/* Checks that a directory could be made there, without making one. Returns 0 or -1. */
int mr_workspace_check(const char *temp_dir, struct mr_error *err);

/* Makes a workspace whose spools may hold so many bytes of memory. To wait for a directory that is
 * to be kept ends when a signal comes. Returns 0 or -1; close it in either case. */
int mr_workspace_open(struct mr_workspace *w, const struct mr_config *config, uint64_t memory,
                      struct mr_signals *signals, struct mr_error *err);

/* Removes the workspace's files, and its directory if it was made; of one that is kept only if the
 * run is done with it, or has not come so far as to make a manifest. */
void mr_workspace_remove(struct mr_workspace *w, bool done);

/* Removes the directories of dead runs from where this one has its own, or that which is kept. */
void mr_workspace_sweep(const struct mr_workspace *w);

/* Removes the files of tasks from a kept directory, but for those whose name is_wanted, and a
 * manifest that was not published. */
void mr_workspace_clear(const struct mr_workspace *w,
                        bool (*is_wanted)(void *arg, const char *name), void *arg);

void mr_workspace_close(struct mr_workspace *w);

#endif
