/* What terms was asked for. */
#ifndef TERMS_OPTIONS_H
#define TERMS_OPTIONS_H

#include "text/field_lines.h"
#include "text/word_rules.h"

struct terms {
    struct word_rules rules;
    const char *key; /* what -k says; NULL: nothing, then it is by file */
    uint64_t field;  /* to group by, from 1 on; 0: each file's header says, by this: */
    char *name;
    uint64_t wanted; /* words of each group */
    struct field_lines lines;
};

/* The options that make it, which starts as zeros, and what is to be done behind the last. */
extern const struct mr_option terms_options[];
int terms_ready(void *state, struct mr_error *err);
void terms_release(void *state);

/* Finds the field to group by in a file's header: as begin_file of struct mr_job. */
int terms_begin_file(const void *state, const struct mr_chunk *first, void *field,
                     struct mr_error *err);

/* Adds it to the job's identity. */
void terms_identify(const void *state, struct mr_identity *to);

#endif
