/*
 * What is numeric, as Python's str.isnumeric() has it: 42, ½, 四; not -1 or 3.14.
 */
#ifndef NUMERIC_H
#define NUMERIC_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a character has a numeric value in Unicode. */
bool numeric_character(uint32_t c);

#endif
