/*
 * The command line, by libc's getopt_long.
 *
 *     wc-mr --job=grep -i -m 4 'foo|bar' a.txt b.txt
 *           job        |  |    operand   files, or what --files0-from lists
 *                      |  the engine's option
 *                      the job's option
 *
 * Which job it is decides what every other argument means; so --job stands first.
 */
#include "program/arguments.h"

#include "base/choices.h"
#include "base/config.h"
#include "base/error.h"
#include "program/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the job ---------------------------------------------------------------------------- */

/* Finds the job that the first argument names, or the first job. Returns how many arguments that
 * were, or -1. */
static int find_job(struct mr_arguments *a, const struct mr_catalog *jobs, int argc, char **argv,
                    int *exit_status, struct mr_error *err)
{
    static const char option[] = "--job";
    const size_t size = sizeof option - 1;
    a->job = jobs->jobs[0];
    if (jobs->load == NULL || argc < 2 || strncmp(argv[1], option, size) != 0 ||
        (argv[1][size] != '=' && argv[1][size] != '\0'))
        return 0;
    bool together = argv[1][size] == '=';
    if (!together && argc < 3)
        return mr_error_set(err, "option '%s' requires an argument", option);
    a->job_given = together ? argv[1] + size + 1 : argv[2];
    if (mr_is_job_file(a->job_given)) {
        a->config.job_file = a->job_given;
        *exit_status = 1;
    }
    a->job = mr_catalog_find(jobs, a->job_given, err);
    return a->job == NULL ? -1 : together ? 1 : 2;
}

/* The same, and takes what is run in its place. */
static int take_job(struct mr_arguments *a, const struct mr_catalog *jobs, int argc, char **argv,
                    int *exit_status, struct mr_error *err)
{
    int taken = find_job(a, jobs, argc, argv, exit_status, err);
    if (taken < 0 || jobs->adapt == NULL)
        return taken;
    a->job = jobs->adapt(a->job, err);
    return a->job ? taken : -1;
}

/* ---- options ---------------------------------------------------------------------------- */

static int take_number(const struct mr_arguments *a, enum mr_option_code code, const char *text,
                       unsigned least, unsigned most, unsigned *to, struct mr_error *err)
{
    uint64_t number;
    if (mr_parse_number(text, mr_options_name(&a->options, code).text, least, most, &number,
                        err) < 0)
        return -1;
    *to = (unsigned)number;
    return 0;
}

/* 0, which is as many as usual in the configuration, is none. */
static int take_reducers(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    struct mr_config *c = &a->config;
    int result = take_number(a, MR_OPTION_REDUCERS, text, 0, 4096, &c->reducers, err);
    c->no_reduce = result == 0 && c->reducers == 0;
    return result;
}

/* As the others; but 0, which is all or as long as usual in the configuration, is none or never. */
static int take_top(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    uint64_t number;
    if (mr_parse_number(text, mr_options_name(&a->options, MR_OPTION_TOP).text, 0, MR_NONE - 1,
                        &number, err) < 0)
        return -1;
    a->config.top = number ? number : MR_NONE;
    return 0;
}

/* So many files at least, or at most, which 0 is not. */
static int take_documents(const struct mr_arguments *a, enum mr_option_code code, const char *text,
                          uint64_t *to, struct mr_error *err)
{
    return mr_parse_number(text, mr_options_name(&a->options, code).text, 1, UINT64_MAX, to, err);
}

static int take_timeout(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    unsigned seconds;
    if (take_number(a, MR_OPTION_TASK_TIMEOUT, text, 0, MR_NEVER - 1, &seconds, err) < 0)
        return -1;
    a->config.task_timeout = seconds ? seconds : MR_NEVER;
    return 0;
}

static int take_size(const struct mr_arguments *a, enum mr_option_code code, const char *text,
                     uint64_t least, const char *least_text, uint64_t *to, struct mr_error *err)
{
    const struct mr_option_name name = mr_options_name(&a->options, code);
    if (mr_parse_size(text, name.text, code == MR_OPTION_MEMORY, to, err) < 0)
        return -1;
    if (*to < least)
        return mr_error_set(err, "'%s' for %s is too little: at least %s", text, name.text,
                            least_text);
    return 0;
}

