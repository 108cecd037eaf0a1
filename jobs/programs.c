/*
 * programs: any program as mapper, as Hadoop Streaming has it.
 *
 *     --mapper='tr a-z A-Z'    to be | or not    ->    tr    ->    TO BE | OR NOT
 *
 * Each stretch of a file that a map task has gets a program of its own: lines go to its standard
 * input, and what it writes to standard output is the result, a line a record, in the order of the
 * input. Lines of any size pass through: none need be in memory whole.
 */
#include "exchange.h"
#include "fields.h"
#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct programs {
    const char *mapper;
};

/* ---- options ---------------------------------------------------------------------------- */

static int set_mapper(void *state, const char *argument, struct mr_error *err)
{
    struct programs *p = state;
    if (p->mapper != NULL)
        return mr_error_set(err, "'%s' is a second mapper: one is taken", argument);
    p->mapper = argument;
    return 0;
}

static const struct mr_option options[] = {
    { 0, "mapper", "COMMAND", "the program that gets the lines, for sh -c", set_mapper },
    { 0 },
};

static int ready(void *state, struct mr_error *err)
{
    const struct programs *p = state;
    if (p->mapper == NULL)
        return mr_error_set(err, "there is no program: --mapper=COMMAND says which");
    return 0;
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct programs *p = state;
    mr_identify_option(to, "--mapper", p->mapper, strlen(p->mapper) + 1);
}

/* ---- a map task ------------------------------------------------------------------------- */

struct task {
    struct exchange exchange;
    bool open;
    uint64_t source;  /* the rank of the file that the program gets */
    const char *file; /* its name */
    uint64_t start;   /* where in it the program's input begins */
    bool unended;     /* the last line so far has no end */
};

static int take_output(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    if (part == MR_WHOLE)
        return mr_emit_value(arg, NULL, 0, bytes, size);
    if (part == MR_FIRST && mr_pair_begin(arg) < 0)
        return -1;
    if (mr_pair_value(arg, bytes, size) < 0)
        return -1;
    return part == MR_LAST ? mr_pair_end(arg) : 0;
}

static void close_exchange(struct task *t)
{
    exchange_close(&t->exchange);
    t->open = false;
}

/* The exchange has failed: says so, where it was the program that has. Returns -1. */
static int failed(const struct programs *p, struct task *t, struct mr_context *out)
{
    const struct exchange *x = &t->exchange;
    uint64_t at = t->start + x->fed;
    char how[128], lines[REPORTER_LINES * (REPORTER_KEPT + 4)];
    if (exchange_explain(x, how, sizeof how)) {
        reporter_last_lines(&x->reporter, lines, sizeof lines);
        mr_fail(out, "the mapper '%s' %s, having read '%s' up to byte %llu at most%s%s",
                p->mapper, how, t->file, (unsigned long long)at,
                lines[0] ? "; its last words: " : "", lines);
    }
    close_exchange(t);
    return -1;
}

/* What a script may want to know, under both of Hadoop's names. */
static int set_variable(const char *name, const char *old_name, const char *value)
{
    return setenv(name, value, 1) < 0 || (old_name && setenv(old_name, value, 1) < 0) ? -1 : 0;
}

static int set_environment(const struct mr_chunk *chunk, struct mr_context *out)
{
    char task[32], start[32];
    snprintf(task, sizeof task, "%llu", (unsigned long long)mr_task_number(out));
    snprintf(start, sizeof start, "%llu", (unsigned long long)chunk->offset);
    if (set_variable("mapreduce_task_partition", "mapred_task_partition", task) < 0 ||
        set_variable("mapreduce_task_ismap", "mapred_task_is_map", "true") < 0 ||
        set_variable("mapreduce_map_input_file", "map_input_file", chunk->file) < 0 ||
        set_variable("mapreduce_map_input_start", "map_input_start", start) < 0 ||
        set_variable("WC_MR_TASK", NULL, task) < 0 ||
        set_variable("WC_MR_FILE", NULL, chunk->file) < 0 ||
        set_variable("WC_MR_OFFSET", NULL, start) < 0)
        return mr_fail(out, "there is no memory for a program's environment");
    return 0;
}

static int open_program(const struct programs *p, struct task *t, const struct mr_chunk *chunk,
                        struct mr_context *out)
{
    if (set_environment(chunk, out) < 0)
        return -1;
    t->open = true;
    t->source = chunk->source;
    t->file = chunk->file;
    t->start = chunk->offset;
    t->unended = false;
    return exchange_open(&t->exchange, p->mapper, out, take_output) < 0 ? failed(p, t, out) : 0;
}

/* The last line of a file gets its end, if it has none. */
static int close_program(const struct programs *p, struct task *t, struct mr_context *out)
{
    if (!t->open)
        return 0;
    if ((t->unended && exchange_feed(&t->exchange, (const unsigned char *)"\n", 1) < 0) ||
        exchange_finish(&t->exchange) < 0)
        return failed(p, t, out);
    close_exchange(t);
    return 0;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct task *t = mr_task(out);
    if (t->open && t->source != chunk->source && close_program(state, t, out) < 0)
        return -1;
    if (!t->open && open_program(state, t, chunk, out) < 0)
        return -1;
    if (chunk->size == 0)
        return 0;
    t->unended = chunk->data[chunk->size - 1] != '\n';
    return exchange_feed(&t->exchange, chunk->data, chunk->size) < 0 ? failed(state, t, out) : 0;
}

static int end(const void *state, void *task, struct mr_context *out)
{
    return close_program(state, task, out);
}

const struct mr_job job_programs = {
    .name = "programs",
    .summary = "any program as mapper, as Hadoop Streaming has it",
    .usage = "--mapper=COMMAND [FILE]...",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .key_name = "key",
    .value_name = "line",
    .options = options,
    .state_size = sizeof(struct programs),
    .no_reduce = true,
    .ready = ready,
    .identify = identify,
    .task_size = sizeof(struct task),
    .map = map,
    .end = end,
};
