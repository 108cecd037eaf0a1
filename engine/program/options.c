/* Options: two tables made one. */
#include "program/options.h"

#include "base/error.h"
#include "base/message.h"
#include "program/spelling.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define OPTION(code, ...) [MR_OPTION_##code - MR_OPTION_FIRST] = { MR_OPTION_##code, __VA_ARGS__ }

/* In the order of the help. Where it is NULL, it is another for each job (help.c), or none. */
static const struct mr_engine_option engine_options[] = {
    OPTION(RECURSIVE, 'R', "recursive", NULL, "directories: the files below them too"),
    OPTION(ALL, 0, "all", NULL, "directories: names that begin with _ or . too"),
    OPTION(FILES0_FROM, 0, "files0-from", "F", "read NUL-ended file names from F"),
    OPTION(FORCE_BYTES, 0, "force-bytes", NULL, "take UTF-16, zip, tar... files as they are"),
    OPTION(ENCODING, 0, "encoding", "NAME", "of all input, as iconv calls it (UTF-8)"),
    OPTION(TOP, 'n', "top", "N", "only the first N"),
    OPTION(SORT, 0, "sort", "KEY", NULL),
    OPTION(REVERSE, 0, "reverse", NULL, "the same lines, last first"),
    OPTION(FORMAT, 0, "format", "F", NULL),
    OPTION(BY_FILE, 0, "by-file", NULL, "each file apart, its name in a first column"),
    OPTION(DOCUMENTS, 0, "documents", NULL, "a column more: in how many files"),
    OPTION(MIN_DOCUMENTS, 0, "min-documents", "N", "with --documents: only what N or more have"),
    OPTION(MAX_DOCUMENTS, 0, "max-documents", "N", "with --documents: only what N or fewer have"),
    OPTION(PERCENT, 0, "percent", NULL, "a column more: the share of all, in percent"),
    OPTION(OTHERS, 0, "others", NULL, "a last line, (others), for all that is left out"),
    OPTION(OUTPUT, 'o', "output", "FILE", "write FILE, replaced when whole"),
    OPTION(OUTPUT_DIR, 'O', "output-dir", "DIR", "make DIR of sorted parts, one a partition"),
    OPTION(OVERWRITE, 0, "overwrite", NULL, "DIR may be there, with an earlier output"),
    OPTION(ORDERED_PARTS, 0, "ordered-parts", NULL, "parts that are in order, one after another"),
    OPTION(MAPPERS, 'm', "mappers", "N", "mapper processes (the CPUs; fewer for small input)"),
    OPTION(REDUCERS, 'r', "reducers", "N", "hash partitions and reducers (the same); 0: none"),
    OPTION(MEMORY, 'S', "memory", "SIZE", "memory for all processes (a quarter of it all)"),
    OPTION(TEMP_DIR, 'T', "temp-dir", "DIR", "for temporary files ($TMPDIR, /tmp)"),
    OPTION(SPLIT_SIZE, 0, "split-size", "SIZE", "input of one map task (about 128M)"),
    OPTION(COMPRESS, 0, "compress", NULL, "deflate temporary files"),
    OPTION(MAX_ATTEMPTS, 0, "max-attempts", "N", "tries of a task whose process dies (4)"),
    OPTION(SKIP_BAD_RECORDS, 0, "skip-bad-records", "N", "pass over N that a job crashes at (0)"),
    OPTION(BAD_RECORDS, 0, "bad-records", "FILE", "write there which were passed over"),
    OPTION(TASK_TIMEOUT, 0, "task-timeout", "SECONDS", "without progress that end a try (600)"),
    OPTION(WORK_DIR, 0, "work-dir", "DIR", "keep what is done there, should the run end"),
    OPTION(RESUME, 0, "resume", NULL, "go on with what is done in the work directory"),
    OPTION(CHAOS, 0, "chaos", "SEED[,N]", "kill and damage N% (10) of the work, to see"),
    OPTION(DRY_RUN, 0, "dry-run", NULL, "say what would be done, by the sizes of files"),
    OPTION(STATS, 0, "stats", "[=json]", "figures on standard error when done"),
    OPTION(VERBOSE, 'v', "verbose", NULL, "say what each task did"),
    OPTION(PROGRESS, 0, "progress", "WHEN", "say how far it is: auto, always, never or json"),
    OPTION(TRACE, 0, "trace", "FILE", "write what each process did when, for ui.perfetto.dev"),
    OPTION(REPORT, 0, "report", "FILE", "write a page of HTML about the run"),
    OPTION(JOB, 0, "job", "NAME", "first of all: another job, or one in a ./file.so"),
    OPTION(LIST_JOBS, 0, "list-jobs", NULL, "what jobs there are"),
    OPTION(HELP, 'h', "help", "[=all|OPTION]", "this; all of it; or what one option is for"),
    OPTION(VERSION, 'V', "version", NULL, "the version"),
    OPTION(KERNEL, 0, "kernel", "NAME", NULL),
};
_Static_assert(sizeof engine_options / sizeof *engine_options == MR_OPTION_OWN - MR_OPTION_FIRST &&
                   MR_OPTION_OWN - MR_OPTION_FIRST <= MR_OPTIONS_MAX - MR_OWN_OPTIONS_MAX,
               "each option has its line, and there is room for all");

