/* The help: a job's own words, and the options of the job and the engine in one list. */
#include "program/help.h"

#include "base/choices.h"
#include "base/config.h"
#include "base/context.h"

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

static bool is_last(const struct mr_option *o)
{
    return o == NULL || (o->name == NULL && o->letter == 0);
}

/* Lists the choices of an option: "tsv (default), csv or uniq". */
static void list(char *to, size_t size, const char *const *names, unsigned count, unsigned usual)
{
    size_t n = 0;
    for (unsigned i = 0; i < count && n < size; i++)
        n += (size_t)snprintf(to + n, size - n, "%s%s%s", i == 0          ? ""
                                                          : i + 1 < count ? ", "
                                                                          : " or ",
                              names[i], i == usual ? " (default)" : "");
}

static void list_orders(const struct mr_job *job, char *to, size_t size)
{
    char names[MR_ORDERS][40];
    const char *orders[MR_ORDERS];
    unsigned count = 0, usual = 0;
    for (int order = 0; order < MR_ORDERS; order++) {
        if (!mr_order_is_of(job, (enum mr_order)order))
            continue;
        snprintf(names[order], sizeof *names, "%s%s", mr_order_name(job, (enum mr_order)order),
                 order == MR_BY_VALUE ? " descending" : "");
        usual = order == (int)job->order ? count : usual;
        orders[count++] = names[order];
    }
    list(to, size, orders, count, usual);
}

static void list_formats(const struct mr_job *job, char *to, size_t size)
{
    const char *formats[MR_FORMATS];
    unsigned count = 0, usual = 0;
    for (int format = 0; format < MR_FORMATS; format++) {
        if (!mr_format_is_of(job, (enum mr_format)format))
            continue;
        usual = format == (int)job->format ? count : usual;
        formats[count++] = mr_format_names[format];
    }
    list(to, size, formats, count, usual);
}

/* Writes the help of an option that is another one for each job. False: it has none. */
static bool help_of_job(const struct mr_job *job, enum mr_option_code code, char *to, size_t size)
{
    if (code == MR_OPTION_SORT)
        list_orders(job, to, size);
    else if (code == MR_OPTION_FORMAT)
        list_formats(job, to, size);
    else
        return false;
    return true;
}

/* Says what one of the engine's options is for. False: it is not shown, as the job refuses it. */
static bool say(const struct mr_options *options, enum mr_option_code code, char *to, size_t size)
{
    const struct mr_engine_option o = mr_options_get(options, code);
    struct mr_error refused;
    if (!mr_options_has(options, code) ||
        mr_config_suits_option(o.name, options->job, &refused) < 0)
        return false;
    if (o.help == NULL)
        return help_of_job(options->job, code, to, size);
    snprintf(to, size, "%s", o.help);
    return true;
}

static bool print_engine_option(const struct mr_options *options, enum mr_option_code code)
{
    const struct mr_engine_option o = mr_options_get(options, code);
    char help[80];
    if (!say(options, code, help, sizeof help))
        return false;
    print_option(o.letter, o.name, o.argument, help);
    return true;
}

/* ---- a screen --------------------------------------------------------------------------- */

enum { SCREEN = 24, OWN = 9 /* of the job's options, at most */ };

/* Of the engine's options, what most people use. */
static const enum mr_option_code usual[] = {
    MR_OPTION_RECURSIVE, MR_OPTION_TOP, MR_OPTION_SORT, MR_OPTION_FORMAT, MR_OPTION_OUTPUT,
    MR_OPTION_MEMORY, MR_OPTION_STATS, MR_OPTION_JOB, MR_OPTION_LIST_JOBS, MR_OPTION_HELP,
};

/* Prints the job's options, if there are not too many; else those that have letters, as what is
 * used much has. Returns how many. */
static int print_own_usual(const struct mr_job *job)
{
    int all = 0, printed = 0;
    for (const struct mr_option *o = job->options; !is_last(o); o++)
        all += o->help != NULL;
    for (const struct mr_option *o = job->options; !is_last(o) && printed < OWN; o++)
        if (o->help && (all <= OWN || o->letter)) {
            print_option(o->letter, o->name, o->argument, o->help);
            printed++;
        }
    return printed;
}

/* Prints so many lines of a text at most. Returns how many. */
static int print_lines(const char *text, int most)
{
    int lines = 0;
    for (const char *end; lines < most && (end = strchr(text, '\n')) != NULL; text = end + 1) {
        printf("%.*s\n", (int)(end - text), text);
        lines++;
    }
    return lines;
}

static int print_about(const char *call, const struct mr_job *job)
{
    int lines = 2;
    printf("Usage: %s [OPTION]... %s\n", call, job->usage ? job->usage : "[FILE]...");
    if (job->about)
        lines += print_lines(job->about, SCREEN);
    else if (job->summary)
        lines += printf("%s\n", job->summary) > 0;
    putchar('\n');
    return lines;
}

