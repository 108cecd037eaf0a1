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
    UNCUT = -2,  /* none: a line is one field */
    SEVERAL = -3 /* several bytes, which are elsewhere */
};

struct field {
    const unsigned char *bytes;
    size_t size;
};

/* Gives a line's next field. *at is where to go on, 0 at first. Returns false after the last. */
bool field_next(const unsigned char *line, size_t size, int separator, size_t *at,
                struct field *field);

/* What separates a file's fields, by its name: commas in .csv, tabs in .tsv, compressed (.csv.gz)
 * or not, and else, or where it has none (NULL), WHITE. */
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

/* The byte that an argument stands for: itself, or an escape such as \t, \\, \0, \x1f or \037. -1
 * where it is none. */
int byte_of(const char *argument);

/* Writes the bytes that an argument stands for, each by itself or as an escape, to `to`, which has
 * room for as many as the argument has. Returns how many, or 0 where it has what is no escape. */
size_t bytes_from(const char *argument, unsigned char *to);

/* Reads a number of a field, from 1 on; nothing may stand behind it. Returns false where it is
 * none. */
bool field_number(const char *argument, uint64_t *number);

#endif
