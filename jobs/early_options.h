/*
 * What a command line asks for, before the options' table, which depends on that, looks at it.
 *
 *     wc-mr --mapper=cat -- --cluster=spark    the option mapper
 *
 * An option's own argument may be taken for an option here, which is seen later.
 */
#ifndef EARLY_OPTIONS_H
#define EARLY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is an option --NAME, with or without an argument behind it, whose name is one of
 * those that a function knows. */
bool early_option_given(int argc, char **argv, bool (*knows)(const char *name, size_t size));

/* The name of the option whose help is asked for; "": it is all help; NULL: it is none. */
const char *early_help_subject(int argc, char **argv);

#endif
