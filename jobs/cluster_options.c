/* The options of a count on a cluster. */
#include "cluster_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Which step an option is for. */
enum step {
    NOWHERE, /* it cannot be had */
    ROLES,   /* the processes on the cluster */
    END,     /* the last one, here */
    BOTH,
    COUNTS,  /* about counts: the roles, unless what is left out is to be counted, too */
    RESULT,  /* the same; its argument may be a name on the cluster */
    OVERWRITE, /* the same; that name may be there */
    ENGINE, JAR, SHIP, DRY, ARGUMENT, REDUCERS /* of this file */
};

static const struct option options[] = {
    { "all", no_argument, NULL, NOWHERE },
    { "as", required_argument, NULL, NOWHERE },
    { "bad-records", required_argument, NULL, NOWHERE },
    { "by-file", no_argument, NULL, NOWHERE },
    { "chaos", required_argument, NULL, NOWHERE },
    { "combiner", required_argument, NULL, NOWHERE },
    { "documents", no_argument, NULL, NOWHERE },
    { "encoding", required_argument, NULL, NOWHERE },
    { "files0-from", required_argument, NULL, NOWHERE },
    { "force-bytes", no_argument, NULL, NOWHERE },
    { "header", no_argument, NULL, NOWHERE },
    { "help", optional_argument, NULL, NOWHERE },
    { "job", required_argument, NULL, NOWHERE },
    { "list-jobs", no_argument, NULL, NOWHERE },
    { "mapper", required_argument, NULL, NOWHERE },
    { "max-attempts", required_argument, NULL, NOWHERE },
    { "max-documents", required_argument, NULL, NOWHERE },
    { "min-documents", required_argument, NULL, NOWHERE },
    { "recursive", no_argument, NULL, NOWHERE },
    { "reducer", required_argument, NULL, NOWHERE },
    { "report", required_argument, NULL, NOWHERE },
    { "resume", no_argument, NULL, NOWHERE },
    { "skip-bad-records", required_argument, NULL, NOWHERE },
    { "split-size", required_argument, NULL, NOWHERE },
    { "task-timeout", required_argument, NULL, NOWHERE },
    { "version", no_argument, NULL, NOWHERE },
    { "work-dir", required_argument, NULL, NOWHERE },
    { "zero-terminated", no_argument, NULL, NOWHERE },
    { "counted", optional_argument, NULL, ROLES },
    { "delimiter", required_argument, NULL, ROLES },
    { "drop-numeric", no_argument, NULL, ROLES },
    { "fields", required_argument, NULL, ROLES },
    { "kernel", required_argument, NULL, ROLES },
    { "match", required_argument, NULL, ROLES },
    { "max-length", required_argument, NULL, ROLES },
    { "min-length", required_argument, NULL, ROLES },
    { "ngrams", required_argument, NULL, ROLES },
    { "normalize", required_argument, NULL, ROLES },
    { "quoted", no_argument, NULL, ROLES },
    { "stats", optional_argument, NULL, ROLES },
    { "words", required_argument, NULL, ROLES },
    { "ignore-case", no_argument, NULL, BOTH },
    { "max-count", required_argument, NULL, COUNTS },
    { "min-count", required_argument, NULL, COUNTS },
    { "compress", no_argument, NULL, END },
    { "exclude-from", required_argument, NULL, END },
    { "format", required_argument, NULL, END },
    { "mappers", required_argument, NULL, END },
    { "memory", required_argument, NULL, END },
    { "only-from", required_argument, NULL, END },
    { "others", no_argument, NULL, END },
    { "percent", no_argument, NULL, END },
    { "reverse", no_argument, NULL, END },
    { "sort", required_argument, NULL, END },
    { "temp-dir", required_argument, NULL, END },
    { "top", required_argument, NULL, END },
    { "ordered-parts", no_argument, NULL, END },
    { "output", required_argument, NULL, RESULT },
    { "output-dir", required_argument, NULL, RESULT },
    { "overwrite", no_argument, NULL, OVERWRITE },
    { "progress", required_argument, NULL, END },
    { "trace", required_argument, NULL, END },
    { "verbose", no_argument, NULL, END },
    { "cluster", required_argument, NULL, ENGINE },
    { "cluster-argument", required_argument, NULL, ARGUMENT },
    { "dry-run", no_argument, NULL, DRY },
    { "reducers", required_argument, NULL, REDUCERS },
    { "ship", required_argument, NULL, SHIP },
    { "streaming-jar", required_argument, NULL, JAR },
    { NULL, 0, NULL, 0 },
};

