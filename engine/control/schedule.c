/* The schedule: one table of states and events. */
#include "control/schedule.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

enum { STATES = 4 };

/* What follows from an event in a state; where another attempt is asked for that the task does
 * not have any more, it has failed instead. */
static const unsigned char after[STATES][MR_TASK_EVENTS] = {
#define W MR_TASK_WAITING
#define R MR_TASK_RUNNING
#define D MR_TASK_DONE
#define F MR_TASK_FAILED
    /*                   START SUCCEED FAIL GIVE_UP PUT_BACK ADOPT LOSE RENEW */
    [MR_TASK_WAITING] = { R,    W,      W,   W,      W,       D,    W,   W },
    [MR_TASK_RUNNING] = { R,    D,      W,   F,      W,       R,    R,   R },
    [MR_TASK_DONE] =    { D,    D,      D,   D,      D,       D,    W,   W },
    [MR_TASK_FAILED] =  { F,    F,      F,   F,      F,       F,    F,   F },
#undef W
#undef R
#undef D
#undef F
};

int mr_schedule_init(struct mr_schedule *s, size_t capacity, unsigned max_attempts,
                     struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    s->at = calloc(capacity + 1, sizeof *s->at);
    s->capacity = capacity;
    s->max_attempts = max_attempts;
    return s->at ? 0 : mr_error_memory(err, capacity * sizeof *s->at, "the list of tasks");
}

void mr_schedule_add(struct mr_schedule *s, size_t count)
{
    s->count += count;
}

bool mr_schedule_done(const struct mr_schedule *s)
{
    return s->done == s->count;
}

bool mr_schedule_last_attempt(const struct mr_schedule *s, size_t task)
{
    return s->at[task].attempts >= s->max_attempts;
}

bool mr_schedule_start(struct mr_schedule *s, bool (*ready)(void *arg, size_t task), void *arg,
                       size_t *task)
{
    while (s->first < s->count && s->at[s->first].state != MR_TASK_WAITING)
        s->first++;
    for (size_t i = s->first; i < s->count; i++) {
        if (s->at[i].state != MR_TASK_WAITING || (ready && !ready(arg, i)))
            continue;
        mr_schedule_tell(s, i, MR_TASK_START);
        *task = i;
        return true;
    }
    return false;
}

enum mr_task_state mr_schedule_tell(struct mr_schedule *s, size_t task, enum mr_task_event event)
{
    struct mr_task *t = &s->at[task];
    enum mr_task_state old = t->state, new = after[old][event];
    if (old == new)
        return new;
    if (event == MR_TASK_START)
        t->attempts++;
    else if (event == MR_TASK_PUT_BACK)
        t->attempts--;
    else if (event == MR_TASK_RENEW)
        t->attempts = 0;
    else if (new == MR_TASK_WAITING && t->attempts >= s->max_attempts)
        new = MR_TASK_FAILED;
    t->state = new;
    if (new == MR_TASK_DONE)
        s->done++;
    else if (old == MR_TASK_DONE)
        s->done--;
    if (new == MR_TASK_WAITING && task < s->first)
        s->first = task;
    return new;
}

void mr_schedule_free(struct mr_schedule *s)
{
    free(s->at);
    memset(s, 0, sizeof *s);
}
