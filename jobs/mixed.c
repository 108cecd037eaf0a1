/* What a job has of itself, and what of the programs. */
#include "mixed.h"

#include "jobs.h"
#include "programs_options.h"
#include "sum_lines.h"
#include "wordcount.h"

#include <stdalign.h>
#include <stddef.h>
#include <string.h>

enum { OPTIONS_MAX = 64 }; /* a job has no more */

/* How a job goes together with a program. */
struct pairing {
    const struct mr_job *job; /* NULL: one of a file */
    bool maps, reduces;       /* a program may be its mapper, its reducer */
    /* Checks what else is asked for; NULL: nothing is to be done but what ready does. */
    int (*check)(void *state, bool maps, struct mr_error *err);
    /* Emits a line of its mapper's, which is whole; NULL: by what the job's values are. */
    int (*emit)(const void *state, struct mr_context *out, const unsigned char *line, size_t size);
};

static const struct pairing pairings[] = {
    { &job_wordcount, true, true, wordcount_check_programs, NULL },
    { &job_sum, true, false, sum_check_programs, sum_emit_line },
    { &job_index, false, false, NULL, NULL },
    { &job_links, false, false, NULL, NULL },
    { &job_terms, false, false, NULL, NULL },
    { &job_sort, false, false, NULL, NULL },
    { &job_join, false, false, NULL, NULL },
    { &job_grep, false, false, NULL, NULL },
    { NULL, true, true, NULL, NULL },
};

/* The one that was made: a job's functions are not told which job they are of. */
static struct {
    const struct mr_job *own;
    const struct pairing *pairing;
    size_t at; /* where in the state the programs' part stands */
    struct mr_job job;
    struct mr_option options[OPTIONS_MAX + 3];
} mixed;

static struct programs *programs_of(const void *state)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): as memchr's, it is as const as what it is in */
    return (struct programs *)((uintptr_t)state + mixed.at);
}

static const void *state_of(const struct programs *p)
{
    return (const unsigned char *)p - mixed.at;
}

/* ---- a program as mapper ---------------------------------------------------------------- */

static int emit(const struct programs *p, struct mr_context *out, const unsigned char *line,
                size_t size, enum mr_part part)
{
    struct program_mapper *t = mr_task(out);
    if (p->whole_lines)
        return mixed.pairing->emit(state_of(p), out, line, size);
    return p->numbers ? tab_record_emit_number(&t->record, p->mapper, mixed.own->name, out, line,
                                               size, part)
                      : tab_record_emit_bytes(&t->record, out, line, size, part);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    return program_map(programs_of(state), chunk, out);
}

static int end(const void *state, void *task, struct mr_context *out)
{
    return program_map_end(programs_of(state), task, out);
}

/* ---- a program as reducer --------------------------------------------------------------- */

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    return program_reduce(programs_of(state), key, values, out);
}

static int reduce_end(const void *state, void *task, struct mr_context *out)
{
    return program_reduce_end(programs_of(state), task, out);
}

/* ---- the job ---------------------------------------------------------------------------- */

static void have_mapper(struct mr_job *job)
{
    job->records = NULL;
    job->quotes = NULL;
    job->begin_file = NULL;
    job->note_size = 0;
    job->whole_records = false;
    job->task_size = sizeof(struct program_mapper);
    job->begin = NULL;
    job->map = map;
    job->end = end;
}

static void have_reducer(struct mr_job *job)
{
    job->order = MR_BY_KEY;
    job->format = MR_LINES;
    job->key_name = "";
    job->key_columns = job->value_columns = NULL;
    job->value_name = "line";
    job->in_sequence = true;
    job->reduce_task_size = sizeof(struct program_reducer);
    job->reduce_begin = NULL;
    job->reduce_values = reduce;
    job->reduce_pairs = NULL; /* its keys are looked at */
    job->reduce_end = reduce_end;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct programs *p = programs_of(state);
    if (mixed.own->fit)
        mixed.own->fit(state, job);
    if (p->mapper)
        have_mapper(job);
    if (p->reducer)
        have_reducer(job);
}

