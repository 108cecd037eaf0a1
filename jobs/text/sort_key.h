/*
 * Sort keys: a line as bytes that compare, one after the other, as sort compares lines by its keys.
 *
 *     sort -k2,2n        b 10 -> (10)b 10       a 9 -> (9)a 9
 *
 * A text key is its bytes, an end that is less than any byte, and so that it may have any bytes, 0
 * is written as 0 255 and the end as 0 0. A number is its sign, how many digits it has before the
 * point, and its digits. A key that is turned round has the other bits of all that. What behind the
 * last key tells two lines apart is the line itself.
 */
#ifndef SORT_KEY_H
#define SORT_KEY_H

#include "separator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SORT_KEYS_MAX = 16 };

/* One -k: from a character of a field to one of another. */
struct sort_key {
    uint64_t first_field, first_char; /* from 1 on */
    uint64_t last_field, last_char;   /* 0: to the line's end; to the field's */
    bool skip_first, skip_last;       /* blanks before them (b) */
    bool numeric, reverse;
    bool flagged;                     /* it has letters of its own */
};

struct sort_keys {
    struct sort_key at[SORT_KEYS_MAX];
    size_t count;
    struct separator separator; /* none: between a blank's place and what is none */
};

/* Reads the argument of -k: POS1[,POS2]. Returns false where it is none. */
bool sort_key_read(struct sort_key *key, const char *argument);

/* Reads NAME[:LETTERS], a field whose number is still to be set, as the first and the last one;
 * blanks before it are skipped. Returns the size of the name. */
size_t sort_key_read_name(struct sort_key *key, const char *argument);

/* Gives keys without letters of their own those that stand alone. */
void sort_keys_complete(struct sort_keys *keys, bool numeric, bool reverse);

/* What a key is, for the identity of a job. */
enum { SORT_KEY_FIGURES = 8 };
void sort_key_figures(const struct sort_key *key, uint64_t figures[SORT_KEY_FIGURES]);

/* How many bytes the keys of a line of so many bytes need at most. */
size_t sort_keys_room(const struct sort_keys *keys, size_t size);

/* Writes the keys of a line at to, turned round where reverse and theirs differ. Returns the byte
 * after them. */
unsigned char *sort_keys_put(const struct sort_keys *keys, bool reverse, unsigned char *to,
                             const unsigned char *line, size_t size);

#endif
