/*
 * An attempt of a task, and its places in the job's directory:
 *
 *     attempts/m_000003_0     a link that says which process of wc-mr's is the attempt
 *     work/m_000003_0/        the programs' working directory, with links to what the job ships
 *     logs/m_000003_0         what they say on standard error
 *     counters/m_000003_0     what they have counted: lines of group TAB name TAB amount
 *
 * An attempt starts a program for each file that it reads, one behind the other.
 */
#ifndef HADOOP_ATTEMPT_H
#define HADOOP_ATTEMPT_H

#include "mapreduce.h"
#include "text.h"

struct attempt {
    const char *job;  /* its directory */
    char *name;       /* m_000003_0 */
    char *task;       /* m_000003 */
    char *work;       /* the working directory */
};

/* Finds out which attempt this process belongs to. Returns 0 or -1. */
int attempt_find(struct attempt *a, const char *job, bool map, const char *number,
                 struct mr_error *err);

/* Makes the working directory, and goes there. Returns 0 or -1. */
int attempt_enter(const struct attempt *a, struct mr_error *err);

/* Of the sorted names of attempts: whether it is the last of its task, which is the one that counts
 * when all is done. */
bool attempt_is_last(const struct list *names, size_t i);

/* Opens its file in logs/ or counters/, to write behind what is there. Returns it, or -1. */
int attempt_open(const struct attempt *a, const char *folder, struct mr_error *err);

#endif
