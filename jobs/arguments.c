/*
 * The command line, by libc's getopt_long: the engine's options from one table here, the job's
 * own from the table it brings.
 */
#include "arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SORT = 256, REVERSE, FORMAT, SPLIT_SIZE, COMPRESS, STATS, FILES0_FROM, MAX_ATTEMPTS,
    TASK_TIMEOUT, WORK_DIR, RESUME, CHAOS, KERNEL, FORCE_BYTES, ALL, HELP, VERSION,
    JOB, /* the job's options without a letter, from here on */
    OPTIONS_MAX = 64
};

struct engine_option {
    int code; /* a letter, or one of the above */
    const char *name, *argument, *help;
};

static const struct engine_option engine_options[] = {
    { 'm', "mappers", "N", "mapper processes (the CPUs; fewer for small input)" },
    { 'r', "reducers", "N", "hash partitions and reducer processes (the same)" },
    { 'R', "recursive", NULL, "directories: the files below them too" },
    { ALL, "all", NULL, "directories: names that begin with _ or . too" },
    { FILES0_FROM, "files0-from", "F", "read NUL-ended file names from F" },
    { FORCE_BYTES, "force-bytes", NULL, "count UTF-16, zstd, zip... files as they are" },
    { 'n', "top", "N", "only the first N" },
    { SORT, "sort", "KEY", "count (descending, the default) or word" },
    { REVERSE, "reverse", NULL, "the same lines, last first" },
    { FORMAT, "format", "F", "tsv (default), csv, jsonl, colon or uniq" },
    { 'o', "output", "FILE", "write FILE, replaced when whole" },
    { 'O', "output-dir", "DIR", "make DIR of sorted parts, one a partition" },
    { 'S', "memory", "SIZE", "memory for all processes (a quarter of it all)" },
    { 'T', "temp-dir", "DIR", "for temporary files ($TMPDIR, /tmp)" },
    { SPLIT_SIZE, "split-size", "SIZE", "input of one map task (about 128M)" },
    { COMPRESS, "compress", NULL, "deflate temporary files" },
    { MAX_ATTEMPTS, "max-attempts", "N", "tries of a task whose process dies (4)" },
    { TASK_TIMEOUT, "task-timeout", "SECONDS", "without progress that end a try (600)" },
    { WORK_DIR, "work-dir", "DIR", "keep what is done there, should the run end" },
    { RESUME, "resume", NULL, "go on with what is done in the work directory" },
    { CHAOS, "chaos", "SEED[,N]", "kill and damage N% (10) of the work, to see" },
    { STATS, "stats", NULL, "figures on standard error when done" },
    { 'v', "verbose", NULL, "say what each task did" },
    { HELP, "help", NULL, "this" },
    { VERSION, "version", NULL, "the version" },
    { KERNEL, "kernel", "NAME", NULL },
};
enum { ENGINE_OPTIONS = sizeof engine_options / sizeof *engine_options };

/* ---- help ------------------------------------------------------------------------------- */

static int print_option(int letter, const char *name, const char *argument, const char *help)
{
    char left[40], dash[8] = "    ";
    if (letter > 0 && letter < 256)
        snprintf(dash, sizeof dash, "-%c, ", letter);
    snprintf(left, sizeof left, "%s--%s%s%s", dash, name, argument ? "=" : "",
             argument ? argument : "");
    return printf("  %-24s %s\n", left, help);
}

int arguments_help(const struct mr_job *job)
{
    fputs("Usage: wc-mr [OPTION]... [FILE]...\n"
          "Count every distinct word of the FILEs (plain or gzip; a directory: the files\n"
          "in it whose names do not begin with _ or .; - or none: standard input), on all\n"
          "CPUs, within a fixed memory. .csv and .tsv files are counted by fields.\n\n",
          stdout);
    for (const struct mr_option *o = job->options; o && o->name; o++)
        print_option(o->letter, o->name, o->argument, o->help);
    for (size_t i = 0; i < ENGINE_OPTIONS; i++) {
        const struct engine_option *o = &engine_options[i];
        if (o->help)
            print_option(o->code, o->name, o->argument, o->help);
    }
    return fputs("\nSIZE has a suffix b (bytes), K (the default), M, G, T, or % of the memory.\n\n"
                 "Examples:\n"
                 "  wc-mr -n 20 access.log.gz         the 20 most frequent words of a log\n"
                 "  wc-mr --drop-numeric table.csv    fields of a CSV, numbers left out\n"
                 "  wc-mr -d '\\n' names.txt           lines, as sort | uniq -c counts them\n"
                 "  wc-mr -R -i --min-count=5 docs/   the files below, case ignored\n"
                 "  zcat a.gz | wc-mr --format=csv -o counts.csv\n"
                 "Exit status: 0 done, 1 failed, 2 wrong usage. More: man wc-mr\n", stdout);
}

