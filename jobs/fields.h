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

enum { WHITE = -1 }; /* as a separator: fields are longest runs of bytes but blanks and tabs */

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

/* The byte that an argument stands for: itself, or an escape such as \t, \\, \0, \x1f or \037. -1
 * where it is none. */
int byte_of(const char *argument);

/* Reads the argument of -t: the byte that fields end at, but not the end of a line. Returns it, or
 * -1. */
int field_separator(const char *argument, struct mr_error *err);

/* Reads a number of a field, from 1 on; nothing may stand behind it. Returns false where it is
 * none. */
bool field_number(const char *argument, uint64_t *number);

#endif