/* Letters, each with its option. */
static const struct {
    char letter;
    const char *name;
} letters[] = {
    { 'd', "delimiter" }, { 'f', "fields" }, { 'i', "ignore-case" }, { 'm', "mappers" },
    { 'n', "top" }, { 'o', "output" }, { 'O', "output-dir" }, { 'r', "reducers" },
    { 'R', "recursive" }, { 'S', "memory" }, { 'T', "temp-dir" }, { 'v', "verbose" },
    { 'z', "zero-terminated" },
};
static const char shorts[] = ":d:f:im:n:o:O:r:RS:T:vz";

static void add_option(struct shell_text *t, const char *name, const char *argument)
{
    shell_add_text(t, "'--");
    shell_add_text(t, name);
    if (argument) {
        shell_add_text(t, "=");
        shell_add_inside(t, argument);
    }
    shell_add_text(t, "' ");
}

static const struct option *option_named(const char *name)
{
    const struct option *o = options;
    while (o->name != NULL && strcmp(o->name, name) != 0)
        o++;
    return o->name ? o : NULL;
}

static const struct option *option_of_letter(int letter)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter)
            return option_named(letters[i].name);
    return NULL;
}

static int set_engine(struct cluster *c, const char *name, struct mr_error *err)
{
    c->engine = name;
    if (strcmp(name, "hadoop") == 0 || strcmp(name, "spark") == 0)
        return 0;
    return mr_error_set(err, "'%s' is none of the choices of --cluster: hadoop, spark", name);
}

static int set_reducers(struct cluster *c, const char *number, struct mr_error *err)
{
    c->reducers = number;
    if (strspn(number, "0123456789") == strlen(number) && *number >= '1' && *number <= '9' &&
        strlen(number) <= 5)
        return 0;
    return mr_error_set(err, "'%s' for --reducers (-r) is no number from 1 to 99999", number);
}

/* Of one option, the last argument counts. */
static int set_result(struct cluster *c, const char *option, const char *argument,
                      struct mr_error *err)
{
    if (c->result && strcmp(c->result_option, option) != 0)
        return mr_error_set(err, "--output (-o) and --output-dir (-O) cannot go together");
    c->result_option = option;
    c->result = argument;
    c->to = strstr(argument, "://") ? argument : NULL;
    return 0;
}

/* What the last step writes: a name on the cluster gets it when it is whole, from a file or a
 * directory of the script's. */
static void add_result(struct cluster *c)
{
    if (c->to == NULL) {
        add_option(&c->end, c->result_option, c->result);
        return;
    }
    shell_add_text(&c->end, "'--");
    shell_add_text(&c->end, c->result_option);
    shell_add_text(&c->end, "='\"$work/result\" ");
}

static bool is_list(const struct option *o)
{
    return strcmp(o->name, "exclude-from") == 0 || strcmp(o->name, "only-from") == 0;
}

/* Whether a list of words can be read before what is counted and after: it is no pipe, nor standard
 * input, which nothing of the script has. One that is not there is said by what reads it. */
static bool can_be_read_again(const char *list)
{
    struct stat st, input;
    if (strcmp(list, "-") == 0)
        return false;
    if (stat(list, &st) < 0)
        return true;
    if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
        return false;
    bool is_input = fstat(STDIN_FILENO, &input) == 0 && st.st_dev == input.st_dev &&
                    st.st_ino == input.st_ino;
    return !is_input || (S_ISCHR(st.st_mode) && !isatty(STDIN_FILENO));
}