/* ---- arguments of options --------------------------------------------------------------- */

static int read_number(const char *text, const char *option, uint64_t least, uint64_t most,
                       uint64_t *number, struct mr_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0')
        return mr_error_set(err, "'%s' is no number for %s", text, option);
    if (errno != 0 || value < least || value > most)
        return mr_error_set(err, "'%s' for %s is out of range: %llu to %llu", text, option,
                     (unsigned long long)least, (unsigned long long)most);
    *number = value;
    return 0;
}

#define NO_SIZE "'%s' is no size for %s: a number and b, K, M, G or T"

/* A size as sort takes it: a number and a suffix, K where there is none; % of the memory that may
 * be used where that makes sense. */
static int read_size(const char *text, const char *option, bool percent, uint64_t *size,
                     struct mr_error *err)
{
    static const char suffixes[] = "bKMGTPE";
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno != 0 || (*end != '\0' && end[1] != '\0'))
        return mr_error_set(err, NO_SIZE, text, option);
    if (*end == '%' && percent) {
        struct mr_machine machine;
        mr_machine_see(&machine);
        *size = (uint64_t)((double)machine.memory / 100 * (double)(value > 100 ? 100 : value));
        if (value > 100)
            return mr_error_set(err, "'%s' for %s is more than all memory", text, option);
        return 0;
    }
    int suffix = *end == '\0' ? 'K' : strchr("kmgt", *end) ? *end - 'a' + 'A' : *end;
    const char *at = strchr(suffixes, suffix);
    if (at == NULL)
        return mr_error_set(err, NO_SIZE, text, option);
    unsigned shift = 10 * (unsigned)(at - suffixes);
    if (value > UINT64_MAX >> shift || value << shift > (uint64_t)1 << 62)
        return mr_error_set(err, "'%s' for %s is too large", text, option);
    *size = value << shift;
    return 0;
}

/* The place of a word in a list of choices, -1 for none. */
static int choice(const char *text, const char *const *choices, const char *option,
                  struct mr_error *err)
{
    char list[128] = "";
    for (int i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0)
            return i;
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", choices[i]);
    }
    return mr_error_set(err, "'%s' is none of the choices of %s: %s", text, option, list);
}

static int take_choice(struct arguments *a, int code, const char *text, struct mr_error *err)
{
    static const char *const sorts[] = { "count", "word", NULL };
    static const char *const formats[] = { "tsv", "csv", "jsonl", "colon", "uniq", NULL };
    static const char *const kernels[] = { "auto", "portable", "avx2", "neon", NULL };
    int chosen = code == SORT     ? choice(text, sorts, "--sort", err)
                 : code == FORMAT ? choice(text, formats, "--format", err)
                                  : choice(text, kernels, "--kernel", err);
    if (chosen < 0)
        return -1;
    if (code == SORT)
        a->config.order = chosen ? MR_BY_KEY : MR_BY_VALUE;
    else if (code == FORMAT)
        a->config.format = (enum mr_format)chosen;
    else
        a->config.kernel = text;
    return 0;
}

static int take_number(struct arguments *a, int code, const char *text, struct mr_error *err)
{
    uint64_t number = 0;
    struct mr_config *c = &a->config;
    switch (code) {
    case 'n':
        if (read_number(text, "--top (-n)", 0, MR_NONE - 1, &number, err) < 0)
            return -1;
        c->top = number ? number : MR_NONE;
        return 0;
    case 'S':
        if (read_size(text, "--memory (-S)", true, &c->memory, err) < 0)
            return -1;
        if (c->memory < MR_MEMORY_MIN)
            return mr_error_set(err, "'%s' for --memory (-S) is too little: at least 16M", text);
        return 0;
    case SPLIT_SIZE:
        if (read_size(text, "--split-size", false, &c->split_size, err) < 0)
            return -1;
        if (c->split_size > 0)
            return 0;
        return mr_error_set(err, "'%s' for --split-size is too little: at least 1b", text);
    case 'm':
        if (read_number(text, "--mappers (-m)", 1, 1024, &number, err) < 0)
            return -1;
        c->mappers = (unsigned)number;
        return 0;
    case 'r':
        if (read_number(text, "--reducers (-r)", 1, 4096, &number, err) < 0)
            return -1;
        c->reducers = (unsigned)number;
        return 0;
    case TASK_TIMEOUT:
        if (read_number(text, "--task-timeout", 0, MR_NEVER - 1, &number, err) < 0)
            return -1;
        c->task_timeout = number ? (unsigned)number : MR_NEVER;
        return 0;
    default:
        if (read_number(text, "--max-attempts", 1, 1000, &number, err) < 0)
            return -1;
        c->max_attempts = (unsigned)number;
        return 0;
    }
}