static int ready(void *state, struct mr_error *err)
{
    struct programs *p = programs_of(state);
    const struct pairing *pairing = mixed.pairing;
    if ((p->mapper || p->reducer) && pairing->check &&
        pairing->check(state, p->mapper != NULL, err) < 0)
        return -1;
    p->emit = emit;
    p->whole_lines = pairing->emit != NULL;
    p->bare_values = true;
    p->numbers = mixed.own->values == MR_NUMBERS;
    return mixed.own->ready ? mixed.own->ready(state, err) : 0;
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct programs *p = programs_of(state);
    if (mixed.own->identify)
        mixed.own->identify(state, to);
    if (p->mapper)
        mr_identify_option(to, "--mapper", p->mapper, strlen(p->mapper));
    if (p->reducer)
        mr_identify_option(to, "--reducer", p->reducer, strlen(p->reducer));
}

/* ---- options ---------------------------------------------------------------------------- */

static int refuse(const char *role, struct mr_error *err)
{
    return mr_error_set(err, "the job '%s' has no program as its %s: that is for wordcount%s and "
                             "jobs of a file of their own", mixed.own->name, role,
                        strcmp(role, "mapper") == 0 ? ", sum" : "");
}

static int set(const char **command, const char *role, const char *argument, struct mr_error *err)
{
    if (*command == NULL && strcmp(argument, "NONE") == 0)
        return mr_error_set(err, "'%s' is no program for --%s", argument, role);
    return programs_set_command(command, role, argument, err);
}

static int set_mapper(void *state, const char *argument, struct mr_error *err)
{
    return mixed.pairing->maps ? set(&programs_of(state)->mapper, "mapper", argument, err)
                               : refuse("mapper", err);
}

static int set_reducer(void *state, const char *argument, struct mr_error *err)
{
    return mixed.pairing->reduces ? set(&programs_of(state)->reducer, "reducer", argument, err)
                                  : refuse("reducer", err);
}

static bool is_last(const struct mr_option *o)
{
    return o == NULL || (o->name == NULL && o->letter == 0);
}

/* Adds an option behind the job's own, unless one of these has its name. */
static void add_option(size_t *count, const struct mr_option *option)
{
    for (size_t i = 0; i < *count; i++)
        if (mixed.options[i].name && strcmp(mixed.options[i].name, option->name) == 0)
            return;
    mixed.options[(*count)++] = *option;
}

static int make_options(struct mr_error *err)
{
    const struct pairing *p = mixed.pairing;
    size_t count = 0;
    for (const struct mr_option *o = mixed.own->options; !is_last(o); o++) {
        if (count == OPTIONS_MAX)
            return mr_error_set(err, "the job '%s' has more than %d options", mixed.own->name,
                                OPTIONS_MAX);
        mixed.options[count++] = *o;
    }
    struct mr_option mapper = { 0, "mapper", "COMMAND",
                                "a program, with --job: writes KEY<TAB>NUMBER", set_mapper };
    struct mr_option reducer = { 0, "reducer", "COMMAND",
                                 "a program, with --job: gets KEY<TAB>VALUE, sorted", set_reducer };
    if (!p->maps)
        mapper.help = NULL;
    if (!p->reduces)
        reducer.help = NULL;
    add_option(&count, &mapper);
    add_option(&count, &reducer);
    mixed.options[count] = (struct mr_option){ 0 };
    mixed.job.options = mixed.options;
    return 0;
}

/* ---- making it -------------------------------------------------------------------------- */

static const struct pairing *find_pairing(const struct mr_job *job)
{
    const struct pairing *p = pairings;
    while (p->job != NULL && p->job != job)
        p++;
    return p;
}

const struct mr_job *mixed_make(const struct mr_job *job, struct mr_error *err)
{
    const size_t unit = alignof(max_align_t);
    if (job == &job_programs)
        return job;
    mixed.own = job;
    mixed.pairing = find_pairing(job);
    mixed.at = (job->state_size + unit - 1) / unit * unit;
    mixed.job = *job;
    if (make_options(err) < 0)
        return NULL;
    mixed.job.state_size = mixed.at + sizeof(struct programs);
    mixed.job.ready = ready;
    mixed.job.fit = fit;
    if (job->identify || job->state_size == 0) /* else its state cannot be known */
        mixed.job.identify = identify;
    return &mixed.job;
}

bool mixed_has_mapper(const struct mr_job *job, const void *state)
{
    return job == &mixed.job && programs_of(state)->mapper != NULL;
}

bool mixed_is(const struct mr_job *job, const struct mr_job *own)
{
    return job == own || (job == &mixed.job && mixed.own == own);
}
