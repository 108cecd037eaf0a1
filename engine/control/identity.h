/*
 * What a job was asked to do, as a text of lines:
 *
 *     the program: #86a1f1c2d4b9e00303c1a9d7e45b2f10
 *     the job: wordcount
 *     --ignore-case (-i): #03c1a9d7e45b2f10
 *     --reducers (-r): 2
 *     the layout: 2 reducers, 256 buckets ...
 *     input 'a.txt' of 1048576 bytes, changed at 1700000000.000000000, its state at 1700000000....
 *
 * Two jobs with the same text have the same result, file by file. What stands before a colon is
 * what a person is told of where the texts differ; behind #, the hash of what the job's own options
 * ask for. How many processes work at once, and in how much memory, is not part of it.
 *
 * The time that the file system keeps for an input's state (ctime) is when its content, name, owner
 * or rights were last changed, and nobody can set it: a file that was replaced by one of the same
 * size and date (cp -p, touch -r) has another. So no input has to be read for this.
 */
#ifndef MR_CONTROL_IDENTITY_H
#define MR_CONTROL_IDENTITY_H

#include "base/buffer.h"
#include "control/plan.h"
#include "input/source.h"

/* Finds the layout in the text of an identity. False when there is none that can be. */
bool mr_identity_layout(const struct mr_buffer *identity, struct mr_layout *layout);

/* Appends the identity of a job that is planned. Returns 0 or -1. */
int mr_identity_make(struct mr_buffer *to, const struct mr_job *job, const void *state,
                     const struct mr_config *config, const struct mr_plan *plan,
                     const struct mr_sources *sources, struct mr_error *err);

#endif
