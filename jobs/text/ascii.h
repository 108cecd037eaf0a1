/* Whether bytes are ASCII alone: eight are looked at at once, some of the last perhaps twice. */
#ifndef ASCII_H
#define ASCII_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool is_ascii(const unsigned char *bytes, size_t size)
{
    uint64_t all = 0, some;
    size_t i = 0;
    for (; i + sizeof some <= size; i += sizeof some) {
        memcpy(&some, bytes + i, sizeof some);
        all |= some;
    }
    if (size >= sizeof some) {
        memcpy(&some, bytes + size - sizeof some, sizeof some);
        all |= some;
        i = size;
    }
    for (; i < size; i++)
        all |= bytes[i];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

#endif
