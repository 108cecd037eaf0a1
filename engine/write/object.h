/*
 * Objects: the columns of a key or a value as members of a JSON object.
 *
 *     columns     { "places", MR_COLUMN_LIST, ' ' },
 *                 { "file", MR_COLUMN_TEXT, '\0' }, { "offset", MR_COLUMN_NUMBER }
 *     a value     a.txt\0 7 b.txt\0 0                     (without the blanks around 7)
 *     members     "places":[{"file":"a.txt","offset":7},{"file":"b.txt","offset":0}]
 *
 * A text is cut as it comes, piece by piece: what it is cut by is known of each column, and so
 * nothing of it is kept but a number, until it is seen to be one.
 */
#ifndef MR_WRITE_OBJECT_H
#define MR_WRITE_OBJECT_H

#include "write/columns.h"

enum { MR_NUMBER_MAX = 128 }; /* characters of a number, at most: more are a text */

/* Cuts a text into members, and writes them. */
struct mr_object {
    const struct mr_column_sink *sink;
    const struct mr_named_column *list; /* those behind it are of its items; NULL: there is none */
    const struct mr_named_column *at;   /* the one that is written */
    const struct mr_named_column *last;
    bool numeric; /* the current value may yet be a number: */
    unsigned digits; /* its characters so far */
    char number[MR_NUMBER_MAX];
};

/* The text begins, which may not be its object's first; more of it comes; it ends. Members that it
 * has not enough for are left out. Return 0 or -1. */
int mr_object_begin(struct mr_object *o, const struct mr_named_columns *columns, bool first,
                    const struct mr_column_sink *sink);
int mr_object_add(struct mr_object *o, const unsigned char *bytes, size_t size);
int mr_object_end(struct mr_object *o);

#endif