static int take_order(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    const char *words[MR_ORDERS + 1] = { NULL };
    enum mr_order orders[MR_ORDERS] = { MR_BY_VALUE };
    size_t count = 0;
    for (int order = 0; order < MR_ORDERS; order++)
        if (mr_order_is_of(a->job, (enum mr_order)order)) {
            words[count] = mr_order_name(a->job, (enum mr_order)order);
            orders[count++] = (enum mr_order)order;
        }
    int chosen = mr_parse_choice(text, "--sort", words, err);
    if (chosen < 0)
        return -1;
    a->config.order = orders[chosen];
    a->order_given = true;
    return 0;
}

static int take_format(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    int chosen = mr_parse_choice(text, "--format", mr_format_names, err);
    a->config.format = (enum mr_format)chosen;
    a->format_given = true;
    return chosen < 0 ? -1 : 0;
}

static int take_kernel(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    a->config.kernel = text;
    return mr_parse_choice(text, "--kernel", mr_kernel_names, err) < 0 ? -1 : 0;
}

/* Nothing, for a person, or a form. */
static int take_stats(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    static const char *const forms[] = { "json", NULL };
    if (text && mr_parse_choice(text, "--stats", forms, err) < 0)
        return -1;
    a->stats = text ? MR_STATS_JSON : MR_STATS_TEXT;
    return 0;
}

static int take_progress(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    static const char *const names[] = {
        [MR_PROGRESS_AUTO] = "auto", [MR_PROGRESS_ALWAYS] = "always",
        [MR_PROGRESS_NEVER] = "never", [MR_PROGRESS_JSON] = "json", NULL
    };
    int chosen = mr_parse_choice(text, "--progress", names, err);
    a->progress = (enum mr_progress_when)chosen;
    return chosen < 0 ? -1 : 0;
}

/* SEED or SEED,PERCENT. */
static int take_chaos(struct mr_arguments *a, const char *text, struct mr_error *err)
{
    char seed[512];
    size_t size = strcspn(text, ",");
    uint64_t percent = 10;
    snprintf(seed, sizeof seed, "%.*s", (int)(size < sizeof seed ? size : sizeof seed), text);
    if (mr_parse_number(seed, "the seed of --chaos", 0, UINT64_MAX, &a->config.chaos_seed,
                        err) < 0)
        return -1;
    if (text[size] == ',' && mr_parse_number(text + size + 1, "the percentage of --chaos", 1, 100,
                                             &percent, err) < 0)
        return -1;
    a->config.chaos_percent = (unsigned)percent;
    return 0;
}

static int check_name(const char *option, const char *text, struct mr_error *err)
{
    return *text != '\0'
               ? 0
               : mr_error_set(err, "%s needs a name, and was given an empty one", option);
}

/* Whether what an option takes is the name of a file or a directory. */
static bool takes_name(const struct mr_arguments *a, enum mr_option_code code)
{
    const char *argument = mr_options_get(&a->options, code).argument;
    return code == MR_OPTION_FILES0_FROM ||
           (argument && (strcmp(argument, "FILE") == 0 || strcmp(argument, "DIR") == 0));
}

