/*
 * What a job was asked to do, as a text of lines:
 *
 *     program 86a1f1c2d4b9e003
 *     job wordcount with options 03c1a9d7e45b2f10
 *     plan of 2 mappers, 2 reducers ...
 *     input 'a.txt' of 1048576 bytes, changed at 1700000000.000000000, ends 5d1b...
 *
 * Two jobs with the same text have the same result, file by file; where the texts differ, a person
 * can be shown in what.
 */
#ifndef MR_CONTROL_IDENTITY_H
#define MR_CONTROL_IDENTITY_H

#include "base/buffer.h"
#include "control/plan.h"
#include "input/source.h"

/* Appends the identity of a job that is planned with so many splits. Returns 0 or -1. */
int mr_identity_make(struct mr_buffer *to, const struct mr_job *job, const void *state,
                     const struct mr_config *config, const struct mr_plan *plan, size_t splits,
                     const struct mr_sources *sources, struct mr_error *err);

#endif
