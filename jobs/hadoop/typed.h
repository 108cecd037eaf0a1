/*
 * Typed bytes: values as Hadoop Streaming has them under -io typedbytes, a byte that says of which
 * type it is, and then its bytes, numbers with the highest byte first:
 *
 *     07 00000002 "be"                     the string "be": its size, and its bytes
 *     03 00000007                          7, in four bytes
 *     08 00000002 0101 0102                [1, 2]: how many there are, and each
 *     0a 00000001 07 00000001 "k" 0101     {k=1}: the same, of keys and values
 */
#ifndef HADOOP_TYPED_H
#define HADOOP_TYPED_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum typed_type {
    TYPED_BYTES,
    TYPED_BYTE,
    TYPED_BOOL,
    TYPED_INT,
    TYPED_LONG,
    TYPED_FLOAT,
    TYPED_DOUBLE,
    TYPED_STRING,
    TYPED_VECTOR,
    TYPED_LIST, /* until TYPED_END */
    TYPED_MAP,
    TYPED_OWN = 50, /* and up: bytes that a program has a meaning of its own for */
    TYPED_OWN_LAST = 200,
    TYPED_END = 255
};

enum { TYPED_DEPTH = 64 }; /* of values in values, at most */

/* A look at bytes as they come, for where a value ends. All zeros: at its beginning. */
struct typed_scan {
    uint64_t skip;               /* bytes that have no meaning here */
    uint64_t left[TYPED_DEPTH];  /* of each value that holds others: how many are to come */
    unsigned depth, size_digits; /* of a size, bytes that are to come */
    uint32_t size;
    unsigned char type; /* whose size it is */
};

/* Looks at bytes; says in *used how many belong to the value. Returns 1 where that is all of it,
 * and the scan is at a beginning again; 0 where there is more of it; -1 where it is no value. */
int typed_scan(struct typed_scan *s, const unsigned char *bytes, size_t size, size_t *used);

/* Adds a whole value as text, as Java would print it. Returns 0; or -1 where there is no memory, or
 * a map's keys cannot be put in order. */
int typed_text(const unsigned char *value, struct mr_buffer *to);

/* Adds bytes in hexadecimal, two digits each, perhaps with a blank between two of them. Returns 0,
 * or -1 where there is no memory. */
int typed_digits(const unsigned char *bytes, size_t size, bool blanks, struct mr_buffer *to);

#endif
