/*
 * Separated fields: the columns of a key or a value as fields of a line of tsv, csv or colon.
 *
 *     columns     { "file", MR_COLUMN_TEXT, '\0' }, { "line", MR_COLUMN_TEXT }
 *     a value     a.txt\0say "no"
 *     tsv         a.txt<TAB>say "no"
 *     csv         a.txt,"say ""no"""
 *
 * A list is one field, as the job has written it; of a list of fields, each is one.
 *
 * A field may be larger than memory, and csv must know before its first byte whether it is to stand
 * in quotes. So a text is walked over twice there: first, it is noted of each field whether it has
 * what wants quotes; then it is written.
 */
#ifndef MR_WRITE_SEPARATED_H
#define MR_WRITE_SEPARATED_H

#include "write/columns.h"

/* Fields of a text that are noted one by one; those behind are quoted where one of them must be. */
enum { MR_SEPARATED_NOTED = 1024 };

struct mr_separated {
    const struct mr_column_sink *sink;
    const struct mr_named_columns *columns;
    const struct mr_named_column *at; /* the current one, */
    size_t rank;                      /* and its field's, from 0 */
    char between;
    bool bytes;  /* the text has some */
    bool quotes; /* a field is to be quoted: */
    unsigned char quoted[MR_SEPARATED_NOTED / 8]; /* a bit for each */
};

/* Whether a text stands in its columns as it is, with this byte between them. */
static inline bool mr_separated_stand(const struct mr_named_columns *columns, char between)
{
    return columns->end == MR_ONE_FIELD || columns->end == (unsigned char)between;
}

void mr_separated_init(struct mr_separated *f, const struct mr_named_columns *columns, char between,
                       const struct mr_column_sink *sink);

/* For csv, before it is written: more of the text comes; it ends. alone: it is all of the line, of
 * which something must be seen. */
void mr_separated_note(struct mr_separated *f, const unsigned char *bytes, size_t size);
void mr_separated_noted(struct mr_separated *f, bool alone);

/* Writes the text: it begins, more of it comes, it ends. Return 0 or -1. */
int mr_separated_begin(struct mr_separated *f);
int mr_separated_add(struct mr_separated *f, const unsigned char *bytes, size_t size);
int mr_separated_end(struct mr_separated *f);

#endif
