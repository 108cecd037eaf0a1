/*
 * Letters, by libunistring: a bit for each character, and one for each block of 256 that says
 * whether its bits are filled in. The library is too slow to be called for each character of a
 * text, and filling in all bits at the start takes too long.
 */
#include "map/letters.h"

#include <stddef.h>
#include <unictype.h>

enum { CHARACTERS = 0x110000, BLOCK = 256 };

static uint64_t letters[CHARACTERS / 64];
static bool filled[CHARACTERS / BLOCK];

static bool look_up(uint32_t c)
{
    return uc_is_property(c, UC_PROPERTY_ALPHABETIC) ||
           uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N |
                                                   UC_CATEGORY_MASK_Pc);
}

static void fill(uint32_t block)
{
    for (uint32_t c = block * BLOCK; c < (block + 1) * BLOCK; c++)
        letters[c / 64] |= (uint64_t)look_up(c) << c % 64;
    filled[block] = true;
}

bool mr_is_letter(uint32_t c)
{
    if (c >= CHARACTERS)
        return false;
    if (!filled[c / BLOCK])
        fill(c / BLOCK);
    return letters[c / 64] >> c % 64 & 1;
}
