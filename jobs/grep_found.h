/* What grep has found, and how it is written: "name:line", or "name:lines" of a count. */
#ifndef GREP_FOUND_H
#define GREP_FOUND_H

#include "grep_options.h"

/* Emits a line of a chunk, or a part of one, with its file's name before it where names are wanted;
 * the task's memory is a struct bytes. Returns 0 or -1. */
int grep_found_emit(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                    const unsigned char *line, size_t size);

/* Emits how many lines of a file, whose rank is the key, match: as reduce_values of struct
 * mr_job. */
int grep_found_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                      struct mr_context *out);

/* The columns of either. */
const struct mr_column *grep_found_columns(const struct grep *g);

#endif
