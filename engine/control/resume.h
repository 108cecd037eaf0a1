/*
 * Resuming: an interrupted run's work directory is gone on with, if the job is the same.
 *
 * The same is what has the same identity (control/identity.h). Then each task that the manifest
 * says is done, and whose file is there, is done for this run, too:
 *
 *     manifest   map 0, map 2, reduce 1       files   map-0  map-2  map-5  reduce-1
 *     taken over map 0, map 2, reduce 1       removed map-5: nobody says that it is whole
 *
 * Of a stage that comes before one that is wholly done the files are not needed.
 */
#ifndef MR_CONTROL_RESUME_H
#define MR_CONTROL_RESUME_H

#include "control/stage.h"
#include "control/workspace.h"

/* Takes over what an earlier run has done in a kept workspace, if that run had the same identity,
 * and publishes the stages' manifest. Returns 0 or -1. */
int mr_resume(struct mr_stages *stages, const struct mr_workspace *workspace,
              const struct mr_buffer *identity, struct mr_error *err);

#endif
