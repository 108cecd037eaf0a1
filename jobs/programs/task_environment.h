/*
 * The environment of a program: what a script may want to know of its task, under names of
 * Hadoop's, the new and the old ones, and of ours.
 */
#ifndef TASK_ENVIRONMENT_H
#define TASK_ENVIRONMENT_H

#include "mapreduce.h"

/* Sets it in this process, from which programs have it: for a mapper that gets the file of this
 * chunk from there on, or, with NULL, for a reducer. Returns 0 or -1. */
int task_environment_set(const struct mr_chunk *chunk, struct mr_context *context);

#endif
