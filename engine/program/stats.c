/* The figures of a run. */
#include "program/stats.h"

#include "base/amount.h"
#include "base/choices.h"
#include "base/message.h"

#include <stdio.h>

static double megabytes_a_second(uint64_t bytes, double seconds)
{
    return seconds > 0 ? (double)bytes / 1e6 / seconds : 0;
}

void mr_stats_stages(const struct mr_report *r, struct mr_stage_figures *at)
{
    /* How much of the shuffled bytes an earlier run has reduced is known by its tasks only. */
    uint64_t each = r->reduce_tasks > 0 ? r->shuffled / r->reduce_tasks : 0;
    uint64_t shuffled = r->reduce_tasks > 0 ? r->shuffled - each * r->reduce_resumed : 0;
    uint64_t mapped = r->resumed_bytes < r->input_bytes ? r->resumed_bytes : r->input_bytes;
    at[0] = (struct mr_stage_figures){ "map", r->map_tasks, r->map_resumed, r->map_seconds,
                                       r->input_bytes - mapped };
    at[1] = (struct mr_stage_figures){ "reduce", r->reduce_tasks, r->reduce_resumed,
                                       r->reduce_seconds, shuffled };
    /* What earlier stages have written themselves is no work of this one. */
    at[2] = (struct mr_stage_figures){ "merge", r->merge_tasks, 0, r->write_seconds,
                                       r->merge_tasks > 0 ? r->output_bytes : 0 };
}

/* Prints a stage's figures; label: what a person is told that it is. */
static void print_stage(const char *label, const struct mr_stage_figures *s)
{
    fprintf(stderr, "%-15s %15.3f s  ", label, s->seconds);
    if (s->bytes == 0)
        fprintf(stderr, "%9s     ", "-");
    else
        fprintf(stderr, "%9.1f MB/s", megabytes_a_second(s->bytes, s->seconds));
    fprintf(stderr, "  %llu tasks", (unsigned long long)s->tasks);
    if (s->resumed > 0)
        fprintf(stderr, ", %llu of them by an earlier run", (unsigned long long)s->resumed);
    fputc('\n', stderr);
}

static void print_stages(const struct mr_report *r)
{
    struct mr_stage_figures at[MR_STATS_STAGES];
    mr_stats_stages(r, at);
    print_stage("map", &at[0]);
    print_stage("reduce", &at[1]);
    print_stage("sort and write", &at[2]);
    double seconds = r->map_seconds + r->reduce_seconds + r->write_seconds;
    fprintf(stderr, "all             %15.3f s  %9.1f MB/s of input\n", seconds,
            megabytes_a_second(at[0].bytes, seconds));
}

/* Prints what was seen of the machine, and what allows no more of it where there is more. */
static void print_machine(const struct mr_machine *m)
{
    fprintf(stderr, "machine         %15u CPUs", m->cpus);
    if (m->cpus_by)
        fprintf(stderr, " of %u (%s)", m->cpus_there, m->cpus_by);
    fprintf(stderr, ", %s", mr_amount_of(m->memory).text);
    if (m->memory_by)
        fprintf(stderr, " of %s memory (%s)\n", mr_amount_of(m->memory_there).text, m->memory_by);
    else
        fputs(" of memory\n", stderr);
}

/* Whether the distinct keys are known: without reducers nobody brings equal ones together. */
static bool knows_distinct(const struct mr_report *r)
{
    return r->reduce_tasks > 0;
}

static void print_distinct(const struct mr_report *r, const struct mr_job *job)
{
    char distinct[32];
    snprintf(distinct, sizeof distinct, "distinct %ss", mr_key_name(job));
    if (knows_distinct(r))
        fprintf(stderr, "%-15s %15llu\n", distinct, (unsigned long long)r->distinct);
}

