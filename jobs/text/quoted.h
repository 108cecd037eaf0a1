/*
 * The fields of rows with quotes, for jobs that have whole rows: their values, as the cutter has
 * them (cutter.h).
 *
 *     a,"b ""c"", d"\n     a | b "c", d
 */
#ifndef QUOTED_H
#define QUOTED_H

#include "fields.h"

struct quoted {
    const unsigned char *bytes;
    size_t size, at; /* of all rows; where to go on */
    int separator;
    unsigned char *to; /* where the next value goes, which has no more bytes than its field */
};

/* Gives the next field. Returns whether its row has another. */
bool quoted_next(struct quoted *q, struct field *field);

#endif
