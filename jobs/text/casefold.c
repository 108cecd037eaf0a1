/* Case folding, by libunistring. */
#include "casefold.h"

#include <unicase.h>
#include <unistr.h>

/* Simple case folding: the mappings of status C and S in Unicode's CaseFolding.txt. libunistring
 * has the full ones (C and F). They differ where F gives several characters: then S is the
 * lower case letter where there is one (U+1E9E, Greek capitals with iota subscript), and the
 * character itself otherwise; U+0130 has no S, though it has a lower case. */
ucs4_t casefold_character(ucs4_t c)
{
    ucs4_t full[8];
    size_t n = sizeof full / sizeof *full;
    if (u32_casefold(&c, 1, NULL, NULL, full, &n) == NULL)
        return c;
    if (n == 1)
        return full[0];
    return c == 0x130 ? c : uc_tolower(c);
}

/* No folding takes more than 3/2 of the bytes. */
size_t casefold(const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    for (size_t i = 0; i < size;) {
        unsigned char b = key[i];
        ucs4_t c;
        int length = b < 0x80 ? 1 : u8_mbtoucr(&c, key + i, size - i);
        if (b < 0x80) {
            to[done++] = b >= 'A' && b <= 'Z' ? (unsigned char)(b + ('a' - 'A')) : b;
            i++;
        } else if (length < 0) {
            to[done++] = b;
            i++;
        } else {
            done += (size_t)u8_uctomb(to + done, casefold_character(c), 4);
            i += (size_t)length;
        }
    }
    return done;
}