static void print_text(const struct mr_report *r, const struct mr_job *job)
{
    print_machine(&r->machine);
    fprintf(stderr,
            "input           %15llu bytes%s\n"
            "passed over     %15llu hidden names, %llu directories, %llu other things, %llu own\n"
            "%-15s %15llu\n",
            (unsigned long long)r->input_bytes, mr_amount_in_parentheses(r->input_bytes).text,
            (unsigned long long)r->passed_over.hidden,
            (unsigned long long)r->passed_over.directories,
            (unsigned long long)r->passed_over.no_files, (unsigned long long)r->passed_over.own,
            mr_sum_name(job), (unsigned long long)r->emitted);
    print_distinct(r, job);
    fprintf(stderr, "written         %15llu lines, %llu bytes%s\n", (unsigned long long)r->written,
            (unsigned long long)r->output_bytes, mr_amount_in_parentheses(r->output_bytes).text);
    print_stages(r);
    fprintf(stderr,
            "shuffled        %15llu bytes%s, %llu records\n"
            "attempts        %15llu attempts, %llu tried again, %llu killed\n"
            "checksums       %15llu failed, %llu tasks run again\n"
            "resumed         %15llu tasks\n"
            "peak memory     %15llu bytes%s, all processes\n",
            (unsigned long long)r->shuffled,
            mr_amount_in_parentheses(r->shuffled).text, (unsigned long long)r->records,
            (unsigned long long)r->attempts, (unsigned long long)r->retried,
            (unsigned long long)r->killed, (unsigned long long)r->damaged,
            (unsigned long long)r->rerun, (unsigned long long)r->resumed,
            (unsigned long long)r->peak_memory, mr_amount_in_parentheses(r->peak_memory).text);
    if (r->bad_records > 0)
        fprintf(stderr, "bad records     %15llu passed over\n",
                (unsigned long long)r->bad_records);
    for (size_t i = 0; i < r->counter_count; i++) {
        char name[512];
        mr_message(name, sizeof name, "%s", r->counters[i].name);
        fprintf(stderr, "counter         %15llu  %s\n",
                (unsigned long long)r->counters[i].count, name);
    }
}

/* ---- for a program ---------------------------------------------------------------------- */

static void put_machine(struct mr_json *j, const struct mr_machine *m)
{
    mr_json_open(j, "machine", '{');
    mr_json_number(j, "cpus", m->cpus);
    mr_json_number(j, "cpus_there", m->cpus_there);
    mr_json_text(j, "cpus_by", m->cpus_by);
    mr_json_number(j, "memory", m->memory);
    mr_json_number(j, "memory_there", m->memory_there);
    mr_json_text(j, "memory_by", m->memory_by);
    mr_json_close(j, '}');
}

static void put_passed_over(struct mr_json *j, const struct mr_passed_over *p)
{
    mr_json_open(j, "passed_over", '{');
    mr_json_number(j, "hidden", p->hidden);
    mr_json_number(j, "directories", p->directories);
    mr_json_number(j, "no_files", p->no_files);
    mr_json_number(j, "own", p->own);
    mr_json_close(j, '}');
}

static void put_stage(struct mr_json *j, const struct mr_stage_figures *s)
{
    mr_json_open(j, s->name, '{');
    mr_json_number(j, "tasks", s->tasks);
    mr_json_number(j, "resumed", s->resumed);
    mr_json_seconds(j, "seconds", s->seconds);
    mr_json_close(j, '}');
}

static void put_counters(struct mr_json *j, const struct mr_report *r)
{
    mr_json_open(j, "counters", '{');
    for (size_t i = 0; i < r->counter_count; i++)
        mr_json_number(j, r->counters[i].name, r->counters[i].count);
    mr_json_close(j, '}');
}

void mr_stats_put(struct mr_json *j, const struct mr_report *r, const struct mr_job *job)
{
    const struct {
        const char *name;
        uint64_t number;
    } figures[] = {
        { "written", r->written }, { "output_bytes", r->output_bytes },
        { "shuffled_bytes", r->shuffled }, { "shuffled_records", r->records },
        { "attempts", r->attempts }, { "retried", r->retried }, { "killed", r->killed },
        { "damaged", r->damaged }, { "rerun", r->rerun }, { "resumed", r->resumed },
        { "resumed_bytes", r->resumed_bytes },
        { "bad_records", r->bad_records }, { "peak_memory", r->peak_memory },
    };
    mr_json_text(j, "job", job->name);
    put_machine(j, &r->machine);
    put_passed_over(j, &r->passed_over);
    mr_json_number(j, "input_bytes", r->input_bytes);
    mr_json_number(j, "emitted", r->emitted);
    if (knows_distinct(r))
        mr_json_number(j, "distinct", r->distinct);
    else
        mr_json_text(j, "distinct", NULL);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        mr_json_number(j, figures[i].name, figures[i].number);
    struct mr_stage_figures stages[MR_STATS_STAGES];
    mr_stats_stages(r, stages);
    for (size_t i = 0; i < MR_STATS_STAGES; i++)
        put_stage(j, &stages[i]);
    put_counters(j, r);
}

static void print_json(const struct mr_report *r, const struct mr_job *job)
{
    struct mr_json j = { .failed = false };
    mr_json_open(&j, NULL, '{');
    mr_stats_put(&j, r, job);
    mr_json_close(&j, '}');
    mr_json_raw(&j, "\n");
    if (!j.failed)
        fwrite(j.text.at, 1, j.text.size, stderr);
    mr_json_free(&j);
}

void mr_stats_print(const struct mr_report *r, const struct mr_job *job, enum mr_stats how)
{
    if (how == MR_STATS_JSON)
        print_json(r, job);
    else if (how == MR_STATS_TEXT)
        print_text(r, job);
}
