/*
 * The header of a table: the names of its fields, in its first line.
 *
 *     name,age,name       age is field 2; name is double
 */
#ifndef HEADER_H
#define HEADER_H

#include "cutter.h"

struct header {
    char *names;     /* one behind the other, each ended by NUL, which may stand in it, too */
    size_t *ends;    /* where each ends, at that NUL */
    size_t count;
    int separator;   /* what they were cut at, as in the layout */
};

/* Reads the first line of these bytes, cut as the layout says. Returns 0 or -1; free it in either
 * case. */
int header_read(struct header *h, const struct layout *l, const unsigned char *bytes, size_t size,
                struct mr_error *err);

/* A job's options that say how fields are cut: messages ask whether one is missing. */
struct cut_options {
    const char *separator; /* "-d" */
    bool quoted;           /* whether it has --quoted */
    bool unquotes;         /* whether a name may stand in quotes, as in -f, where they are chosen */
};

/* Finds the one field of a name, whose number is from 1 on. file is what messages call the file.
 * Returns 0, or -1 where the name is missing or double. */
int header_number(const struct header *h, const char *name, const char *file,
                  const struct cut_options *options, uint64_t *number, struct mr_error *err);

/* Makes spans of all that is chosen, for which there must be room (one more than there are items),
 * and sets how many they are, for the word count, whose options messages name. Returns 0, or -1
 * where a name is missing or double. */
int header_find(const struct header *h, const struct selection *chosen, const char *file,
                struct span *spans, size_t *count, struct mr_error *err);

/* Whether two have the same names, in the same order. */
bool header_same(const struct header *a, const struct header *b);

void header_free(struct header *h);

/* The header of a run's first file. NULL, with err filled in, where there is no memory. */
struct first_header;
struct first_header *header_first_new(struct mr_error *err);
void header_first_free(struct first_header *first);

/* Whether none was taken yet: the next is that of the first. */
bool header_is_first(const struct first_header *first);

/* Takes the header of the first file; compares any other to it. Returns 0, 1 with a warning where
 * they differ, or -1. */
int header_compare(struct first_header *first, struct header *h, const char *file,
                   struct mr_error *err);

#endif
