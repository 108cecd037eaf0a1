/*
 * hadoop: the command lines of Hadoop that people and mrjob type, over wc-mr.
 *
 *     hadoop version                      hadoop fs -ls /data
 *     hadoop jar hadoop-streaming-wc-mr.jar -input in -output out -mapper cat -reducer wc
 *
 * hdfs dfs is hadoop fs, and mapred streaming is hadoop jar; these are other names of this program.
 */
#include "aggregate.h"
#include "fs.h"
#include "jar.h"
#include "say.h"
#include "task.h"

#include "base/standard.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static int version(void)
{
    /* The first line is what programs look at: this is the Hadoop whose ways are followed. */
    return printf("Hadoop 3.3.6\nwc-mr %s: no Java, one machine\n", WC_MR_VERSION) < 0;
}

/* A jar is a name here: of Hadoop's own streaming jar, wherever it is said to be. */
static bool is_streaming_jar(const char *path)
{
    const char *name = text_base_name(path);
    return text_ends(name, ".jar") && strstr(name, "streaming") != NULL;
}

static int jar(struct file_systems *fs, char **words)
{
    struct mr_error err = { 0 };
    if (*words == NULL)
        (void)mr_error_set(&err, "a jar is missing: hadoop-streaming-wc-mr.jar");
    else if (!is_streaming_jar(*words))
        (void)mr_error_set(&err, "'%s' is not run: it would need Java; a jar whose name has "
                                 "\"streaming\" in it runs programs here", *words);
    else
        return jar_main(fs, words + 1);
    say_failure("hadoop jar", &err);
    return 1;
}

static int help(void)
{
    return puts("Usage: hadoop COMMAND [WORD]...\n\n"
                "  fs, dfs WORD...          works with files: hadoop fs -help\n"
                "  jar STREAMING.jar WORD...  runs a job: hadoop jar hadoop-streaming.jar -help\n"
                "  streaming WORD...        the same, without a jar's name\n"
                "  version                  says which Hadoop's ways these are\n\n"
                "man wc-mr-hadoop says more.") < 0;
}

static int usage(const char *what)
{
    struct mr_error err = { 0 };
    if (what == NULL)
        (void)mr_error_set(&err, "a command is missing: version, fs, dfs, jar, streaming (hadoop "
                                 "help)");
    else
        (void)mr_error_set(&err, "'%s' is no command here; version, fs, dfs, jar and streaming are "
                                 "(hadoop help)", what);
    say_failure("hadoop", &err);
    return 1;
}

static int run(int argc, char **argv)
{
    struct file_systems fs = { 0 };
    struct mr_error err = { 0 };
    const char *command = argc > 1 ? argv[1] : NULL;
    if (command == NULL)
        return usage(NULL);
    if (text_is(command, "version") || text_is(command, "--version"))
        return version();
    if (text_is(command, "help") || text_is(command, "--help") || text_is(command, "-help") ||
        text_is(command, "-h"))
        return help();
    if (text_is(command, "task"))
        return task_main(argv + 2);
    if (text_is(command, "aggregate"))
        return aggregate_main(argv + 2);
    if (path_begin(&fs, &err) < 0) {
        say_failure("hadoop", &err);
        return 1;
    }
    path_make_home(&fs);
    if (text_is(command, "fs") || text_is(command, "dfs"))
        return fs_main(&fs, argv + 2);
    if (text_is(command, "jar"))
        return jar(&fs, argv + 2);
    return text_is(command, "streaming") ? jar_main(&fs, argv + 2) : usage(command);
}

int main(int argc, char **argv)
{
    struct mr_error err = { 0 };
    if (mr_fill_standard_descriptors(&err) < 0) {
        say_failure("hadoop", &err);
        return 1;
    }
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* in patterns, ? is a character; else it is a byte */
    int status = run(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    (void)mr_error_set(&err, "cannot write 'standard output': %s", strerror(errno));
    say_failure("hadoop", &err);
    return status ? status : 1;
}
