/*
 * The command line of hadoop jar ...streaming.jar: which options there are, and what they say.
 *
 * Two sets of options, one behind the other, as Hadoop has them: the generic ones (-D, -files, ...)
 * up to the first word that is none of them, then those of streaming. What would change the result
 * and cannot be done here is refused by name.
 */
#ifndef HADOOP_STREAMING_H
#define HADOOP_STREAMING_H

#include "conf_file.h"

struct streaming {
    struct properties properties; /* in the end those of configuration files, too */
    struct conf_files conf;
    struct list files, archives; /* what -files and its like list: PATH or PATH#NAME */
    struct list own_files;       /* -file */
    struct list inputs, environment;
    const char *output;
    const char *mapper, *combiner, *reducer; /* NULL: none */
    const char *input_format, *input_reader, *partitioner; /* NULL: the usual */
    bool verbose, lazy; /* lazy: parts without records are left out */
    bool background;    /* the command ends when the job begins */
    bool help;          /* is asked for, and nothing else matters */
};

/* Says what there is, on standard output. */
void streaming_help(void);

/* Fills in all. Returns 0, or -1 where the command line is wrong. */
int streaming_parse(struct streaming *s, struct file_systems *fs, char **words,
                    struct mr_error *err);

#endif
