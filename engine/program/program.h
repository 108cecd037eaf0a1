/* A program around one job or several. */
#ifndef MR_PROGRAM_PROGRAM_H
#define MR_PROGRAM_PROGRAM_H

#include "program/catalog.h"

/* All of it, from the command line to the exit status; messages begin with program, which is
 * printable. */
int mr_program_run(const char *program, const struct mr_catalog *jobs, int argc, char **argv);

#endif
