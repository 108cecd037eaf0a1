/*
 * Parsing the arguments of options; option is how messages call it, as "--top (-n)".
 *
 *     number    "12"                  size    "2G" is 2 << 30, "50%" of memory half of it
 *     choice    "csv" of tsv, csv, jsonl: 1
 */
#ifndef MR_PROGRAM_PARSE_H
#define MR_PROGRAM_PARSE_H

#include "mapreduce.h"

/* A number in decimal digits within limits. Returns 0 or -1. */
int mr_parse_number(const char *text, const char *option, uint64_t least, uint64_t most,
                    uint64_t *number, struct mr_error *err);

/* A size as sort takes it: a number and a suffix, K where there is none; % of the memory that may
 * be used where that makes sense. Returns 0 or -1. */
int mr_parse_size(const char *text, const char *option, bool percent, uint64_t *size,
                  struct mr_error *err);

/* Which of the words, ended by NULL, the text is; or -1. */
int mr_parse_choice(const char *text, const char *option, const char *const *words,
                    struct mr_error *err);

#endif
