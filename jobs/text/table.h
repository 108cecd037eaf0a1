/*
 * Tables: how each file's lines are cut into fields, and which of these the word count is to take,
 * rather than all that is there.
 *
 *     wc-mr -f 2 a.csv b.tsv notes.txt
 *
 * Each file has its layout: a .csv is cut at commas, a .tsv at tabs, another at white space; or all
 * at what -d says. With --header each has its own names for the fields, too. Fields are tokens, or
 * texts with words in them.
 */
#ifndef TABLE_H
#define TABLE_H

#include "header.h"

enum { TABLE_LAYOUTS = 3 };

struct table {
    const char *list;        /* -f; NULL: all fields, each a token */
    struct selection chosen; /* the fields of -f */
    bool header;             /* --header */
    bool quoted;             /* --quoted */
    bool one_line_rows;      /* and lines are cut without minding quotes */
    bool separated;          /* a separator was given: */
    int separator;           /* its byte, or SEVERAL: */
    struct field delimiter;  /* these */
    bool by_lines;           /* lines are to be cut, though by none of these options */
    bool texts;              /* fields are texts; all of a line is one where nothing cuts it */
    bool each;               /* those of a line that are chosen are not joined */
    bool ended;              /* lines end at one byte alone: */
    unsigned char line_end;
    struct first_header *first;
    struct layout layouts[TABLE_LAYOUTS];
};

/* Whether any option says how lines are cut. */
bool table_is_any(const struct table *t);

/* To be called when all options are taken. */
int table_ready(struct table *t, struct mr_error *err);
void table_free(struct table *t);
void table_identify(const struct table *t, struct mr_identity *to);

/* Bytes of the note about a file. */
size_t table_note_size(const struct table *t);

/* What separates the fields of a chunk, as in its layout. */
int table_separator(const struct table *t, const struct mr_chunk *chunk);

/* Reads a file's header, by its first chunk. Returns 0 or -1; free it in either case. */
int table_read_header(const struct table *t, const struct mr_chunk *first, struct header *header,
                      struct mr_error *err);

/* As the functions of struct mr_job; what a task has begins with a struct cutter. */
int table_begin_file(const struct table *t, const struct mr_chunk *first, void *note,
                     struct mr_error *err);
const struct mr_records *table_records(const struct table *t, const char *path);
const struct mr_quotes *table_quotes(const struct table *t, const char *path);
int table_map(const struct table *t, const struct mr_chunk *chunk, struct mr_context *out);

#endif
