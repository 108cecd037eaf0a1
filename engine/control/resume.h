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

#include "control/plan.h"
#include "control/stage.h"
#include "control/workspace.h"

/* Finds by what layout the files in a work directory were made, before it is this run's. False when
 * that is not to be learned, or there are none. */
bool mr_resume_layout(const char *directory, struct mr_layout *layout);

/* Takes over what an earlier run has done in a kept workspace, if that run had the same identity,
 * and publishes the stages' manifest. Returns 0 or -1. */
int mr_resume(struct mr_stages *stages, const struct mr_workspace *workspace,
              const struct mr_buffer *identity, struct mr_error *err);

#endif
