/*
 * Pairs of lines that join has found, one of each file, and the line that is printed of them:
 *
 *     k a | b k c    on -2 2    ->    k a b c        or what -o asks for
 *
 * Of a line, however many fields it has, those that -o asks for are found in one go.
 */
#ifndef JOIN_PAIR_H
#define JOIN_PAIR_H

#include "join_options.h"
#include "text/fields.h"

enum { JOIN_TEXT = 1 << 16 };

struct join_line {
    const unsigned char *at;
    size_t size;
    bool found;           /* what -o asks for of it: */
    struct field *fields; /* by the item's number; of no bytes where it is missing */
};

struct join_pair {
    const struct join *j;
    struct mr_context *out;
    unsigned char separator; /* between the fields that are printed */
    struct join_line line[JOIN_FILES];
    size_t key_file;         /* whose line has the key */
    bool begun;              /* some of what is printed has left */
    size_t size;             /* what has not */
    size_t first;            /* of that, what is of the first line alone; 0: nobody knows */
    unsigned char text[JOIN_TEXT];
};

/* Gives a line's next field, as field_next does; but an empty line has none, and blanks at the end
 * have an empty one behind them. */
bool join_field_next(const struct join *j, const unsigned char *line, size_t size, size_t *at,
                     struct field *field);

/* Has a file's line at hand; it must stand as long as it is. */
void join_pair_set(struct join_pair *p, size_t file, const unsigned char *line, size_t size);

/* Emits what is printed of both lines, or of one that has no partner. Returns 0 or -1. */
int join_pair_emit(struct join_pair *p, bool first, bool second);

#endif
