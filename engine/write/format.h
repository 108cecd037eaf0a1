/*
 * Formats: how a result record becomes a line.
 *
 *     tsv    the<TAB>12
 *     csv    the,12          quoted as RFC 4180 has it: "a ""b"", c",12
 *     jsonl  {"word":"the","count":12}     or what else the job calls them
 *     colon  the:12
 *     uniq        12 the
 *     lines  the             and so on: as many lines as the value says
 *     keys   the             once
 *
 * A share of 12 of 96, where shares are wanted, stands behind the value: 12<TAB>12.50, 12,12.50,
 * "count":12,"percent":12.50} and so on.
 *
 * Where each file is counted apart, its name stands before all that: a.txt<TAB>the<TAB>12,
 * a.txt,the,12, {"file":"a.txt","word":"the","count":12}, a.txt:the:12, "a.txt      12 the" and
 * a.txt<TAB>the. It is written as keys are.
 *
 * In how many files a key stands is told behind its value, before the share: 12<TAB>3<TAB>12.50,
 * "count":12,"documents":3,"percent":12.50} and so on. Of (others) nobody knows: there is nothing
 * in its place.
 *
 * Bytes are written as they are, except in jsonl, where JSON asks for valid UTF-8: there each
 * byte that is not part of it becomes \udc80 to \udcff, the lone surrogate that Python's
 * "surrogateescape" (PEP 383) reads back as that byte.
 */
#ifndef MR_WRITE_FORMAT_H
#define MR_WRITE_FORMAT_H

#include "sort/run.h"
#include "write/columns.h"
#include "write/text.h"

/* The number that a record's line has; columns may be NULL. */
uint64_t mr_format_number(const struct mr_columns *columns, const struct mr_record *r);

/* Appends a record's line. place is where an out-of-line key stands. Returns 0 or -1. */
int mr_format_record(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                     const struct mr_key_place *place, struct mr_error *err);

/* Sets *size to how many bytes that line has; the scale's kind is an enum mr_format. Returns 0 or
 * -1. */
int mr_format_size(const struct mr_scale *scale, const struct mr_record *r,
                   const struct mr_key_place *place, uint64_t *size, struct mr_error *err);

#endif
