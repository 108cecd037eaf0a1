/* The help: a job's own words, and the options of the job and the engine in one list. */
#include "program/help.h"

#include "base/choices.h"

#include <stdio.h>
#include <string.h>

static void print_option(int letter, const char *name, const char *argument, const char *help)
{
    char left[64], dash[8] = "    ";
    if (letter)
        snprintf(dash, sizeof dash, name ? "-%c, " : "-%c ", letter);
    snprintf(left, sizeof left, "%s%s%s%s%s", dash, name ? "--" : "", name ? name : "",
             name && argument && *argument != '[' ? "=" : "", argument ? argument : "");
    printf("  %-24s %s\n", left, help);
}

static void print_own_options(const struct mr_job *job)
{
    for (const struct mr_option *o = job->options; o && (o->name || o->letter); o++)
        if (o->help)
            print_option(o->letter, o->name, o->argument, o->help);
}

/* Lists the choices of an option: "tsv (default), csv or uniq". */
static void list(char *to, size_t room, const char *const *names, unsigned count, unsigned usual)
{
    size_t n = 0;
    for (unsigned i = 0; i < count && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s%s", i == 0          ? ""
                                                          : i + 1 < count ? ", "
                                                                          : " or ",
                              names[i], i == usual ? " (default)" : "");
}

/* Writes the help of an option that is another one for each job. False: it has none. */
static bool help_of_job(const struct mr_job *job, enum mr_option_code code, char *to, size_t room)
{
    char names[MR_ORDERS][40];
    const char *orders[MR_ORDERS];
    for (int order = 0; order < MR_ORDERS; order++) {
        snprintf(names[order], sizeof *names, "%s%s", mr_order_name(job, (enum mr_order)order),
                 order == MR_BY_VALUE ? " descending" : "");
        orders[order] = names[order];
    }
    if (code == MR_OPTION_SORT)
        list(to, room, orders, MR_ORDERS, job->order);
    else if (code == MR_OPTION_FORMAT)
        list(to, room, mr_format_names, MR_FORMATS, job->format);
    else
        return false;
    return true;
}

static void print_engine_options(const struct mr_options *options)
{
    for (int code = MR_OPTION_FIRST; code < MR_OPTION_OWN; code++) {
        const struct mr_engine_option o = mr_options_get(options, (enum mr_option_code)code);
        char help[80];
        if (!mr_options_has(options, o.code))
            continue;
        if (o.help)
            print_option(o.letter, o.name, o.argument, o.help);
        else if (help_of_job(options->job, o.code, help, sizeof help))
            print_option(o.letter, o.name, o.argument, help);
    }
}

void mr_help_print(const char *call, const struct mr_options *options)
{
    const struct mr_job *job = options->job;
    printf("Usage: %s [OPTION]... %s\n", call, job->usage ? job->usage : "[FILE]...");
    if (job->about)
        fputs(job->about, stdout);
    else if (job->summary)
        puts(job->summary);
    putchar('\n');
    print_own_options(job);
    print_engine_options(options);
    fputs("\nSIZE has a suffix b (bytes), K (the default), M, G, T, or % of the memory.\n\n",
          stdout);
    if (job->examples)
        printf("Examples:\n%s", job->examples);
    fputs("Exit status: 0 done, 1 failed, 2 wrong usage. More: man wc-mr\n", stdout);
}

void mr_help_print_jobs(const struct mr_job *const *jobs)
{
    for (; *jobs; jobs++)
        printf("%-12s %s\n", (*jobs)->name, (*jobs)->summary ? (*jobs)->summary : "");
}

void mr_help_print_version(const char *program)
{
    if (strcmp(program, "wc-mr") == 0)
        puts("wc-mr " WC_MR_VERSION);
    else
        printf("%s (wc-mr %s)\n", program, WC_MR_VERSION);
}
