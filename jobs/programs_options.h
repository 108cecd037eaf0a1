/* Which programs are mapper, combiner and reducer, and what the keys of their lines are for. */
#ifndef PROGRAMS_OPTIONS_H
#define PROGRAMS_OPTIONS_H

#include "programs/programs.h"

/* The options that make a struct programs, which starts as zeros, and what is to be done behind the
 * last. */
extern const struct mr_option programs_options[];
int programs_ready(void *state, struct mr_error *err);

/* Adds it to the job's identity. */
void programs_identify(const void *state, struct mr_identity *to);

/* Takes a command for a role, "mapper" say, which has none yet. The argument must stand as long as
 * the command. Returns 0 or -1. */
int programs_set_command(const char **command, const char *role, const char *argument,
                         struct mr_error *err);

#endif
