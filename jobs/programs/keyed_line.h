/*
 * A keyed line: a line that a mapper writes, as a record.
 *
 * Its key ends before the first separator, or a later one (--key-fields); where it has not so many,
 * all of it is key. The rest of the line, from the separator on, is the value, so that key and
 * value together are the line as it was:
 *
 *     to TAB 1    "to", "\t1"          to    "to", ""
 *
 * Where keys have an order of their own (--sort-by), the record's key is made of them so that its
 * bytes compare in that order, and its value is all of the line (sort_key.h). Some of the key's
 * fields alone may decide to which partition it belongs (--partition-by):
 *
 *     a TAB 10, two fields, -k1 -k2n, partition 1    "a" "(10)", "a\t10", the partition of "a"
 */
#ifndef KEYED_LINE_H
#define KEYED_LINE_H

#include "text/bytes.h"
#include "text/separator.h"
#include "text/sort_key.h"

struct line_keys {
    struct separator separator;
    uint64_t fields;            /* of a key */
    struct sort_keys order;     /* none: of their bytes */
    struct sort_keys partition; /* none: all of the key */
};

enum { KEYED_LINE_LOOK = 2 << 10 };

/* What a map task needs for them. */
struct keyed_line {
    uint64_t separators; /* in what has come of a line in parts, */
    size_t held;         /* and how many bytes at its end may begin another */
    struct bytes order, partition;
    struct mr_byteset marks; /* what ends lines and fields, */
    uint32_t found[KEYED_LINE_LOOK + MR_FIND_SLACK]; /* and where it stands in so many bytes */
};

/* Whether the records' values are whole lines. */
static inline bool values_are_whole_lines(const struct line_keys *k)
{
    return k->order.count > 0;
}

/* How many of a line's first bytes are its key. */
size_t line_key_size(const struct line_keys *k, const unsigned char *line, size_t size);

/* The key that the record of a line has, of *size bytes, which are the line's and become the key's;
 * it stands until the next call. NULL, and why, on failure. */
const unsigned char *keyed_line_key(const struct line_keys *k, struct keyed_line *l,
                                    struct mr_context *out, const unsigned char *line,
                                    size_t *size);

/* Blames the key that the record of a line has, for what its program has died at. */
void keyed_line_blame(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                      const unsigned char *line, size_t size);

/* Emits a line, several, between which LFs stand, or a part of one; where there is no reducer as
 * values that are the result. Behind what is no part MR_CHUNK_PAD bytes may be read. Returns 0 or
 * -1. */
int keyed_line_emit(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                    const unsigned char *bytes, size_t size, enum mr_part part);

void keyed_line_free(struct keyed_line *l);

#endif
