/*
 * A survey: which shuffle files are damaged, once one was found to be.
 *
 * A reducer that meets a damaged file has worked for nothing: it is done anew when the file has
 * been made again. If it told of that file only, it would then meet the next one, and n damaged
 * files would cost n attempts, each of which reads what all map tasks have made. So before it ends
 * it looks through its partition in all files, and marks those that are damaged:
 *
 *     map-0     map-1       map-2     map-3
 *     whole     damaged,    whole     damaged, as the survey finds: both map tasks run again
 *               the end               before another attempt
 *
 * Nothing of what it reads is handed to the job. Keys and values that are out-of-line are not
 * looked at: these are few, and each is found by an attempt of its own.
 */
#ifndef MR_REDUCE_SHUFFLE_SURVEY_H
#define MR_REDUCE_SHUFFLE_SURVEY_H

#include "reduce/chains.h"

/* A reducer that reads these chains has failed with err. Where a shuffle file was found damaged,
 * marks all that are (mr_spool_mark_damaged); else does nothing. */
void mr_survey_shuffles(struct mr_chains *c, const struct mr_error *err);

#endif
