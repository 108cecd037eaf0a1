/* The map of terms: words, counted by the file that they stand in, or by a field of their line. */
#ifndef TERMS_MAP_H
#define TERMS_MAP_H

#include "terms_options.h"
#include "text/word_counts.h"

/* What a map task has. */
struct terms_task {
    struct word_counts counts;
    struct word_finder words;
    const struct field *group; /* that they are of */
    struct bytes values;       /* of a line with quotes */
};

/* How files are cut, and the map: as the functions of struct mr_job. */
const struct mr_records *terms_records(const void *state, const char *path);
const struct mr_quotes *terms_quotes(const void *state, const char *path);
int terms_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);
int terms_end(const void *state, void *task, struct mr_context *out);

#endif