static const struct mr_option no_options[1];

static const struct mr_option *own_options(const struct mr_job *job)
{
    return job->options ? job->options : no_options;
}

static bool is_last(const struct mr_option *o)
{
    return o->letter == 0 && o->name == NULL;
}

static const struct mr_option *own_of_letter(const struct mr_job *job, int letter)
{
    for (const struct mr_option *o = own_options(job); !is_last(o); o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

/* ---- making the table ------------------------------------------------------------------- */

/* Whether an option has an argument, as getopt_long puts it. */
static int takes(const char *argument)
{
    if (argument == NULL)
        return no_argument;
    return *argument == '[' ? optional_argument : required_argument;
}

static void add_long(struct mr_options *o, const char *name, const char *argument, int code)
{
    o->longs[o->count++] = (struct option){ name, takes(argument), NULL, code };
}

static void add_short(struct mr_options *o, int letter, const char *argument)
{
    o->shorts[o->size++] = (char)letter;
    for (int colons = 0; colons < takes(argument); colons++) /* that is how many there are */
        o->shorts[o->size++] = ':';
}

static void add_engine_options(struct mr_options *o)
{
    for (int code = MR_OPTION_FIRST; code < MR_OPTION_OWN; code++) {
        const struct mr_engine_option e = mr_options_get(o, (enum mr_option_code)code);
        if (!mr_options_has(o, e.code))
            continue;
        add_long(o, e.name, e.argument, code);
        if (e.letter)
            add_short(o, e.letter, e.argument);
    }
}

/* Whether there is another option already with its letter or name. */
static bool is_double(const struct mr_options *o, const struct mr_option *own)
{
    for (const struct mr_option *other = o->job->options; other != own; other++)
        if (own->letter && other->letter == own->letter)
            return true;
    for (size_t i = 0; own->name && i < o->count; i++)
        if (strcmp(o->longs[i].name, own->name) == 0)
            return true;
    return false;
}

static int add_own_option(struct mr_options *o, const struct mr_option *own, struct mr_error *err)
{
    const char letter[] = { (char)own->letter, '\0' };
    const char *shown = own->name ? own->name : letter;
    bool possible = own->letter == 0 || (own->letter > 0 && own->letter < 128 &&
                                         isalnum(own->letter));
    if (!possible || own->set == NULL || (own->name && own->name[strcspn(own->name, "=")]))
        return mr_error_set(err, "the job '%s' has an option '%s' that cannot be: its letter "
                                 "must be a letter or a digit, its name without =, and it needs a "
                                 "function (set)", o->job->name, shown);
    if (is_double(o, own))
        return mr_error_set(err, "the job '%s' has an option '%s' that there is already; give it "
                                 "another letter or name", o->job->name, shown);
    int code = MR_OPTION_OWN + (int)(own - o->job->options);
    if (own->name)
        add_long(o, own->name, own->argument, code);
    if (own->letter)
        add_short(o, own->letter, own->argument);
    return 0;
}

int mr_options_make(struct mr_options *o, const struct mr_job *job,
                    const struct mr_job *const *jobs, struct mr_error *err)
{
    memset(o, 0, sizeof *o);
    o->job = job;
    o->jobs = jobs;
    o->shorts[o->size++] = ':'; /* a missing argument is told apart from an unknown option */
    add_engine_options(o);
    for (const struct mr_option *own = own_options(job); !is_last(own); own++) {
        if (own - job->options == MR_OWN_OPTIONS_MAX)
            return mr_error_set(err, "the job '%s' has more than %d options, or they are not ended "
                                     "by one of zeros", job->name, MR_OWN_OPTIONS_MAX);
        if (add_own_option(o, own, err) < 0)
            return -1;
    }
    return 0;
}

bool mr_options_has(const struct mr_options *o, enum mr_option_code code)
{
    return o->jobs || (code != MR_OPTION_JOB && code != MR_OPTION_LIST_JOBS);
}

/* ---- what was found --------------------------------------------------------------------- */

struct mr_engine_option mr_options_get(const struct mr_options *o, enum mr_option_code code)
{
    struct mr_engine_option e = engine_options[code - MR_OPTION_FIRST];
    if (e.letter && own_of_letter(o->job, e.letter))
        e.letter = 0;
    return e;
}

const struct mr_option *mr_options_own(const struct mr_options *o, int found)
{
    if (found < MR_OPTION_FIRST)
        return own_of_letter(o->job, found);
    return found < MR_OPTION_OWN ? NULL : o->job->options + (found - MR_OPTION_OWN);
}

enum mr_option_code mr_options_code(int found)
{
    for (size_t i = 0; found < MR_OPTION_FIRST; i++)
        if (engine_options[i].letter == found)
            return engine_options[i].code;
    return (enum mr_option_code)found;
}

static struct mr_option_name name_option(int letter, const char *long_name)
{
    struct mr_option_name name = { "" };
    if (long_name == NULL)
        mr_message(name.text, sizeof name.text, "-%c", letter);
    else if (letter)
        mr_message(name.text, sizeof name.text, "--%s (-%c)", long_name, letter);
    else
        mr_message(name.text, sizeof name.text, "--%s", long_name);
    return name;
}

struct mr_option_name mr_options_name(const struct mr_options *o, enum mr_option_code code)
{
    const struct mr_engine_option e = mr_options_get(o, code);
    return name_option(e.letter, e.name);
}

struct mr_option_name mr_options_own_name(const struct mr_option *own)
{
    return name_option(own->letter, own->name);
}

/* ---- what was not taken ----------------------------------------------------------------- */

/* The long option with a code, or NULL. */
static const struct option *long_of(const struct mr_options *o, int code)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->longs[i].val == code)
            return &o->longs[i];
    return NULL;
}