/* Takes one of the engine's options. */
static int take_engine_option(struct mr_arguments *a, enum mr_option_code code, const char *text,
                              struct mr_error *err)
{
    struct mr_config *c = &a->config;
    if (takes_name(a, code) &&
        check_name(mr_options_name(&a->options, code).text, text, err) < 0)
        return -1;
    switch (code) {
    case MR_OPTION_MAPPERS: return take_number(a, code, text, 1, 1024, &c->mappers, err);
    case MR_OPTION_REDUCERS: return take_reducers(a, text, err);
    case MR_OPTION_MAX_ATTEMPTS: return take_number(a, code, text, 1, 1000, &c->max_attempts, err);
    case MR_OPTION_SKIP_BAD_RECORDS:
        return take_number(a, code, text, 0, 1000, &c->skip_bad_records, err);
    case MR_OPTION_TASK_TIMEOUT: return take_timeout(a, text, err);
    case MR_OPTION_TOP: return take_top(a, text, err);
    case MR_OPTION_MIN_DOCUMENTS: return take_documents(a, code, text, &c->min_documents, err);
    case MR_OPTION_MAX_DOCUMENTS: return take_documents(a, code, text, &c->max_documents, err);
    case MR_OPTION_MEMORY: return take_size(a, code, text, MR_MEMORY_MIN, "16M", &c->memory, err);
    case MR_OPTION_SPLIT_SIZE: return take_size(a, code, text, 1, "1b", &c->split_size, err);
    case MR_OPTION_SORT: return take_order(a, text, err);
    case MR_OPTION_FORMAT: return take_format(a, text, err);
    case MR_OPTION_KERNEL: return take_kernel(a, text, err);
    case MR_OPTION_CHAOS: return take_chaos(a, text, err);
    case MR_OPTION_RECURSIVE: c->recursive = true; break;
    case MR_OPTION_ALL: c->all = true; break;
    case MR_OPTION_FILES0_FROM: c->input_list = text; break;
    case MR_OPTION_FORCE_BYTES: c->force_bytes = true; break;
    case MR_OPTION_ENCODING: c->encoding = text; break;
    case MR_OPTION_REVERSE: c->reverse = true; break;
    case MR_OPTION_BY_FILE: c->by_file = true; break;
    case MR_OPTION_DOCUMENTS: c->documents = true; break;
    case MR_OPTION_PERCENT: c->percent = true; break;
    case MR_OPTION_OTHERS: c->others = true; break;
    case MR_OPTION_BAD_RECORDS: c->bad_records = text; break;
    case MR_OPTION_OUTPUT: c->output = text; break;
    case MR_OPTION_OUTPUT_DIR: c->output_dir = text; break;
    case MR_OPTION_OVERWRITE: c->overwrite = true; break;
    case MR_OPTION_ORDERED_PARTS: c->ordered_parts = true; break;
    case MR_OPTION_TEMP_DIR: c->temp_dir = text; break;
    case MR_OPTION_COMPRESS: c->compress = true; break;
    case MR_OPTION_WORK_DIR: c->work_dir = text; break;
    case MR_OPTION_RESUME: c->resume = true; break;
    case MR_OPTION_DRY_RUN: a->dry = true; break;
    case MR_OPTION_STATS: return take_stats(a, text, err);
    case MR_OPTION_TRACE: a->trace = text; break;
    case MR_OPTION_REPORT: a->page = strcmp(text, "/dev/stdout") == 0 ? "-" : text; break;
    case MR_OPTION_PROGRESS: return take_progress(a, text, err);
    case MR_OPTION_VERBOSE: a->verbose = true; break;
    default: return mr_error_set(err, "--job must be the first argument: it decides what all "
                                      "others mean");
    }
    return 0;
}

/* Takes one of the job's, and notes which file that reads. */
static int take_own_option(struct mr_arguments *a, const struct mr_option *own, const char *text,
                           struct mr_error *err)
{
    struct mr_config *c = &a->config;
    if (own->argument && strcmp(own->argument, "FILE") == 0) {
        if (check_name(mr_options_own_name(own).text, text, err) < 0)
            return -1;
        if (mr_buffer_add(&a->read_files, &text, sizeof text) < 0)
            return mr_error_memory(err, a->read_files.size, "the options");
        c->read_files = (const char *const *)(void *)a->read_files.at;
        c->read_file_count = a->read_files.size / sizeof text;
    }
    return own->set(a->state, text, err);
}

