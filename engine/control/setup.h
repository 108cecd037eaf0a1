/*
 * What a run is set up from, found before any work, and the same for a forecast: the inputs, the
 * output and the file for bad records, and the plan. Directories are looked into; no file is read
 * or written.
 */
#ifndef MR_CONTROL_SETUP_H
#define MR_CONTROL_SETUP_H

#include "control/plan.h"
#include "control/skip.h"
#include "input/source.h"
#include "write/output.h"

struct mr_setup {
    struct mr_sources sources;
    struct mr_output output;
    struct mr_skip_file skipped;
    struct mr_plan plan;
};

#define MR_SETUP_INIT ((struct mr_setup){ .output = MR_OUTPUT_INIT, .skipped = MR_SKIP_FILE_INIT })

/* Finds them all and refuses what cannot be, with a final error: an output that is an input, a work
 * directory for what cannot be read again. job has been fitted to its state. Returns 0 or -1; what
 * was found is to be freed either way. */
int mr_setup_find(struct mr_setup *s, const struct mr_job *job, const void *state,
                  const struct mr_config *config, struct mr_error *err);

/* Closes the outputs, of which what is not committed is gone. */
void mr_setup_close_outputs(struct mr_setup *s);

#endif
