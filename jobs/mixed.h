/*
 * A mixed job: another job's mapper with a program as reducer, or a program as mapper with another
 * job's reducer.
 *
 *     wc-mr --job=wordcount --reducer='awk ...' book.txt      the program gets   the TAB 12
 *     wc-mr --job=wordcount --mapper='cut -f 3' log.txt       what it writes is counted
 *
 * Records are lines between the two: a key, a tab and a value. Numbers that combine do, as always:
 * a program gets a key and all of its numbers as one, unless the job's reduce drops it.
 *
 * It is the other job, with the programs' options behind its own, and the state of these behind its
 * own state:
 *
 *     state    | the job's | programs |
 */
#ifndef MIXED_H
#define MIXED_H

#include "mapreduce.h"

/* Makes a mixed job of one: it does what that one does until an option names a program. The job of
 * programs stays as it is. One that cannot be mixed has the options, too, which say so. NULL, with
 * err filled in, when it cannot be made. There is one in a process. */
const struct mr_job *mixed_make(const struct mr_job *job, struct mr_error *err);

/* Whether a program is the mapper of a job that was made: of its lines nobody knows which file they
 * are about. */
bool mixed_has_mapper(const struct mr_job *job, const void *state);

/* Whether a job is this one, or was made of it. */
bool mixed_is(const struct mr_job *job, const struct mr_job *own);

#endif
