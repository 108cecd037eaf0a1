/*
 * Aggregates: what is told of a group of numbers, as a value of few bytes.
 *
 *     of 1.5 and 2.5     count 2, sum 4, least 1.5, greatest 2.5
 *     of 7               count 1, sum 7: the others are the same
 *
 * Numbers are decimal and exact (decimal.h), so that neither the order of adding nor who adds makes
 * a difference.
 */
#ifndef AGGREGATE_H
#define AGGREGATE_H

#include "decimal.h"
#include "mapreduce.h"
#include "numbers.h"

struct aggregate {
    uint64_t count;
    struct decimal sum, least, greatest; /* of a single number, only the sum need be set */
};

enum { AGGREGATE_ONE = NUMBER_BYTES + DECIMAL_BYTES, /* bytes of the value of a single number, */
       AGGREGATE_BYTES = NUMBER_BYTES + 3 * DECIMAL_BYTES }; /* and of any, at most */

/* Writes the value. Returns the byte after it. */
unsigned char *aggregate_put(unsigned char *to, const struct aggregate *a);

/* Adds one number more to an aggregate, which may be of none, a count of 0, yet. */
void aggregate_add(struct aggregate *to, const struct decimal *number);

/* Brings all values of a key together. Returns 0 or -1. */
int aggregate_values(struct mr_value_list *values, struct aggregate *all);

#endif
