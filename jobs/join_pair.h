/*
 * Pairs of lines that join has found, one of each file, and the line that is printed of them:
 *
 *     k a | b k c    on -2 2    ->    k a b c        or what -o asks for
 */
#ifndef JOIN_PAIR_H
#define JOIN_PAIR_H

#include "join_options.h"
#include "text/bytes.h"
#include "text/fields.h"

struct join_pair {
    const struct join *j;
    unsigned char separator;       /* between the fields that are printed */
    struct bytes line[JOIN_FILES]; /* the fields of the two lines, each a struct field */
    struct bytes text;             /* what is printed */
};

/* Gives a line's next field, as field_next does; but an empty line has none, and blanks at the end
 * have an empty one behind them. */
bool join_field_next(const struct join *j, const unsigned char *line, size_t size, size_t *at,
                     struct field *field);

/* Cuts a file's line into fields; it must stand until its text is made. Returns false where there
 * is no memory; so does the next. */
bool join_pair_cut(struct join_pair *p, size_t file, const unsigned char *line, size_t size);

/* Makes the text of both lines, or of one that has no partner. */
bool join_pair_make(struct join_pair *p, bool first, bool second);

#endif
