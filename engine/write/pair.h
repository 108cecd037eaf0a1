/*
 * Pairs: how a record whose value is bytes becomes a line, of any format but uniq.
 *
 *     tsv    the<TAB>see, hear
 *     csv    the,"see, hear"      each quoted where RFC 4180 wants it
 *     jsonl  {"key":"the","value":"see, hear"}
 *     colon  the:see, hear
 *     lines  see, hear            the value alone
 *
 * but for lines, cut into the columns that the job has (columns.h).
 *
 * The value of such a record has a head that tells whether it has a key of its own, and that key,
 * before it (reduce/result.h). Else the key is the one that it is sorted by.
 */
#ifndef MR_WRITE_PAIR_H
#define MR_WRITE_PAIR_H

#include "sort/run.h"
#include "write/text.h"

/* Appends a record's line. place is where its key and value stand if they are out-of-line. Returns
 * 0 or -1. */
int mr_pair_write(struct mr_text *text, enum mr_format format, const struct mr_record *r,
                  const struct mr_key_place *place, struct mr_error *err);

/* Begins to read a record's key, in key_place, and its value, in value_place; each with a reader of
 * its own. Returns 0 or -1. */
int mr_pair_open(const struct mr_record *r, const struct mr_key_place *key_place,
                 const struct mr_key_place *value_place, struct mr_key *key, struct mr_key *value,
                 struct mr_error *err);

/* Sets *size to how many bytes that line has; format is the scale's kind. Returns 0 or -1. */
int mr_pair_size(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *size, struct mr_error *err);

#endif
