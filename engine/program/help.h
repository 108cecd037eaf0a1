/* What a program says of itself on standard output. */
#ifndef MR_PROGRAM_HELP_H
#define MR_PROGRAM_HELP_H

#include "program/options.h"

/* Prints the help. call is how a person calls the program and this job of it:
 * "wc-mr --job=grep". */
void mr_help_print(const char *call, const struct mr_options *options);

void mr_help_print_jobs(const struct mr_job *const *jobs);

void mr_help_print_version(const char *program);

#endif
