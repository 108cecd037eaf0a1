/* What sort was asked for. */
#ifndef SORT_OPTIONS_H
#define SORT_OPTIONS_H

#include "mapreduce.h"
#include "text/sort_key.h"

struct sort {
    struct sort_keys keys;
    const char *arguments[SORT_KEYS_MAX]; /* of -k, one for each key */
    char *names[SORT_KEYS_MAX]; /* of the fields that are keys; NULL: the key has its number */
    bool named;                 /* there are such */
    bool header;                /* each file's first line has names; one of them stays, */
    struct first_header *first; /* the first that is read */
    bool separated, numeric, reverse, unique, stable;
};

/* What is noted of a file with a header. */
struct sort_note {
    uint64_t numbers[SORT_KEYS_MAX]; /* of the fields that are keys by name */
    bool stays;                      /* its header does */
};

/* The options that make it, which starts as zeros, and what is to be done behind the last. */
extern const struct mr_option sort_options[];
int sort_ready(void *state, struct mr_error *err);
void sort_release(void *state);

/* Notes of a file's header which fields are keys, and whether it stays: as begin_file of struct
 * mr_job. */
int sort_begin_file(const void *state, const struct mr_chunk *first, void *note,
                    struct mr_error *err);

/* The keys of a chunk's file: those of the options, or, where some have names, room with these. */
const struct sort_keys *sort_keys_of(const struct sort *s, const struct mr_chunk *chunk,
                                     struct sort_keys *room);

/* Adds it to the job's identity. */
void sort_identify(const void *state, struct mr_identity *to);

#endif
