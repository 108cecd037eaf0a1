/* The map of terms: words, counted by the file that they stand in, or by a field of their line. */
#ifndef TERMS_MAP_H
#define TERMS_MAP_H

#include "terms_options.h"
#include "text/evicting_table.h"

enum { TERMS_SLOTS = 1 << 13 };

/* A group, a line end, which is in no word, and a word: how often it came. */
struct terms_slot {
    struct evicting_slot key;
    uint64_t count;
};

/* What a map task has. */
struct terms_task {
    struct word_finder words;
    const struct field *group; /* that they are of */
    struct bytes value;        /* that is emitted */
    struct bytes values;       /* of a line with quotes */
    unsigned char key[EVICTING_KEY]; /* of a slot, at hand */
    struct evicting_table counts;
    struct terms_slot slots[TERMS_SLOTS];
};

/* How files are cut, and the map: as the functions of struct mr_job. */
const struct mr_records *terms_records(const void *state, const char *path);
const struct mr_quotes *terms_quotes(const void *state, const char *path);
int terms_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);
int terms_end(const void *state, void *task, struct mr_context *out);

#endif
