/* Which encoding text without a mark is in. */
#include "input/unmarked.h"

#include <stdbool.h>
#include <stdint.h>
#include <unictype.h>

enum {
    TELLING = 8, /* bytes: fewer are not plainly Latin, */
    SCRIPT = 16  /* and so many characters not plainly of another script */
};

static const struct form {
    const char *encoding;
    const char *nul; /* those of four bytes that are NUL in most Latin text (0), or never (-) */
    size_t width;    /* of a character, or of half a pair */
    bool big;        /* its high byte comes first */
} forms[] = {
    [MR_UNMARKED_16_LITTLE] = { "UTF-16LE", "-0-0", 2, false },
    [MR_UNMARKED_16_BIG] = { "UTF-16BE", "0-0-", 2, true },
    [MR_UNMARKED_32_LITTLE] = { "UTF-32LE", "-000", 4, false },
    [MR_UNMARKED_32_BIG] = { "UTF-32BE", "000-", 4, true },
};

const char *mr_unmarked_encoding(enum mr_unmarked unmarked)
{
    return forms[unmarked].encoding;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* The number at a place, of the form's width. */
static uint32_t unit(const struct form *f, const unsigned char *at)
{
    uint32_t c = 0;
    for (size_t i = 0; i < f->width; i++)
        c = c << 8 | at[f->big ? i : f->width - 1 - i];
    return c;
}

/* Reads the character at a place. Returns its bytes, or 0 where it is cut short; half of a pair
 * that stands alone is read as it is. */
static size_t character(const struct form *f, const unsigned char *at, size_t left, uint32_t *c)
{
    if (left < f->width)
        return 0;
    *c = unit(f, at);
    if (f->width != 2 || *c < 0xD800 || *c > 0xDBFF)
        return f->width;
    if (left < 4)
        return 0;
    uint32_t low = unit(f, at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return 2;
    *c = 0x10000 + ((*c & 0x3FF) << 10 | (low & 0x3FF));
    return 4;
}

/* What separates words or sentences, and is a control character or NUL by one of its bytes. */
static bool is_gap(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || (c >= 0x3000 && c <= 0x3002);
}

static bool is_in_text(uint32_t c)
{
    const uint32_t none = UC_CATEGORY_MASK_C & ~(uint32_t)UC_CATEGORY_MASK_Cf;
    if (c < ' ')
        return (c >= 8 && c <= 13) || c == 26 || c == 27; /* white space, BS, SUB, ESC */
    return c < 0x110000 && !uc_is_general_category_withtable(c, none);
}

/* A script's characters are in one block of 256, but for those of East Asia. */
static size_t block_of(uint32_t c)
{
    enum { EAST_ASIAN = 0x30 };
    bool east_asian = (c >= 0x3000 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3);
    return east_asian ? EAST_ASIAN : c >> 8;
}

/* Whether two characters of ASCII may be read as this one. Those of kana are no such text: every
 * second one would be a zero. */
static bool is_ascii_pair(uint32_t c)
{
    return c >= 0x2000 && c < 0x8000 && c >> 8 != '0' && (c & 0xFF) < 0x80;
}

/* What bytes are, read as a form has them. */
struct reading {
    size_t characters;
    size_t gaps, pairs; /* how many of them are such */
    size_t latin, most; /* how many others than gaps are in block 0, and at most in any other */
};

/* Returns whether all are characters that text has; else the rest is not read. */
static bool read_all(const struct form *f, const unsigned char *head, size_t size,
                     struct reading *r)
{
    uint16_t blocks[0x1100] = { 0 };
    size_t bytes;
    uint32_t c;
    *r = (struct reading){ .characters = 0 };
    for (size_t at = 0; (bytes = character(f, head + at, size - at, &c)) > 0; at += bytes) {
        if (!is_in_text(c))
            return false;
        r->characters++;
        r->pairs += is_ascii_pair(c);
        if (is_gap(c)) {
            r->gaps++;
            continue;
        }
        const size_t block = block_of(c), count = ++blocks[block];
        if (block > 0 && count > r->most)
            r->most = count;
    }
    r->latin = blocks[0];
    return true;
}

/* ---- Latin letters ---------------------------------------------------------------------- */

/* Whether NULs stand so among size bytes, nul[i] of them at the i-th of four. Most are three
 * quarters: quotes and dashes, which are not NUL there, stand among letters. */
static bool has_nuls(const struct form *f, const size_t nul[4], size_t size)
{
    for (size_t i = 0; i < 4; i++) {
        size_t places = (size + 3 - i) / 4;
        if (f->nul[i] == '0' ? 4 * nul[i] < 3 * places : nul[i] > 0)
            return false;
    }
    return size >= TELLING;
}

static enum mr_unmarked find_latin(const unsigned char *head, size_t size)
{
    size_t nul[4] = { 0 };
    struct reading r;
    size -= size % 2;
    for (size_t i = 0; i < size; i++)
        nul[i % 4] += head[i] == 0;
    for (enum mr_unmarked u = MR_UNMARKED_NONE + 1; u < MR_UNMARKED_FORMS; u++)
        if (has_nuls(&forms[u], nul, size) && read_all(&forms[u], head, size, &r))
            return u;
    return MR_UNMARKED_NONE;
}

/* ---- other scripts ---------------------------------------------------------------------- */

/* Whether bytes, read so, are characters and gaps between them, and most are Latin or of one other
 * script, but are not ASCII. */
static bool is_of_script(const struct form *f, const unsigned char *head, size_t size)
{
    struct reading r;
    return read_all(f, head, size, &r) && r.characters >= SCRIPT && r.gaps > 0 &&
           2 * (r.latin + r.most) > r.characters && 2 * r.pairs < r.characters;
}

/* Whether there is a byte that gaps have, and text in UTF-8 or by single bytes does not. */
static bool may_have_gaps(const unsigned char *head, size_t size)
{
    size_t i = 0;
    while (i < size && head[i] > 2)
        i++;
    return i < size;
}

/* What only one form makes text of. */
static enum mr_unmarked find_script(const unsigned char *head, size_t size)
{
    enum mr_unmarked found = MR_UNMARKED_NONE;
    if (!may_have_gaps(head, size))
        return MR_UNMARKED_NONE;
    for (enum mr_unmarked u = MR_UNMARKED_NONE + 1; u < MR_UNMARKED_FORMS; u++) {
        if (!is_of_script(&forms[u], head, size))
            continue;
        if (found != MR_UNMARKED_NONE)
            return MR_UNMARKED_NONE;
        found = u;
    }
    return found;
}

enum mr_unmarked mr_unmarked_find(const unsigned char *head, size_t size)
{
    enum mr_unmarked latin = find_latin(head, size);
    return latin != MR_UNMARKED_NONE ? latin : find_script(head, size);
}