/* SEED or SEED,PERCENT. */
static int take_chaos(struct arguments *a, const char *text, struct mr_error *err)
{
    char seed[512];
    size_t size = strcspn(text, ",");
    uint64_t percent = 10;
    snprintf(seed, sizeof seed, "%.*s", (int)(size < sizeof seed ? size : sizeof seed), text);
    if (read_number(seed, "the seed of --chaos", 0, UINT64_MAX, &a->config.chaos_seed, err) < 0)
        return -1;
    if (text[size] == ',' &&
        read_number(text + size + 1, "the percentage of --chaos", 1, 100, &percent, err) < 0)
        return -1;
    a->config.chaos_percent = (unsigned)percent;
    return 0;
}

/* ---- the list of files ------------------------------------------------------------------ */

/* Reads all of a file into memory, NUL-ended. Returns its size or -1 (errno). */
static ssize_t read_all(FILE *file, char **bytes)
{
    size_t size = 0, room = 4096;
    *bytes = malloc(room + 1);
    while (*bytes != NULL) {
        size += fread(*bytes + size, 1, room - size, file);
        if (size < room)
            break;
        char *more = realloc(*bytes, 2 * room + 1);
        if (more == NULL)
            return -1;
        *bytes = more;
        room *= 2;
    }
    if (*bytes == NULL || ferror(file))
        return -1;
    (*bytes)[size] = '\0';
    return (ssize_t)size;
}

/* Takes the names from a file that has one before each NUL. */
static int read_list(struct arguments *a, const char *path, struct mr_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "r");
    ssize_t size = file ? read_all(file, &a->list) : -1;
    int code = errno;
    if (file && !standard)
        fclose(file);
    if (size < 0)
        return mr_error_set(err, "cannot read the list of files '%s': %s", path, strerror(code));
    size_t count = 0;
    for (ssize_t i = 0; i < size; i += (ssize_t)strlen(a->list + i) + 1)
        count++;
    a->names = calloc(count + 1, sizeof *a->names);
    if (a->names == NULL)
        return mr_error_set(err, "cannot get memory for %zu file names", count);
    for (ssize_t i = 0; i < size; i += (ssize_t)strlen(a->list + i) + 1) {
        if (a->list[i] == '\0')
            return mr_error_set(err, "the list of files '%s' has an empty name", path);
        if (standard && strcmp(a->list + i, "-") == 0)
            return mr_error_set(err, "the list of files on standard input names standard input "
                                     "('-')");
        a->names[a->name_count++] = a->list + i;
    }
    return 0;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* What getopt_long is to know: both tables. */
struct tables {
    struct option longs[OPTIONS_MAX];
    char shorts[2 * OPTIONS_MAX];
    size_t count, letters;
};

static void add_option(struct tables *t, int code, const char *name, bool argument)
{
    t->longs[t->count++] = (struct option){ name, argument ? required_argument : no_argument,
                                            NULL, code };
    if (code >= 256) /* no letter */
        return;
    t->shorts[t->letters++] = (char)code;
    if (argument)
        t->shorts[t->letters++] = ':';
}

static void make_tables(struct tables *t, const struct mr_job *job)
{
    memset(t, 0, sizeof *t);
    t->shorts[t->letters++] = ':'; /* a missing argument is told apart from an unknown option */
    for (size_t i = 0; i < ENGINE_OPTIONS; i++)
        add_option(t, engine_options[i].code, engine_options[i].name,
                   engine_options[i].argument != NULL);
    for (const struct mr_option *o = job->options; o && o->name; o++)
        add_option(t, o->letter ? o->letter : JOB + (int)(o - job->options), o->name,
                   o->argument != NULL);
}

/* The job's option with a code, or NULL. */
static const struct mr_option *job_option(const struct mr_job *job, int code)
{
    for (const struct mr_option *o = job->options; o && o->name; o++)
        if (code == (o->letter ? o->letter : JOB + (int)(o - job->options)))
            return o;
    return NULL;
}

/* The option with a code, or NULL. */
static const struct option *option_of(const struct tables *t, int code)
{
    for (const struct option *o = t->longs; o->name; o++)
        if (o->val == code)
            return o;
    return NULL;
}

/* Says which of several long options a name that begins all of them could be. Returns -1, or 0
 * where there are none. */
static int refuse_ambiguous(const struct tables *t, const char *given, struct mr_error *err)
{
    char list[512] = "";
    size_t n = 0, size = strcspn(given, "=");
    for (const struct option *o = t->longs; o->name; o++)
        if (strncmp(o->name, given, size) == 0 && n < sizeof list)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s--%s", n ? ", " : "", o->name);
    return n ? mr_error_set(err, "option '--%.*s' is ambiguous: %s", (int)size, given, list) : 0;
}