static int take(struct cluster *c, const struct option *o, const char *argument,
                struct mr_error *err)
{
    enum step step = (enum step)o->val;
    switch (step) {
    case NOWHERE:
        return mr_error_set(err, "--cluster cannot go together with --%s, which is for one "
                                 "machine: a cluster has its own rules for that", o->name);
    case ENGINE: return set_engine(c, argument, err);
    case REDUCERS: return set_reducers(c, argument, err);
    case JAR: c->jar = argument; return 0;
    case SHIP: c->ship = argument; return 0;
    case DRY: c->dry = true; return 0;
    case RESULT: return set_result(c, o->name, argument, err);
    case OVERWRITE: c->overwrite = true; break;
    case ARGUMENT:
        shell_add_quoted(&c->extra, argument);
        shell_add_text(&c->extra, " ");
        return 0;
    default: break;
    }
    if (strcmp(o->name, "sort") == 0 && strcmp(argument, "first") == 0)
        return mr_error_set(err, "--cluster cannot go together with --sort=first: a cluster does "
                                 "not keep the order of the input");
    if (is_list(o) && !can_be_read_again(argument))
        return mr_error_set(err, "--cluster reads the list '%s' (--%s) more than once: it has to "
                                 "be a file, and no pipe or standard input", argument, o->name);
    c->all_counts |= strcmp(o->name, "percent") == 0 || strcmp(o->name, "others") == 0;
    c->lines |= strcmp(o->name, "match") == 0 || strcmp(o->name, "counted") == 0;
    if (step == ROLES || step == BOTH)
        add_option(&c->roles, o->name, argument);
    if (step == COUNTS)
        add_option(&c->counts, o->name, argument);
    if (step == END || step == BOTH || step == OVERWRITE)
        add_option(&c->end, o->name, argument);
    return 0;
}

/* Whether a name on the cluster is that of one file or directory: below a root, and not taken by
 * Hadoop for a pattern, which may stand for others. */
static bool is_one_name(const char *name)
{
    const char *path = strchr(strstr(name, "://") + strlen("://"), '/');
    return path && path[strspn(path, "/")] != '\0' && name[strcspn(name, "*?[{\\")] == '\0';
}

int cluster_options_take(struct cluster *c, int argc, char **argv, struct mr_error *err)
{
    int index = -1;
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, shorts, options, &index)) != -1;
         index = -1) {
        if (found == '?')
            return mr_error_set(err, "'%s' is no option that goes together with --cluster",
                                argv[optind - 1]);
        if (found == ':')
            return mr_error_set(err, "option '%s' requires an argument", argv[optind - 1]);
        const struct option *o = index >= 0 ? &options[index] : option_of_letter(found);
        if (o != NULL && take(c, o, optarg, err) < 0)
            return -1;
    }
    if (c->engine == NULL)
        return mr_error_set(err, "--cluster is the argument of another option here");
    if (c->to && strcmp(c->engine, "hadoop") != 0)
        return mr_error_set(err, "only --cluster=hadoop can put the result at '%s': have it here, "
                                 "and put it there yourself", c->to);
    if (c->to && !is_one_name(c->to))
        return mr_error_set(err, "the result cannot go to '%s' on the cluster: it needs a name "
                                 "behind the host, without any of *?[{\\, which Hadoop takes for "
                                 "a pattern", c->to);
    if (optind == argc)
        return mr_error_set(err, "--cluster needs names of files or directories that the cluster "
                                 "can read");
    if (c->result)
        add_result(c);
    if (c->counts.at)
        shell_add_text(c->all_counts ? &c->end : &c->roles, c->counts.at);
    return 0;
}

void cluster_options_release(struct cluster *c)
{
    free(c->roles.at);
    free(c->counts.at);
    free(c->end.at);
    free(c->extra.at);
}
