/* Which characters words have, by Unicode: looked up once for each block of 256 that a text has. */
#ifndef MR_MAP_LETTERS_H
#define MR_MAP_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether it is part of words by itself: Alphabetic, a mark, a number or a connector (Pc). */
bool mr_is_letter(uint32_t character);

#endif
