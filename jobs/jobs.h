/*
 * The built-in jobs: one file each, and a line here. The first is what wc-mr does unless --job=NAME
 * says otherwise; NAME is the one in struct mr_job. --list-jobs has them in this order.
 *
 * What they are made of stands in folders, each of which knows only those before it:
 *
 *     text/      lines, fields, words, numbers: how text is cut, chosen, folded and filtered
 *     programs/  the exchange with programs that are mappers, combiners and reducers
 *     cluster/   records as another engine takes and gives them, and what is run there
 *     hadoop/    another program: Hadoop's command lines over this one
 */
#ifndef JOBS_H
#define JOBS_H

#include "mapreduce.h"

#define BUILT_IN_JOBS(JOB) \
    JOB(job_wordcount)     \
    JOB(job_index)         \
    JOB(job_links)         \
    JOB(job_terms)         \
    JOB(job_sort)          \
    JOB(job_join)          \
    JOB(job_sum)           \
    JOB(job_programs)      \
    JOB(job_grep)

/* Makes set_NAME, which takes an option without an argument: it sets the flag of that name, or a
 * field, in the job's state. */
#define JOB_FLAG(state_type, name) JOB_FLAG_FIELD(state_type, name, name)
#define JOB_FLAG_FIELD(state_type, name, field)                                    \
    static int set_##name(void *state, const char *argument, struct mr_error *err) \
    {                                                                              \
        (void)argument;                                                            \
        (void)err;                                                                 \
        ((struct state_type *)state)->field = true;                                \
        return 0;                                                                  \
    }

/* Makes set_NAME, which keeps an option's argument as the text of that name, or in a field, in the
 * job's state. */
#define JOB_TEXT(state_type, name) JOB_TEXT_FIELD(state_type, name, name)
#define JOB_TEXT_FIELD(state_type, name, field)                                    \
    static int set_##name(void *state, const char *argument, struct mr_error *err) \
    {                                                                              \
        (void)err;                                                                 \
        ((struct state_type *)state)->field = argument;                            \
        return 0;                                                                  \
    }

#define DECLARE_JOB(job) extern const struct mr_job job;
BUILT_IN_JOBS(DECLARE_JOB)

#endif
