/* The figures of a run. */
#include "program/stats.h"

#include "base/choices.h"
#include "base/message.h"

#include <stdio.h>

static double megabytes_a_second(uint64_t bytes, double seconds)
{
    return seconds > 0 ? (double)bytes / 1e6 / seconds : 0;
}

/* Prints what was seen of the machine, and what allows no more of it where there is more. */
static void print_machine(const struct mr_machine *m)
{
    fprintf(stderr, "machine         %15u CPUs", m->cpus);
    if (m->cpus_by)
        fprintf(stderr, " of %u (%s)", m->cpus_there, m->cpus_by);
    fprintf(stderr, ", %llu MB", (unsigned long long)(m->memory >> 20));
    if (m->memory_by)
        fprintf(stderr, " of %llu MB memory (%s)\n", (unsigned long long)(m->memory_there >> 20),
                m->memory_by);
    else
        fputs(" of memory\n", stderr);
}

void mr_stats_print(const struct mr_report *r, const struct mr_job *job)
{
    char distinct[32];
    snprintf(distinct, sizeof distinct, "distinct %ss", mr_key_name(job));
    print_machine(&r->machine);
    double seconds = r->map_seconds + r->reduce_seconds + r->write_seconds;
    fprintf(stderr,
            "input           %15llu bytes\n"
            "passed over     %15llu hidden names, %llu directories, %llu other things, %llu own\n"
            "%-15s %15llu\n"
            "%-15s %15llu\n"
            "written         %15llu lines, %llu bytes\n"
            "map             %15.3f s  %9.1f MB/s  %llu tasks\n"
            "reduce          %15.3f s  %9.1f MB/s  %llu tasks\n"
            "sort and write  %15.3f s  %9.1f MB/s  %llu tasks\n"
            "all             %15.3f s  %9.1f MB/s of input\n"
            "shuffled        %15llu bytes, %llu records\n"
            "attempts        %15llu  %llu tried again, %llu killed\n"
            "checksums       %15llu failed, %llu tasks run again\n"
            "resumed         %15llu tasks\n"
            "peak memory     %15llu bytes, all processes\n",
            (unsigned long long)r->input_bytes, (unsigned long long)r->passed_over.hidden,
            (unsigned long long)r->passed_over.directories,
            (unsigned long long)r->passed_over.no_files,
            (unsigned long long)r->passed_over.own, mr_sum_name(job),
            (unsigned long long)r->emitted, distinct, (unsigned long long)r->distinct,
            (unsigned long long)r->written,
            (unsigned long long)r->output_bytes, r->map_seconds,
            megabytes_a_second(r->input_bytes, r->map_seconds),
            (unsigned long long)r->map_tasks, r->reduce_seconds,
            megabytes_a_second(r->shuffled, r->reduce_seconds),
            (unsigned long long)r->reduce_tasks, r->write_seconds,
            megabytes_a_second(r->output_bytes, r->write_seconds),
            (unsigned long long)r->merge_tasks, seconds,
            megabytes_a_second(r->input_bytes, seconds), (unsigned long long)r->shuffled,
            (unsigned long long)r->records, (unsigned long long)r->attempts,
            (unsigned long long)r->retried, (unsigned long long)r->killed,
            (unsigned long long)r->damaged, (unsigned long long)r->rerun,
            (unsigned long long)r->resumed, (unsigned long long)r->peak_memory);
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
