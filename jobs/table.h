/*
 * Tables: what the word count is to take of lines with fields, rather than all that is there.
 *
 *     wc-mr -f 2 a.csv b.tsv notes.txt
 *
 * Each file has its layout: a .csv is cut at commas, a .tsv at tabs, another at white space; or all
 * at what -d says.
 */
#ifndef TABLE_H
#define TABLE_H

#include "cutter.h"

enum { TABLE_LAYOUTS = 3 };

struct table {
    struct selection chosen; /* -f */
    bool given;              /* the separator was */
    int separator;           /* then: it */
    struct layout layouts[TABLE_LAYOUTS];
};

/* Whether anything was asked for. */
bool table_is_any(const struct table *t);

/* To be called when all options are taken. */
void table_ready(struct table *t);
void table_free(struct table *t);
void table_identify(const struct table *t, struct mr_identity *to);

/* As the functions of struct mr_job; each task has a struct cutter for its memory. */
const struct mr_records *table_records(const struct table *t, const char *path);
int table_map(const struct table *t, const struct mr_chunk *chunk, struct mr_mapper *out);

#endif