/* Takes all options. Returns what to do, MR_ARGUMENTS_RUN unless one of them says. */
static enum mr_arguments_end take_options(struct mr_arguments *a, int argc, char **argv,
                                          struct mr_error *err)
{
    const struct mr_options *o = &a->options;
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, o->shorts, o->longs, NULL)) != -1;) {
        if (found == '?' || found == ':') {
            (void)mr_options_refuse(o, found, argv, err);
            return MR_ARGUMENTS_WRONG;
        }
        const struct mr_option *own = mr_options_own(o, found);
        enum mr_option_code code = own ? MR_OPTION_OWN : mr_options_code(found);
        if (code == MR_OPTION_HELP) {
            a->help = optarg;
            return MR_ARGUMENTS_HELP;
        }
        if (code == MR_OPTION_VERSION)
            return MR_ARGUMENTS_VERSION;
        if (code == MR_OPTION_LIST_JOBS)
            return MR_ARGUMENTS_JOBS;
        if ((own ? take_own_option(a, own, optarg, err)
                 : take_engine_option(a, code, optarg, err)) < 0)
            return MR_ARGUMENTS_WRONG;
    }
    return MR_ARGUMENTS_RUN;
}

/* ---- operands --------------------------------------------------------------------------- */

/* Whether the job, fitted to its options, makes what is asked for; what is not is as it says. */
static int suit_job(struct mr_arguments *a, struct mr_error *err)
{
    a->fitted = *a->job;
    if (a->job->fit)
        a->job->fit(a->state, &a->fitted);
    if (!a->format_given)
        a->config.format = a->fitted.format;
    if (!a->order_given)
        a->config.order = a->fitted.order;
    else if (a->config.order == MR_BY_VALUE && !mr_order_is_of(&a->fitted, MR_BY_VALUE))
        return mr_error_set(err, "the job '%s' has its result in the order of its keys with these "
                                 "options: leave out --sort", a->job->name);
    return mr_config_suits(&a->config, &a->fitted, err);
}

/* Refuses other operands than as many as the job takes; for a directory, all in it are counted when
 * they are found. */
static int check_operands(const struct mr_job *job, const struct mr_config *c, struct mr_error *err)
{
    struct stat st;
    for (size_t i = 0; job->files > 0 && i < c->input_count; i++)
        if (stat(c->inputs[i], &st) == 0 && S_ISDIR(st.st_mode))
            return 0;
    return mr_config_check_count(job, c->input_count,
                                 c->input_count > job->files ? c->inputs[job->files] : NULL, err);
}

static size_t count_standard_input(const char *const *names, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += mr_name_is_standard_input(names[i]);
    return found;
}

/* Checks that standard input, where one of the job's options has read it, is nothing else: neither
 * another option's file, nor one of these names. */
static int check_standard_input(const struct mr_config *c, const char *const *names, size_t count,
                                struct mr_error *err)
{
    size_t options = count_standard_input(c->read_files, c->read_file_count);
    if (options > 1)
        return mr_error_set(err, "%zu options are to read standard input ('-'), which can be read "
                                 "once: give all but one the name of a file", options);
    if (options > 0 && count_standard_input(names, count) > 0)
        return mr_error_set(err, "an option reads standard input ('-'), which then is no input any "
                                 "more: name the files that are the input");
    return 0;
}

/* The files that --files0-from lists. */
static int take_listed(struct mr_arguments *a, int *exit_status, struct mr_error *err)
{
    struct mr_config *c = &a->config;
    if (check_standard_input(c, &c->input_list, 1, err) < 0)
        return -1;
    *exit_status = 1;
    if (mr_name_list_read(&a->names, c->input_list, err) < 0)
        return -1;
    c->inputs = (const char *const *)a->names.at;
    c->input_count = a->names.count;
    return check_standard_input(c, c->inputs, c->input_count, err);
}

/* The operands: the job's, then files; or the list of files; or standard input. */
static int take_operands(struct mr_arguments *a, int argc, char **argv, int *exit_status,
                         struct mr_error *err)
{
    static const char *const standard_input[] = { "-" };
    struct mr_config *c = &a->config;
    int first = optind, more = 1;
    while (a->job->operand && first < argc &&
           (more = a->job->operand(a->state, argv[first], err)) > 0)
        first++;
    if (more < 0 || (a->job->ready && a->job->ready(a->state, err) < 0))
        return -1;
    if (suit_job(a, err) < 0)
        return -1;
    if (c->input_list && first < argc)
        return mr_error_set(err, "extra operand '%s': with --files0-from all files are in the "
                                 "list", argv[first]);
    if (c->input_list)
        return take_listed(a, exit_status, err);
    c->inputs = first < argc ? (const char *const *)(argv + first) : standard_input;
    c->input_count = first < argc ? (size_t)(argc - first) : 1;
    if (check_standard_input(c, c->inputs, c->input_count, err) < 0)
        return -1;
    return check_operands(a->job, c, err);
}

