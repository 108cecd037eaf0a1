/*
 * A survey of runs: which files of runs are damaged, once a merge has found that one is.
 *
 * As with shuffle files (reduce/shuffle_survey.h), of n damaged files each would cost a merge that
 * reads of all. So before the merge ends it reads its range of each run by itself, and marks the
 * files that are damaged: they are all made again before it is tried again.
 */
#ifndef MR_WRITE_RUN_SURVEY_H
#define MR_WRITE_RUN_SURVEY_H

#include "write/writer.h"

/* The merge task that writes this range has failed with err. Where one of its files of runs was
 * found damaged, marks all that are (mr_spool_mark_damaged); else does nothing. */
void mr_survey_runs(const struct mr_write_plan *plan, const struct mr_write_range *range,
                    const struct mr_store *store, _Atomic uint64_t *progress,
                    const struct mr_error *err);

#endif
