/* What sum was asked for. */
#ifndef SUM_OPTIONS_H
#define SUM_OPTIONS_H

#include "text/field_lines.h"

enum { SUM_KEYS_MAX = 16 };

/* Fields of a line. */
struct sum_fields {
    uint64_t wanted[SUM_KEYS_MAX + 1]; /* their numbers, from 1 on: the key's, the number's */
    uint64_t last;                     /* the greatest of all */
};

struct sum {
    const char *key, *number; /* what -k and -v say; NULL: nothing, all lines are one group */
    char *room;               /* for names */
    /* The names of fields that headers make numbers; NULL: the field has its number. */
    const char *names[SUM_KEYS_MAX + 1];
    bool named;               /* there are such */
    struct sum_fields fields; /* of all files; those with names are 0 */
    size_t keys;              /* how many fields the key has */
    struct field_lines lines;
    bool skip;                /* lines without a number are passed over */
    bool rounded;             /* the next was given: */
    uint32_t places;          /* of the mean, behind the point */
};

/* The options that make it, which starts as zeros, and what is to be done behind the last. */
extern const struct mr_option sum_options[];
int sum_ready(void *state, struct mr_error *err);
void sum_release(void *state);

/* Finds a file's fields by its header: as begin_file of struct mr_job. */
int sum_begin_file(const void *state, const struct mr_chunk *first, void *fields,
                   struct mr_error *err);

/* Has it group what a program writes (mixed.h), before it is ready. */
int sum_check_programs(void *state, bool maps, struct mr_error *err);

/* Adds it to the job's identity. */
void sum_identify(const void *state, struct mr_identity *to);

#endif