/* Says which of several long options a name that begins all of them could be. Returns -1, or 0
 * where there are none. */
static int refuse_ambiguous(const struct mr_options *o, const char *given, struct mr_error *err)
{
    char list[512] = "";
    size_t n = 0, size = strcspn(given, "=");
    for (size_t i = 0; i < o->count; i++)
        if (strncmp(o->longs[i].name, given, size) == 0 && n < sizeof list)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s--%s", n ? ", " : "",
                                  o->longs[i].name);
    return n ? mr_error_set(err, "option '--%.*s' is ambiguous: %s", (int)size, given, list) : 0;
}

/* What other programs call options, where that is near to none of the names here. */
static const struct {
    const char *theirs, *ours;
} synonyms[] = {
    { "column", "fields" }, { "columns", "fields" }, { "select", "fields" },
    { "separator", "delimiter" }, { "field-separator", "delimiter" }, { "sep", "delimiter" },
    { "grep", "match" }, { "regex", "match" }, { "regexp", "match" }, { "pattern", "match" },
    { "lower", "ignore-case" }, { "lowercase", "ignore-case" }, { "no-case", "ignore-case" },
    { "stop", "exclude-from" }, { "stopwords", "exclude-from" },
    { "stop-words", "exclude-from" }, { "limit", "top" }, { "csv", "format" },
    { "tsv", "format" }, { "json", "format" }, { "threads", "mappers" },
    { "processes", "mappers" }, { "parallel", "mappers" }, { "unique", "max-count" },
    { "repeated", "min-count" }, { "tokenizer", "words" }, { "punctuation", "words" },
    { "df", "documents" },
    { "ascending", "reverse" }, { "buffer-size", "memory" }, { "bar", "progress" },
    { "eta", "progress" }, { "quiet", "progress" }, { "timeline", "trace" }, { "profile", "trace" },
    { "html", "report" }, { "summary", "stats" }, { "time", "stats" }, { "debug", "verbose" },
    { "lines", "delimiter" }, { "delimiter", "separator" }, { "delimiter", "field-separator" },
    { "fields", "key" }, { "column", "key" }, { "columns", "key" }, { "group", "key" },
    { "group-by", "key" }, { "groupby", "key" }, { "key", "fields" },
};

/* The letters that others have for them: -20 is head's. */
static const struct {
    const char *theirs, *ours;
} letter_synonyms[] = {
    { "tF", "delimiter" }, { "dF", "separator" }, { "dF", "field-separator" }, { "k", "fields" },
    { "f", "key" }, { "123456789", "top" },
};

