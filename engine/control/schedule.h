/*
 * The schedule: what state each task of a phase is in, and what becomes of it. All decisions
 * about tasks are made here, by one table, and nothing is done: no process, no file.
 *
 *                        FAIL, attempts left; PUT_BACK
 *                     ┌────────────────────────────────┐
 *                     ▼                                │      FAIL, none left
 *        ──▶ waiting ──────────── START ──────────▶ running ── GIVE_UP ──────────▶ failed
 *              │  ▲                                    │                              ▲
 *        ADOPT │  │ LOSE, attempts left; RENEW         │ SUCCEED                      │
 *              ▼  └──────────────────────────────── done ◀─┘                          │
 *             done                                     └────── LOSE, none left ───────┘
 *
 * A task's result is committed when it becomes done. When a later phase finds that it is lost
 * (damaged, removed), the task goes back to waiting, and what asked for it is put back until it
 * is done again. Each attempt but those put back counts, so every schedule comes to an end.
 */
#ifndef MR_CONTROL_SCHEDULE_H
#define MR_CONTROL_SCHEDULE_H

#include "mapreduce.h"

enum mr_task_state { MR_TASK_WAITING, MR_TASK_RUNNING, MR_TASK_DONE, MR_TASK_FAILED };

enum mr_task_event {
    MR_TASK_START,    /* an attempt begins */
    MR_TASK_SUCCEED,  /* its result is committed */
    MR_TASK_FAIL,     /* it failed, and another may not */
    MR_TASK_GIVE_UP,  /* it failed for good */
    MR_TASK_PUT_BACK, /* it ended by no fault of its own */
    MR_TASK_ADOPT,    /* an earlier run has committed the result */
    MR_TASK_LOSE,     /* the committed result was found damaged */
    MR_TASK_RENEW,    /* the committed result was dropped and is needed again */
    MR_TASK_EVENTS
};

struct mr_task {
    unsigned char state;
    unsigned short attempts; /* that count, begun since the task was first waiting */
};

struct mr_schedule {
    struct mr_task *at;
    size_t count, capacity;
    size_t first; /* no task before it is waiting */
    size_t done;
    unsigned max_attempts;
};

/* Makes an empty schedule for up to capacity tasks. Returns 0 or -1; free it in either case. */
int mr_schedule_init(struct mr_schedule *s, size_t capacity, unsigned max_attempts,
                     struct mr_error *err);

/* Adds count waiting tasks, for which there must be room. */
void mr_schedule_add(struct mr_schedule *s, size_t count);

/* Whether every task is done. */
bool mr_schedule_done(const struct mr_schedule *s);

/* Whether the task's running attempt is the last that it has. */
bool mr_schedule_last_attempt(const struct mr_schedule *s, size_t task);

/* Starts the first waiting task that is ready (NULL: all are). False when there is none. */
bool mr_schedule_start(struct mr_schedule *s, bool (*ready)(void *arg, size_t task), void *arg,
                       size_t *task);

/* Tells what happened to a task. Returns its new state. What cannot happen to a task in its
 * state (to lose a result while it is being made anew, say) changes nothing. */
enum mr_task_state mr_schedule_tell(struct mr_schedule *s, size_t task,
                                    enum mr_task_event event);

void mr_schedule_free(struct mr_schedule *s);

#endif
