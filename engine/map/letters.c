/*
 * Letters, by libunistring: a bit for each character, and one for each block of 256 that says
 * whether its bits are known. Unicode's tables are too slow to be asked for each character of a
 * text, and all of them take too long to be asked at the start.
 */
#include "map/letters.h"

#include <stddef.h>
#include <unictype.h>

enum { CHARACTERS = 0x110000, BLOCK = 256 };

static uint64_t letters[CHARACTERS / 64];
static bool known[CHARACTERS / BLOCK];

static bool ask(uint32_t c)
{
    return uc_is_property(c, UC_PROPERTY_ALPHABETIC) ||
           uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N |
                                                   UC_CATEGORY_MASK_Pc);
}

static void learn(uint32_t block)
{
    for (uint32_t c = block * BLOCK; c < (block + 1) * BLOCK; c++)
        letters[c / 64] |= (uint64_t)ask(c) << c % 64;
    known[block] = true;
}

bool mr_is_letter(uint32_t c)
{
    if (c >= CHARACTERS)
        return false;
    if (!known[c / BLOCK])
        learn(c / BLOCK);
    return letters[c / 64] >> c % 64 & 1;
}
