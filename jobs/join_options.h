/* What join was asked for. */
#ifndef JOIN_OPTIONS_H
#define JOIN_OPTIONS_H

#include "mapreduce.h"

enum { JOIN_FILES = 2 };

/* What is printed of a pair: a field, from 1 on, of a file, 1 or 2, or the key, of file 0. */
struct join_item {
    size_t file;
    uint64_t field;
};

/* A field of a line that is printed, as an item of -o. */
struct join_wanted {
    uint64_t field;
    size_t item;
};

struct join {
    uint64_t field[JOIN_FILES]; /* of the key; 0: was not given */
    bool unpaired[JOIN_FILES];  /* lines whose key the other file does not have are printed */
    bool only_unpaired;         /* and no pairs */
    bool separated;             /* a separator was given */
    int separator;              /* a byte, or WHITE */
    const char *empty;          /* stands for a field that is empty or missing; NULL: nothing */
    struct join_item *items;    /* NULL: the key, and all other fields of both files */
    size_t item_count;
    struct join_wanted *wanted[JOIN_FILES]; /* of a file's line: in the order of its fields */
    size_t wanted_count[JOIN_FILES];
};

/* The options that make it, which starts as zeros, and what is to be done behind the last. */
extern const struct mr_option join_options[];
int join_ready(void *state, struct mr_error *err);
void join_release(void *state);

/* Adds it to the job's identity. */
void join_identify(const void *state, struct mr_identity *to);

#endif
