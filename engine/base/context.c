/* The context of a job's functions. */
#include "base/context.h"

#include "base/error.h"
#include "base/leaks.h"
#include "base/message.h"
#include "base/progress.h"

#include <stdlib.h>

int mr_context_init(struct mr_context *c, size_t task_size)
{
    c->task = calloc(1, task_size + 1); /* never none */
    return c->task ? 0 : mr_error_memory(c->err, task_size + 1, "a task of the job");
}

void mr_context_release(struct mr_context *c)
{
    mr_leaks_abandon(c->task); /* what the job has for the task goes with the process */
    c->task = NULL;
}

int mr_context_wrong(const struct mr_context *c, const char *what)
{
    mr_error_set(c->err, "the job '%s' is wrong: %s", c->job->name, what);
    return mr_error_final(c->err);
}

int mr_context_refuse(const struct mr_context *c, const char *called)
{
    char what[256];
    static const char *const why[] = {
        [MR_EMITS_NOTHING] = ", where nothing can be emitted",
        [MR_EMITS_UNPLACED] = " in begin or end, but it matters where in the input a key stands",
        [MR_EMITS_NUMBERS] = ", but the job's values are numbers (mr_emit)",
        [MR_EMITS_PARTS] = " between the parts of a key, whose last mr_emit_part must come first",
        [MR_EMITS_BYTES] = ", but the job's values are bytes (mr_emit_value)",
        [MR_EMITS_PAIR] = " before a pair has ended (mr_pair_end)",
        [MR_EMITS_RESULT] = ", but what becomes of a key's values is emitted by mr_emit_result",
    };
    mr_message(what, sizeof what, "%s%s", called, why[c->emits]);
    return mr_context_wrong(c, what);
}

int mr_context_failed(struct mr_context *c, const char *function)
{
    if (c->err->text[0] == '\0') {
        c->job_failed = true;
        mr_error_set(c->err, "the job '%s' failed in %s, and gave no reason (mr_fail)",
                     c->job->name, function);
    }
    if (c->mark != NULL && c->job_failed)
        c->mark->job_failed = true;
    else
        mr_mark_enter(c->mark, MR_IN_ENGINE);
    return -1;
}

/* ---- what a job calls ------------------------------------------------------------------- */

/* Says why a function fails; where the engine has failed before it, in front of that. */
__attribute__((format(printf, 2, 0))) static void say(struct mr_context *c, const char *format,
                                                      va_list args)
{
    char text[1024];
    if (c->err->text[0] == '\0' || c->job_failed) {
        mr_error_set_list(c->err, format, args);
        c->job_failed = true;
        return;
    }
    mr_message_list(text, sizeof text, format, args);
    mr_error_prefix(c->err, "%s", text);
}

int mr_fail(struct mr_context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
    return -1;
}

int mr_fail_for_good(struct mr_context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
    return mr_error_final(c->err);
}

void mr_blame(struct mr_context *c, uint64_t source, uint64_t offset, const void *bytes,
              uint64_t size)
{
    mr_mark_enter(c->mark, size > 0 ? MR_IN_MAP : MR_IN_ENGINE);
    if (c->mark != NULL)
        c->mark->chosen = false;
    if (c->mark == NULL || size == 0)
        return;
    c->mark->span = (struct mr_span){ source, offset, size };
    c->mark->exact = true;
    mr_mark_excerpt(c->mark, true, bytes, bytes ? (size_t)size : 0);
}

bool mr_may_skip(const struct mr_context *c)
{
    return c->bad != NULL && c->bad->skip_max > 0;
}

void mr_count(struct mr_context *c, const char *name, uint64_t n)
{
    if (c->counters != NULL)
        mr_counters_add(c->counters, name, n);
}

void *mr_task(struct mr_context *c)
{
    return c->task;
}

uint64_t mr_task_number(const struct mr_context *c)
{
    return c->number;
}

bool mr_is_result(const struct mr_context *c)
{
    return c->direct;
}

bool mr_has_columns(const struct mr_context *c)
{
    return c->format != MR_LINES && c->format != MR_UNIQ;
}

bool mr_has_lists(const struct mr_context *c)
{
    return c->format == MR_JSONL;
}

bool mr_is_reversed(const struct mr_context *c)
{
    return c->reversed;
}

void mr_progress(struct mr_context *c)
{
    mr_progress_made(c->progress);
}

const char *mr_input_name(const struct mr_context *c, uint64_t source)
{
    return c->input_name ? c->input_name(c->inputs, source) : NULL;
}

size_t mr_map_memory(const struct mr_context *c)
{
    return c->memory;
}

size_t mr_reduce_memory(const struct mr_context *c)
{
    return c->memory;
}
