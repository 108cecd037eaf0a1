/*
 * Decimal numbers, exact: an integer of 384 bits, and how many of its digits are behind the point.
 *
 *     12.50 -> 1250, 2        12.50 + 0.125 -> 12500, 3 + 125, 3 -> 12625, 3
 *
 * A number that is read has at most 38 digits before the point and as many behind it, so it is less
 * than 10^76 of the least unit, and the sum of 2^64 of them less than 2^317: no sum is ever too
 * large, in whatever order it is made. As the size is fixed none needs memory of its own, which
 * libraries for numbers of any size get for each, and end the program where there is none.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECIMAL_DIGITS = 38,  /* before and behind the point */
    DECIMAL_PLACES = 18,  /* behind the point of a quotient, at most */
    DECIMAL_LIMBS = 6,
    DECIMAL_BYTES = 3 + 8 * DECIMAL_LIMBS, /* room for one that is stored */
    DECIMAL_TEXT = 120    /* of one that is written, at most: a sign, 116 digits, a point */
};

struct decimal {
    uint64_t limb[DECIMAL_LIMBS]; /* the lowest first; less than 0: two's complement */
    uint32_t scale;               /* digits behind the point */
};

enum decimal_kind { DECIMAL_NONE, DECIMAL_NUMBER, DECIMAL_TOO_LONG };

/* Reads a sign, digits with a point among them or none, and an exponent, with blanks around. */
enum decimal_kind decimal_read(const unsigned char *bytes, size_t size, struct decimal *to);

void decimal_add(struct decimal *to, const struct decimal *other);

/* Less than 0, 0 or more, as a is less than b, equal or greater. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Stores a number in few bytes. Returns the end. */
unsigned char *decimal_put(unsigned char *to, const struct decimal *d);

/* Reads what was stored. Returns its end. */
const unsigned char *decimal_get(const unsigned char *from, struct decimal *to);

/* Writes a number without zeros at its end behind the point. Returns the end. */
char *decimal_write(char *to, const struct decimal *d);

/* The number divided by a count, rounded to so many digits behind the point, DECIMAL_PLACES at
 * most: a half away from 0. */
struct decimal decimal_divide(const struct decimal *d, uint64_t count, uint32_t places);

#endif