/* Says what is wrong with an option that getopt_long does not take. It would say so itself, but
 * with the argument's bytes as they are. found is ':' for a missing argument, otherwise '?'. */
static int refuse_option(const struct tables *t, int found, char **argv, struct mr_error *err)
{
    const struct option *known = optopt ? option_of(t, optopt) : NULL;
    const char *given = argv[optind - 1], letter[] = { (char)optopt, '\0' };
    if (found == ':' && known && given[1] == '-')
        return mr_error_set(err, "option '--%s' requires an argument", known->name);
    if (found == ':')
        return mr_error_set(err, "option '-%s' requires an argument", letter);
    if (known)
        return mr_error_set(err, "option '--%s' doesn't allow an argument", known->name);
    if (optopt)
        return mr_error_set(err, "invalid option '-%s'", letter);
    if (strncmp(given, "--", 2) == 0 && refuse_ambiguous(t, given + 2, err) < 0)
        return -1;
    return mr_error_set(err, "unrecognized option '%s'", given);
}

/* Takes one option that getopt_long has found. */
static int take_option(struct arguments *a, const struct mr_job *job, int code, const char *text,
                       const char **list, struct mr_error *err)
{
    struct mr_config *c = &a->config;
    const struct mr_option *own = job_option(job, code);
    if (own)
        return own->set(a->state, text, err);
    switch (code) {
    case 'R': c->recursive = true; break;
    case ALL: c->all = true; break;
    case FORCE_BYTES: c->force_bytes = true; break;
    case 'o': c->output = text; break;
    case 'O': c->output_dir = text; break;
    case 'T': c->temp_dir = text; break;
    case 'v': a->verbose = true; break;
    case STATS: a->stats = true; break;
    case REVERSE: c->reverse = true; break;
    case COMPRESS: c->compress = true; break;
    case FILES0_FROM: *list = text; break;
    case WORK_DIR: c->work_dir = text; break;
    case RESUME: c->resume = true; break;
    case CHAOS: return take_chaos(a, text, err);
    case SORT:
    case FORMAT:
    case KERNEL: return take_choice(a, code, text, err);
    default: return take_number(a, code, text, err);
    }
    return 0;
}

/* The operands, or the list of files, or standard input. */
static int take_names(struct arguments *a, const char *list, int argc, char **argv,
                      int *exit_status, struct mr_error *err)
{
    static const char *const standard_input[] = { "-" };
    struct mr_config *c = &a->config;
    if (list && optind < argc)
        return mr_error_set(err, "extra operand '%s': with --files0-from all files are in the "
                                 "list", argv[optind]);
    if (list) {
        *exit_status = 1;
        if (read_list(a, list, err) < 0)
            return -1;
        c->input_list = list;
        c->inputs = (const char *const *)a->names;
        c->input_count = a->name_count;
    } else if (optind < argc) {
        c->inputs = (const char *const *)(argv + optind);
        c->input_count = (size_t)(argc - optind);
    } else {
        c->inputs = standard_input;
        c->input_count = 1;
    }
    return 0;
}

enum arguments_end arguments_read(struct arguments *a, const struct mr_job *job, int argc,
                                  char **argv, int *exit_status, struct mr_error *err)
{
    struct tables tables;
    const char *list = NULL;
    memset(a, 0, sizeof *a);
    a->config.order = job->order;
    a->config.kernel = getenv("WC_MR_KERNEL");
    *exit_status = 2;
    a->state = calloc(1, job->state_size + 1);
    if (a->state == NULL) {
        *exit_status = 1;
        mr_error_set(err, "cannot get memory for the job's options");
        return ARGUMENTS_WRONG;
    }
    make_tables(&tables, job);
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1;) {
        if (code == HELP)
            return ARGUMENTS_HELP;
        if (code == VERSION)
            return ARGUMENTS_VERSION;
        if (code == '?' || code == ':')
            refuse_option(&tables, code, argv, err);
        if (code == '?' || code == ':' || take_option(a, job, code, optarg, &list, err) < 0)
            return ARGUMENTS_WRONG;
    }
    if (a->config.output && a->config.output_dir) {
        mr_error_set(err, "--output (-o) and --output-dir (-O) cannot go together");
        return ARGUMENTS_WRONG;
    }
    if (a->config.resume && a->config.work_dir == NULL) {
        mr_error_set(err, "--resume needs --work-dir: the directory of the run to go on with");
        return ARGUMENTS_WRONG;
    }
    return take_names(a, list, argc, argv, exit_status, err) < 0 ? ARGUMENTS_WRONG
                                                                 : ARGUMENTS_RUN;
}

void arguments_free(struct arguments *a)
{
    free(a->state);
    free(a->names);
    free(a->list);
    memset(a, 0, sizeof *a);
}
