/* An amount of bytes as a person reads it: "512 bytes", "40.7 MB", "1.2 GB", in powers of 1000. */
#ifndef MR_BASE_AMOUNT_H
#define MR_BASE_AMOUNT_H

#include <stdint.h>

struct mr_amount {
    char text[32];
};

struct mr_amount mr_amount_of(uint64_t bytes);

/* The same, to be put after the exact number of bytes: " (40.7 MB)"; empty below 1000 bytes, as it
 * would only say the number again. */
struct mr_amount mr_amount_in_parentheses(uint64_t bytes);

#endif
