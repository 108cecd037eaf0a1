/* Arguments of options: numbers, sizes, choices. Messages call the option as they are told. */
#ifndef MR_PROGRAM_VALUES_H
#define MR_PROGRAM_VALUES_H

#include "mapreduce.h"

/* A number in decimal digits within limits. Returns 0 or -1. */
int mr_value_number(const char *text, const char *option, uint64_t least, uint64_t most,
                    uint64_t *number, struct mr_error *err);

/* A size as sort takes it: a number and a suffix, K where there is none; % of the memory that may
 * be used where that makes sense. Returns 0 or -1. */
int mr_value_size(const char *text, const char *option, bool percent, uint64_t *size,
                  struct mr_error *err);

/* Which of the words, ended by NULL, the text is; -1 for none. */
int mr_value_choice(const char *text, const char *option, const char *const *words,
                    struct mr_error *err);

#endif
