/* A reduce task as the job sees it. */
#include "reduce/task.h"

/* Calls one of the two functions, if the job has it. */
static int call(struct mr_context *c, const void *state,
                int (*hook)(const void *state, void *task, struct mr_context *context),
                const char *function)
{
    if (hook == NULL || hook(state, c->task, c) == 0)
        return 0;
    return mr_context_failed(c, function);
}

int mr_reduce_task_begin(struct mr_context *c, const struct mr_job *job, const void *state,
                         const struct mr_shuffles *shuffles, struct mr_error *err)
{
    *c = (struct mr_context){ .job = job, .counters = shuffles->counters,
                              .input_name = shuffles->input_name, .inputs = shuffles->inputs,
                              .err = err };
    if (mr_context_init(c, job->reduce_task_size) < 0)
        return -1;
    return call(c, state, job->reduce_begin, "reduce_begin");
}

int mr_reduce_task_end(struct mr_context *c, const void *state)
{
    if (call(c, state, c->job->reduce_end, "reduce_end") < 0)
        return -1;
    return c->counters ? mr_counters_check(c->counters, c->err) : 0;
}
