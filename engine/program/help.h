/* What a program says of itself on standard output. */
#ifndef MR_PROGRAM_HELP_H
#define MR_PROGRAM_HELP_H

#include "program/options.h"

/* Prints the help: what most people use, in a screen of 24 lines; or where it is asked of "all",
 * all of it; or of an option, by its name, its letter or a word, what that is for. call is how a
 * person calls the program and this job of it: "wc-mr --job=grep". Returns 0, or -1 where there is
 * no such option. */
int mr_help_print(const char *call, const struct mr_options *options, const char *of,
                  struct mr_error *err);

void mr_help_print_jobs(const struct mr_job *const *jobs);

#endif
