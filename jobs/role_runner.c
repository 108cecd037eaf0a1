/* Which role, what may be asked of it, and what it tells its engine. */
#include "role_runner.h"

#include "role_mapper.h"
#include "role_reducer.h"
#include "jobs.h"
#include "mixed.h"

#include <stdio.h>
#include <string.h>

/* ---- what a role does not do ------------------------------------------------------------ */

/* An option, and whether it was given. */
struct asked {
    bool given;
    const char *name;
};

static const char *first_given(const struct asked *asked, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (asked[i].given)
            return asked[i].name;
    return NULL;
}

/* What needs all words together. */
static const char *late_option(const struct mr_config *c, enum role role)
{
    const struct asked asked[] = {
        { c->top != 0, "--top (-n)" },
        { c->order != MR_BY_VALUE, "--sort" },
        { c->reverse, "--reverse" },
        { c->format != MR_TSV && role != ROLE_REDUCER, "--format" },
        { c->percent, "--percent" },
        { c->others, "--others" },
        { c->output != NULL, "--output (-o)" },
        { c->output_dir != NULL, "--output-dir (-O)" },
    };
    return first_given(asked, sizeof asked / sizeof *asked);
}

/* What the engine that runs the roles does, or does not. */
static const char *foreign_option(const struct mr_config *c)
{
    const struct asked asked[] = {
        { c->input_list != NULL, "--files0-from" },
        { c->by_file, "--by-file" },
        { c->documents, "--documents" },
        { c->recursive, "--recursive (-R)" },
        { c->all, "--all" },
        { c->no_reduce, "--reducers=0 (-r)" },
        { c->encoding != NULL, "--encoding" },
        { c->skip_bad_records > 0, "--skip-bad-records" },
        { c->bad_records != NULL, "--bad-records" },
        { c->work_dir != NULL, "--work-dir" },
        { c->chaos_percent > 0, "--chaos" },
    };
    return first_given(asked, sizeof asked / sizeof *asked);
}

static int refuse_foreign(enum role role, const char *option, struct mr_error *err)
{
    return mr_error_set(err, "--as=%s cannot go together with %s: it is one process that reads its "
                             "standard input once", role_name(role), option);
}

int role_check(const struct mr_job *job, const void *state, const char *option,
               struct mr_error *err)
{
    const struct wordcount *w = state;
    if (!mixed_is(job, &job_wordcount) || w->as == ROLE_ALL)
        return 0;
    return refuse_foreign(w->as, option, err);
}

static int check(const struct mr_config *c, enum role role, struct mr_error *err)
{
    const char *option = late_option(c, role);
    if (option) {
        mr_error_set(err, "--as=%s cannot go together with %s: that can only be done when all "
                          "words are together, by wc-mr --counted at the end",
                     role_name(role), option);
        return MR_USAGE;
    }
    option = foreign_option(c);
    if (option) {
        (void)refuse_foreign(role, option, err);
        return MR_USAGE;
    }
    if (c->input_count == 1 && strcmp(c->inputs[0], "-") == 0)
        return 0;
    mr_error_set(err, "--as=%s reads standard input, and no files: wc-mr --as=%s <'%s'",
                 role_name(role), role_name(role), c->inputs[0]);
    return MR_USAGE;
}

/* ---- what it tells ---------------------------------------------------------------------- */

/* Counters, as Hadoop Streaming reads them. */
static void tell(enum role role, const char *name, uint64_t count)
{
    fprintf(stderr, "reporter:counter:wc-mr %s,%s,%llu\n", role_name(role), name,
            (unsigned long long)count);
}

static void tell_all(enum role role, const struct mr_report *r)
{
    tell(role, "input bytes", r->input_bytes);
    if (role == ROLE_MAPPER) {
        tell(role, "tokens", r->emitted);
        tell(role, "records written", r->records);
        for (size_t i = 0; i < r->counter_count; i++)
            tell(role, r->counters[i].name, r->counters[i].count);
        return;
    }
    tell(role, "records read", r->records);
    tell(role, "words", r->distinct);
    tell(role, "words written", r->written);
}

/* ---- running ---------------------------------------------------------------------------- */

int role_run(const struct mr_job *job, const void *state, const struct mr_config *config,
             struct mr_report *report, struct mr_error *err)
{
    const struct wordcount *w = state;
    const char *by_place = config->by_file                ? "--by-file"
                           : config->documents            ? "--documents"
                           : config->order == MR_BY_FIRST ? "--sort=first"
                                                          : NULL;
    if (by_place && mixed_has_mapper(job, state)) {
        mr_error_set(err, "--mapper cannot go together with %s: of what a program writes, nobody "
                          "knows %s", by_place,
                     config->order == MR_BY_FIRST ? "where in the input it is from"
                                                  : "which file it is about");
        return MR_USAGE;
    }
    if (!mixed_is(job, &job_wordcount) || w->as == ROLE_ALL)
        return mr_run(job, state, config, report, err);
    int result = check(config, w->as, err);
    memset(report, 0, sizeof *report);
    if (result == 0)
        result = w->as == ROLE_MAPPER ? role_mapper_run(job, w, config, report, err)
                                    : role_reducer_run(w, config->format, report, err);
    if (result == 0 && config->watch_memory) /* --stats */
        tell_all(w->as, report);
    return result < 0 ? result : 1;
}