static void print_screen(const char *call, const struct mr_options *options)
{
    const struct mr_job *job = options->job;
    int lines = print_about(call, job) + print_own_usual(job);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        lines += print_engine_option(options, usual[i]);
    if (job->examples && lines + 3 <= SCREEN) {
        puts("Examples:");
        print_lines(job->examples, SCREEN - lines - 2);
    }
    puts("Exit status: 0 done, 1 failed, 2 wrong usage. More: --help=all, man wc-mr");
}

/* ---- all of it -------------------------------------------------------------------------- */

/* What stands before the first of some of the engine's options. */
static const struct {
    enum mr_option_code first;
    const char *title;
} groups[] = {
    { MR_OPTION_RECURSIVE, "Input" },      { MR_OPTION_TOP, "Output" },
    { MR_OPTION_MAPPERS, "Resources" },    { MR_OPTION_MAX_ATTEMPTS, "Keeping on" },
    { MR_OPTION_DRY_RUN, "Information" },
};

static void print_all(const char *call, const struct mr_options *options)
{
    const struct mr_job *job = options->job;
    size_t group = 0;
    print_about(call, job);
    for (const struct mr_option *o = job->options; !is_last(o); o++)
        if (o->help)
            print_option(o->letter, o->name, o->argument, o->help);
    for (int code = MR_OPTION_FIRST; code < MR_OPTION_OWN; code++) {
        if (group < sizeof groups / sizeof *groups && code == (int)groups[group].first)
            printf("%s:\n", groups[group++].title);
        (void)print_engine_option(options, (enum mr_option_code)code);
    }
    fputs("\nSIZE has a suffix b (bytes), K (the default), M, G, T, P, E, or % of the memory.\n\n",
          stdout);
    if (job->examples)
        printf("Examples:\n%s", job->examples);
    fputs("Exit status: 0 done, 1 failed, 2 wrong usage. More: man wc-mr\n", stdout);
}

/* ---- one option ------------------------------------------------------------------------- */

/* How an option may be asked for, the strictest first. */
enum ask { BY_NAME, BY_BEGINNING, BY_WORD, ASKS };

static bool is_asked(enum ask how, const char *of, int letter, const char *name, const char *help)
{
    switch (how) {
    case BY_NAME:
        return (name && strcmp(of, name) == 0) || (letter && of[0] == letter && of[1] == '\0');
    case BY_BEGINNING: return name && strncmp(of, name, strlen(of)) == 0;
    default: return (name && strstr(name, of)) || strcasestr(help, of);
    }
}

/* Prints the options that are asked for in this way. Returns how many. */
static int print_asked(const struct mr_options *options, enum ask how, const char *of)
{
    int printed = 0;
    char help[80];
    for (const struct mr_option *o = options->job->options; !is_last(o); o++)
        if (o->help && is_asked(how, of, o->letter, o->name, o->help)) {
            print_option(o->letter, o->name, o->argument, o->help);
            printed++;
        }
    for (int code = MR_OPTION_FIRST; code < MR_OPTION_OWN; code++) {
        const struct mr_engine_option o = mr_options_get(options, (enum mr_option_code)code);
        if (say(options, o.code, help, sizeof help) &&
            is_asked(how, of, o.letter, o.name, help))
            printed += print_engine_option(options, o.code);
    }
    return printed;
}

static int print_one(const char *call, const struct mr_options *options, const char *given,
                     struct mr_error *err)
{
    const char *of = given + strspn(given, "-"), *near = mr_options_near(options, of);
    if (mr_config_suits_option(of, options->job, err) < 0)
        return -1;
    for (int how = BY_NAME; *of != '\0' && how < ASKS; how++)
        if (print_asked(options, (enum ask)how, of) > 0) {
            printf("More: %s --help=all, man wc-mr\n", call);
            return 0;
        }
    if (near)
        return mr_error_set(err, "there is no option '%s' to tell of: is '--%s' meant?", given,
                            near);
    return mr_error_set(err, "there is no option '%s' to tell of: --help=all lists them", given);
}

int mr_help_print(const char *call, const struct mr_options *options, const char *of,
                  struct mr_error *err)
{
    if (of && strcmp(of, "all") != 0)
        return print_one(call, options, of, err);
    if (of)
        print_all(call, options);
    else
        print_screen(call, options);
    return 0;
}

void mr_help_print_jobs(const struct mr_job *const *jobs)
{
    for (; *jobs; jobs++)
        printf("%-12s %s\n", (*jobs)->name, (*jobs)->summary ? (*jobs)->summary : "");
}