/* ---- all of it -------------------------------------------------------------------------- */

static int check_together(const struct mr_arguments *a, struct mr_error *err)
{
    const struct mr_config *c = &a->config;
    if (c->output && c->output_dir)
        return mr_error_set(err, "%s and %s cannot go together",
                            mr_options_name(&a->options, MR_OPTION_OUTPUT).text,
                            mr_options_name(&a->options, MR_OPTION_OUTPUT_DIR).text);
    if (a->page && strcmp(a->page, "-") == 0 && !c->output && !c->output_dir && c->top != MR_NONE)
        return mr_error_set(err, "--report=- needs --output, --output-dir or --top=0: standard "
                                 "output has the result");
    if (a->trace && strcmp(a->trace, "-") == 0)
        return mr_error_set(err, "--trace=- is no file: name one, such as /dev/stdout, with "
                                 "--output, --output-dir or --top=0");
    return mr_config_check(c, err);
}

/* What is there to watch a run, or to foresee it, must be had of the function that runs the job. */
static int check_watched(const struct mr_arguments *a, const struct mr_catalog *jobs,
                         struct mr_error *err)
{
    const bool shown = a->progress == MR_PROGRESS_ALWAYS || a->progress == MR_PROGRESS_JSON;
    const char *const asked[] = { a->dry ? "--dry-run" : NULL, a->trace ? "--trace" : NULL,
                                  a->page ? "--report" : NULL, shown ? "--progress" : NULL };
    for (size_t i = 0; jobs->check && i < sizeof asked / sizeof *asked; i++)
        if (asked[i] && jobs->check(a->job, a->state, asked[i], err) < 0)
            return -1;
    return 0;
}

static int begin(struct mr_arguments *a, const struct mr_job *const *jobs, int *exit_status,
                 struct mr_error *err)
{
    a->config.kernel = getenv("WC_MR_KERNEL");
    a->config.by_options = true;
    *exit_status = 1;
    a->state = calloc(1, a->job->state_size + 1);
    if (a->state == NULL)
        return mr_error_set(err, "cannot get memory for the job's options");
    if (mr_options_make(&a->options, a->job, jobs, err) < 0)
        return -1;
    *exit_status = 2;
    return 0;
}

static enum mr_arguments_end read_all(struct mr_arguments *a, const struct mr_catalog *jobs,
                                      int argc, char **argv, int *exit_status,
                                      struct mr_error *err)
{
    *exit_status = 2;
    int taken = take_job(a, jobs, argc, argv, exit_status, err);
    if (taken < 0 || begin(a, jobs->load ? jobs->jobs : NULL, exit_status, err) < 0)
        return MR_ARGUMENTS_WRONG;
    argc -= taken;
    argv += taken;
    enum mr_arguments_end end = take_options(a, argc, argv, err);
    if (end != MR_ARGUMENTS_RUN)
        return end;
    if (check_together(a, err) < 0 ||
        check_watched(a, jobs, err) < 0 || take_operands(a, argc, argv, exit_status, err) < 0)
        return MR_ARGUMENTS_WRONG;
    return MR_ARGUMENTS_RUN;
}

enum mr_arguments_end mr_arguments_read(struct mr_arguments *a, const struct mr_catalog *jobs,
                                        int argc, char **argv, int *exit_status,
                                        struct mr_error *err)
{
    memset(a, 0, sizeof *a);
    enum mr_arguments_end end = read_all(a, jobs, argc, argv, exit_status, err);
    if (end == MR_ARGUMENTS_WRONG && err->code != 0) /* of the system: not the usage is wrong */
        *exit_status = 1;
    return end;
}

void mr_arguments_free(struct mr_arguments *a)
{
    if (a->state && a->job->release)
        a->job->release(a->state);
    free(a->state);
    mr_name_list_free(&a->names);
    mr_buffer_free(&a->read_files);
    memset(a, 0, sizeof *a);
}
