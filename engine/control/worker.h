/*
 * Workers: the processes that do attempts of tasks, as the supervisor knows them, and the memory
 * that each shares with it. There it tells how far it is, and at its end why it failed.
 */
#ifndef MR_CONTROL_WORKER_H
#define MR_CONTROL_WORKER_H

#include "mapreduce.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* What a worker and the supervisor share. */
struct mr_attempt {
    _Atomic uint64_t progress; /* base/progress.h */
    bool returned;             /* from the task's function */
    bool told;                 /* error says why it failed */
    struct mr_error error;
};

enum mr_worker_state {
    MR_WORKER_IDLE, /* there is no process */
    MR_WORKER_BUSY,
    MR_WORKER_LOST,    /* killed, as it made no progress, and not reaped yet */
    MR_WORKER_RECALLED /* killed, as what it reads is made again, and not reaped yet */
};

struct mr_worker {
    enum mr_worker_state state;
    pid_t pid;
    size_t task;
    unsigned attempt; /* of the task, from 1 */
    uint64_t progress;
    double idle; /* seconds without more of it */
    struct timespec started;
    uint64_t kill_after; /* nanoseconds, by chaos; 0: never */
};

struct mr_workers {
    struct mr_worker *at;
    struct mr_attempt *attempts; /* one each */
    unsigned count;              /* at once, at most */
};

/* Makes so many, all idle. Returns 0 or -1; close it in either case. */
int mr_workers_open(struct mr_workers *all, unsigned count, struct mr_error *err);

/* The first that is idle, or the last, or NULL. */
struct mr_worker *mr_workers_idle(const struct mr_workers *all, bool last);

/* How many are not idle. */
unsigned mr_workers_running(const struct mr_workers *all);

/* What a worker shares. */
struct mr_attempt *mr_worker_attempt(const struct mr_workers *all, const struct mr_worker *w);

/* The bytes that a worker's attempt has read. */
uint64_t mr_worker_read(const struct mr_workers *all, const struct mr_worker *w);

void mr_workers_close(struct mr_workers *all);

#endif
