/*
 * Fields: what jobs about lines share.
 *
 *     a b  c     at white space     a | b | c
 *     a,b,,c     at commas          a | b |  | c
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "mapreduce.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WHITE = -1,  /* as a separator: fields are longest runs of bytes but blanks and tabs */
    UNCUT = -2   /* none: a line is one field */
};

struct field {
    const unsigned char *bytes;
    size_t size;
};

/* Gives a line's next field. *at is where to go on, 0 at first. Returns false after the last. */
bool field_next(const unsigned char *line, size_t size, int separator, size_t *at,
                struct field *field);

/* What separates a file's fields, by its name: commas in .csv, tabs in .tsv, deflated (.gz) or not,
 * and else, or where it has none (NULL), WHITE. */
int separator_of_file(const char *path);

/* White space, which ends words. */
extern const struct mr_records word_ends;

/* Gives a text's next word, as field_next does a line's next field. */
static inline bool word_next(const unsigned char *text, size_t size, size_t *at, struct field *word)
{
    size_t start = *at, end;
    while (start < size && word_ends.ends.has[text[start]])
        start++;
    for (end = start; end < size && !word_ends.ends.has[text[end]];)
        end++;
    *word = (struct field){ text + start, end - start };
    *at = end;
    return end > start;
}

/* Cuts the file at a path into lines, and remembers what separates its fields; and tells what that
 * is in a chunk of it: otherwise, where its name says nothing. */
const struct mr_records *field_records(const char *path);
int field_separator_of(const struct mr_chunk *chunk, int otherwise);

/* The byte that an argument stands for: itself, or an escape such as \t, \\, \0, \x1f or \037. -1
 * where it is none. */
int byte_of(const char *argument);

/* Reads the argument of -t: the byte that fields end at, but not the end of a line. Returns it, or
 * -1. */
int field_separator(const char *argument, struct mr_error *err);

/* Makes set_separator, which takes -t: the state has the separator, and whether there is one. */
#define JOB_SEPARATOR(state_type)                                                         \
    static int set_separator(void *state, const char *argument, struct mr_error *err)     \
    {                                                                                     \
        struct state_type *s = state;                                                     \
        s->separated = true;                                                              \
        s->separator = field_separator(argument, err);                                    \
        return s->separator < 0 ? -1 : 0;                                                 \
    }

/* Reads a number of a field, from 1 on; nothing may stand behind it. Returns false where it is
 * none. */
bool field_number(const char *argument, uint64_t *number);

#endif