static const char *by_synonym(const struct mr_options *o, const char *name)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        for (size_t j = 0; strcmp(name, synonyms[i].theirs) == 0 && j < o->count; j++)
            if (strcmp(o->longs[j].name, synonyms[i].ours) == 0)
                return o->longs[j].name;
    return NULL;
}

const char *mr_options_near(const struct mr_options *o, const char *given)
{
    char name[64];
    const char *nearest = NULL;
    size_t size = strcspn(given, "="), least = SIZE_MAX;
    if (size >= sizeof name)
        return NULL;
    memcpy(name, given, size);
    name[size] = '\0';
    const char *synonym = by_synonym(o, name);
    if (synonym)
        return synonym;
    for (size_t i = 0; i < o->count; i++) {
        size_t distance = mr_spelling_distance(name, o->longs[i].name);
        if (distance < least && mr_spelling_is_near(name, o->longs[i].name)) {
            least = distance;
            nearest = o->longs[i].name;
        }
    }
    return nearest;
}

/* Another job of the program that has an option of that letter, or of that name; or NULL. */
static const struct mr_job *other_with(const struct mr_options *o, int letter, const char *name,
                                       size_t size)
{
    for (const struct mr_job *const *job = o->jobs; job && *job; job++)
        for (const struct mr_option *own = own_options(*job); !is_last(own); own++)
            if ((letter && own->letter == letter) ||
                (own->name && strncmp(own->name, name, size) == 0 && own->name[size] == '\0'))
                return *job;
    return NULL;
}

/* The code of the option that has this letter in other programs, or 0. */
static int by_letter(const struct mr_options *o, int letter)
{
    for (size_t i = 0; i < sizeof letter_synonyms / sizeof *letter_synonyms; i++)
        for (size_t j = 0; strchr(letter_synonyms[i].theirs, letter) && j < o->count; j++)
            if (strcmp(o->longs[j].name, letter_synonyms[i].ours) == 0)
                return o->longs[j].val;
    return 0;
}

static struct mr_option_name name_code(const struct mr_options *o, int code)
{
    const struct mr_option *own = mr_options_own(o, code);
    return own ? mr_options_own_name(own) : mr_options_name(o, (enum mr_option_code)code);
}

static int refuse_letter(const struct mr_options *o, int letter, struct mr_error *err)
{
    const char shown[] = { (char)letter, '\0' };
    int meant = by_letter(o, letter);
    if (meant)
        return mr_error_set(err, "invalid option '-%s': is %s meant?", shown,
                            name_code(o, meant).text);
    const struct mr_job *other = other_with(o, letter, "", 0);
    if (other == NULL)
        return mr_error_set(err, "invalid option '-%s'", shown);
    return mr_error_set(err, "invalid option '-%s': the job '%s' has it, and '%s' does not", shown,
                        other->name, o->job->name);
}

static int refuse_unknown(const struct mr_options *o, const char *given, struct mr_error *err)
{
    const char *near = strncmp(given, "--", 2) == 0 ? mr_options_near(o, given + 2) : NULL;
    if (near != NULL)
        return mr_error_set(err, "unrecognized option '%s': is '--%s' meant?", given, near);
    const char *name = given + strspn(given, "-");
    const struct mr_job *other = other_with(o, 0, name, strcspn(name, "="));
    if (other != NULL)
        return mr_error_set(err, "unrecognized option '%s': the job '%s' has it, and '%s' does not",
                            given, other->name, o->job->name);
    return mr_error_set(err, "unrecognized option '%s'", given);
}

/* getopt_long would say so itself, but with the argument's bytes as they are. */
int mr_options_refuse(const struct mr_options *o, int found, char **argv, struct mr_error *err)
{
    const struct option *known = long_of(o, optopt);
    const char *given = argv[optind - 1], letter[] = { (char)optopt, '\0' };
    if (found == ':' && known)
        return mr_error_set(err, "option '--%s' requires an argument", known->name);
    if (found == ':')
        return mr_error_set(err, "option '-%s' requires an argument", letter);
    if (known)
        return mr_error_set(err, "option '--%s' doesn't allow an argument", known->name);
    if (optopt)
        return refuse_letter(o, optopt, err);
    if (strncmp(given, "--", 2) == 0 && refuse_ambiguous(o, given + 2, err) < 0)
        return -1;
    return refuse_unknown(o, given, err);
}
