/*
 * Rows: records whose ends count only outside of quotes, as in CSV (RFC 4180).
 *
 * A quote opens only at a field's beginning; elsewhere it is a byte like any other. The next one
 * that is not doubled closes it. So where a row ends depends on all that is before it:
 *
 *     bytes     a , " b \n c " \n d " e \n
 *     inside        1 1  1 1                  only the second and the third \n end rows
 *
 * Four states tell all that matters: at a field's START, in a PLAIN field, QUOTED, or behind a
 * quote there, which CLOSED unless another follows. 64 bytes at a time are looked at: a byte is
 * inside if the quotes before it are odd in number. That is right where every quote that so opens
 * stands at a field's beginning or behind a quote; else these 64 are gone through one by one. Where
 * no quote stands for long, only the first and the last row end are looked for.
 *
 * A large file is cut where rows start. The state at a place in its midst is not known, but bytes
 * tell: after a few of them, which of the four it was mostly makes no difference any more. Of
 * "b,c" and any state before:
 *
 *               "        b        ,      c        "        \n
 *     START     QUOTED   QUOTED   ...             CLOSED   START
 *     PLAIN     PLAIN    PLAIN    START  PLAIN    PLAIN    START
 *     QUOTED    CLOSED   PLAIN    START  PLAIN    PLAIN    START
 *     CLOSED    QUOTED   QUOTED   ...             CLOSED   START
 *
 * Where all four have become one, it is the right one. Where they do not for long, as there are no
 * quotes, it is read on from the last place that is known.
 */
#ifndef MR_INPUT_ROWS_H
#define MR_INPUT_ROWS_H

#include "input/source.h"

enum mr_row_state { MR_ROW_START, MR_ROW_PLAIN, MR_ROW_QUOTED, MR_ROW_CLOSED, MR_ROW_STATES };

#define MR_ROW_NONE SIZE_MAX

/* A scan over bytes for the ends of rows. */
struct mr_rows {
    const struct mr_records *records;
    const struct mr_quotes *quotes;
    enum mr_row_state state; /* behind the bytes; MR_ROW_START at first */
    size_t first, last;      /* where, of the bytes, the first and the last row end is */
    size_t opened;           /* and the quote that opened the last field in quotes; or NONE */
};

/* Goes on through size bytes. */
void mr_rows_scan(struct mr_rows *rows, const unsigned char *bytes, size_t size);

/* The state behind one byte. */
enum mr_row_state mr_row_next(const struct mr_records *records, const struct mr_quotes *quotes,
                              enum mr_row_state state, unsigned char byte);

/* Where the first row of a chunk ends that begins at `from`: the place of its end, or the chunk's
 * size. */
size_t mr_row_end(const struct mr_chunk *chunk, size_t from);

/* How many lines end in these bytes; a CR LF is one end. *cr tells whether the byte before them was
 * a CR, and is kept for the next call. */
uint64_t mr_rows_lines(const unsigned char *bytes, size_t size, bool *cr);

/* The same for a plain file's first bytes. Returns 0 or -1. */
int mr_rows_lines_before(const struct mr_source *source, uint64_t place, uint64_t *lines,
                         struct mr_error *err);

/* Finds a row that starts at or behind a place in a plain file, but not by far, from another one
 * that starts before it. Sets *start, which is the file's size where there is none. Returns 0 or
 * -1. */
int mr_rows_find(const struct mr_source *source, uint64_t from, uint64_t place, uint64_t *start,
                 struct mr_error *err);

#endif
