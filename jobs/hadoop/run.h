/* Other programs, run to their end. */
#ifndef HADOOP_RUN_H
#define HADOOP_RUN_H

#include "text.h"

/* Runs a program that is looked for in PATH, its standard output to a descriptor (-1: ours).
 * Returns its exit status; 128 and its signal's number; or 127, where it cannot be run. */
int run_to(int output, const struct list *words);

/* The same, its output to ours, of so many words. */
int run_words(const char *const *words, size_t count);

#define RUN(...)                                                                                   \
    run_words((const char *const[]){ __VA_ARGS__ },                                                \
              sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* The status that a shell would make of what waitpid says. */
int run_status(int waited);

#endif
