/*
 * Finding the first of the bytes that end a record.
 *
 * Few bytes do, white space six: a stride is compared with each of them as a whole, and only the
 * stride that has one is looked through byte by byte. Where there are many, a table says of each
 * byte whether it is one.
 *
 *     ends "\n" and " ", strides of 4:    Stor|m of| ...    none in the first, one in the second
 */
#ifndef MR_INPUT_RECORD_ENDS_H
#define MR_INPUT_RECORD_ENDS_H

#include "mapreduce.h"

enum { MR_RECORD_ENDS_FEW = 8 };

/* Sixteen bytes that are compared together; the compiler knows how, on any machine. */
typedef unsigned char mr_sixteen __attribute__((vector_size(16)));

struct mr_record_ends {
    const struct mr_byteset *set;
    mr_sixteen few[MR_RECORD_ENDS_FEW]; /* each end sixteen times */
    unsigned count;                     /* of those; 0: they are too many */
};

/* Prepares to find bytes of a set, which must stand as long. */
void mr_record_ends_init(struct mr_record_ends *e, const struct mr_byteset *set);

/* The place of the first end among bytes[from] to bytes[n - 1], or n. */
size_t mr_record_ends_first(const struct mr_record_ends *e, const unsigned char *bytes, size_t n,
                            size_t from);

#endif
