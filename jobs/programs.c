/*
 * programs: any program as mapper and reducer, as Hadoop Streaming has it.
 *
 *     wc-mr --mapper='tr -s "[:space:]" "\n"' --reducer='uniq -c' book.txt
 *
 * Without a reducer, what the mappers write is the result, in the order of the input. Without a
 * mapper, lines are taken as they are. Records of any size pass through.
 */
#include "jobs.h"
#include "programs_options.h"

static void fit(const void *state, struct mr_job *job)
{
    const struct programs *p = state;
    if (p->reducer == NULL) {
        job->no_reduce = true;
        job->reduce_values = NULL;
        job->reduce_pairs = NULL;
    }
}

const struct mr_job job_programs = {
    .name = "programs",
    .summary = "any program as mapper and reducer, as Hadoop Streaming has it",
    .usage = "--mapper=COMMAND [FILE]...",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .key_name = "",
    .value_name = "line",
    .options = programs_options,
    .state_size = sizeof(struct programs),
    .in_sequence = true,
    .ready = programs_ready,
    .fit = fit,
    .identify = programs_identify,
    .task_size = sizeof(struct program_mapper),
    .map = program_map,
    .end = program_map_end,
    .reduce_task_size = sizeof(struct program_reducer),
    .reduce_values = program_reduce,
    .reduce_pairs = program_reduce_pairs,
    .reduce_end = program_reduce_end,
};
