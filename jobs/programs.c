/*
 * programs: any program as mapper and reducer, as Hadoop Streaming has it.
 *
 *     wc-mr --mapper='tr -s "[:space:]" "\n"' --reducer='uniq -c' book.txt
 *
 * Without a reducer, what the mappers write is the result, in the order of the input. Without a
 * mapper, lines are taken as they are. Records of any size pass through; only a key must fit in a
 * reducer's memory.
 */
#include "programs.h"

#include "fields.h"
#include "jobs.h"

#include <string.h>

/* ---- options ---------------------------------------------------------------------------- */

static int set_command(const char **command, const char *what, const char *argument,
                       struct mr_error *err)
{
    if (*command != NULL)
        return mr_error_set(err, "'%s' is a second %s: one is taken", argument, what);
    *command = argument;
    return 0;
}

static int set_mapper(void *state, const char *argument, struct mr_error *err)
{
    return set_command(&((struct programs *)state)->mapper, "mapper", argument, err);
}

static int set_reducer(void *state, const char *argument, struct mr_error *err)
{
    return set_command(&((struct programs *)state)->reducer, "reducer", argument, err);
}

static int set_separator(void *state, const char *argument, struct mr_error *err)
{
    struct programs *p = state;
    p->separator = byte_of(argument);
    return p->separator > 0 && p->separator != '\n'
               ? 0
               : mr_error_set(err, "'%s' is no separator: one byte, such as , or \\t", argument);
}

static int set_key_fields(void *state, const char *argument, struct mr_error *err)
{
    return field_number(argument, &((struct programs *)state)->key_fields)
               ? 0
               : mr_error_set(err, "'%s' is no number of fields: 1 or more", argument);
}

static const struct mr_option options[] = {
    { 0, "mapper", "COMMAND", "gets the lines, for sh -c; none: as they are",
      set_mapper },
    { 0, "reducer", "COMMAND", "gets what they write, sorted; NONE: none", set_reducer },
    { 0, "separator", "X", "a key ends before this byte (a tab)", set_separator },
    { 0, "key-fields", "N", "a key has so many fields (1)", set_key_fields },
    { 0 },
};

static int ready(void *state, struct mr_error *err)
{
    struct programs *p = state;
    if (p->mapper == NULL && p->reducer == NULL)
        return mr_error_set(err, "there is no program: --mapper=COMMAND or --reducer=COMMAND says "
                                 "which");
    if (p->reducer != NULL && strcmp(p->reducer, "NONE") == 0)
        p->reducer = NULL;
    if (p->separator == 0)
        p->separator = '\t';
    if (p->key_fields == 0)
        p->key_fields = 1;
    return 0;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct programs *p = state;
    if (p->reducer == NULL) {
        job->no_reduce = true;
        job->reduce_values = NULL;
    }
}

static void identify_command(struct mr_identity *to, const char *option, const char *command)
{
    mr_identify_option(to, option, command, command ? strlen(command) + 1 : 0);
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct programs *p = state;
    identify_command(to, "--mapper", p->mapper);
    identify_command(to, "--reducer", p->reducer);
    mr_identify_option(to, "--separator", &p->separator, sizeof p->separator);
    mr_identify_option(to, "--key-fields", &p->key_fields, sizeof p->key_fields);
}

const struct mr_job job_programs = {
    .name = "programs",
    .summary = "any program as mapper and reducer, as Hadoop Streaming has it",
    .usage = "--mapper=COMMAND [FILE]...",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .key_name = "key",
    .value_name = "line",
    .options = options,
    .state_size = sizeof(struct programs),
    .in_sequence = true,
    .ready = ready,
    .fit = fit,
    .identify = identify,
    .task_size = sizeof(struct program_mapper),
    .map = program_map,
    .end = program_map_end,
    .reduce_task_size = sizeof(struct program_reducer),
    .reduce_values = program_reduce,
    .reduce_end = program_reduce_end,
};
