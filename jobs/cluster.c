/* From the command line to the script that counts on a cluster. */
#include "cluster.h"

#include "cluster/cluster_files.h"
#include "cluster_options.h"
#include "early_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_file(struct shell_text *t, const unsigned char *bytes, size_t size)
{
    shell_add(t, (const char *)bytes, size);
}

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static void make_script(struct shell_text *script, const struct cluster *c, const char *program)
{
    struct shell_text spark = { NULL, 0, 0, false };
    add_file(&spark, spark_py, spark_py_size);
    shell_add_variable(script, "engine", or_none(c->engine));
    shell_add_variable(script, "program", program);
    shell_add_variable(script, "ship", c->ship ? c->ship : program);
    shell_add_variable(script, "jar", or_none(c->jar));
    shell_add_variable(script, "reducers", c->reducers ? c->reducers : "8");
    shell_add_variable(script, "dry", c->dry ? "yes" : "");
    shell_add_variable(script, "lines", c->lines ? "yes" : "");
    shell_add_variable(script, "to", or_none(c->to));
    shell_add_variable(script, "overwrite", c->overwrite ? "yes" : "");
    shell_add_variable(script, "roles", or_none(c->roles.at));
    shell_add_variable(script, "end", or_none(c->end.at));
    shell_add_variable(script, "extra", or_none(c->extra.at));
    shell_add_variable(script, "spark_py", or_none(spark.at));
    add_file(script, cluster_sh, cluster_sh_size);
    script->lost |= spark.lost || c->roles.lost || c->counts.lost || c->end.lost || c->extra.lost;
    free(spark.at);
}

/* Adds the inputs, as the engine takes them: of Hadoop's words, each stands behind an option. */
static void add_inputs(char **words, const struct cluster *c, char **inputs, size_t count)
{
    static char option[] = "-input";
    bool behind = strcmp(or_none(c->engine), "hadoop") == 0;
    for (size_t i = 0; i < count; i++) {
        if (behind)
            *words++ = option;
        *words++ = inputs[i];
    }
}

/* The inputs are words of the shell's command: one word has not room for many. */
static int run_script(const struct cluster *c, char **inputs, size_t count, struct mr_error *err)
{
    static char shell[] = "sh", option[] = "-c", name[] = "wc-mr";
    struct shell_text script = { NULL, 0, 0, false };
    char *program = realpath("/proc/self/exe", NULL);
    char **words = calloc(2 * count + 5, sizeof *words);
    if (program != NULL)
        make_script(&script, c, program);
    if (program == NULL || words == NULL || script.at == NULL || script.lost) {
        mr_error_set(err, "cannot make the script that counts on a cluster: %s", strerror(errno));
    } else {
        memcpy(words, (char *[]){ shell, option, script.at, name }, 4 * sizeof *words);
        add_inputs(words + 4, c, inputs, count);
        execv("/bin/sh", words);
        mr_error_set(err, "cannot run '/bin/sh': %s", strerror(errno));
    }
    free(program);
    free(words);
    free(script.at);
    return -1;
}

static bool is_cluster(const char *name, size_t size)
{
    static const char cluster[] = "cluster";
    return size == sizeof cluster - 1 && memcmp(name, cluster, size) == 0;
}

/* Of help, the word count has that of a cluster, too. */
bool cluster_is_asked(int argc, char **argv)
{
    return early_help_subject(argc, argv) == NULL && early_option_given(argc, argv, is_cluster);
}

int cluster_run(int argc, char **argv)
{
    struct cluster c = { .dry = false };
    struct mr_error err = { 0 };
    int status = 2;
    if (cluster_options_take(&c, argc, argv, &err) == 0) {
        status = 1;
        (void)run_script(&c, argv + optind, (size_t)(argc - optind), &err);
    }
    fprintf(stderr, "wc-mr: %s\n", err.text);
    if (status == 2)
        fputs("Try 'wc-mr --help' for more information.\n", stderr);
    cluster_options_release(&c);
    return status;
}
