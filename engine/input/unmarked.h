/*
 * Text in UTF-16 or UTF-32 without a byte order mark, which is not decoded unless that is asked
 * for: its first bytes may tell that it plainly is such.
 *
 *     61 00 20 00 62 00 ...     Latin letters: NULs stand at every second byte
 *     34 04 30 04 20 00 ...     read as UTF-16LE, each is a character, one is a blank, and most are
 *                               Latin or of one other script: so it is Cyrillic
 *
 * Both have NULs or other control characters, which no text has in an encoding by single bytes, or
 * in UTF-8.
 */
#ifndef MR_INPUT_UNMARKED_H
#define MR_INPUT_UNMARKED_H

#include <stddef.h>

enum mr_unmarked {
    MR_UNMARKED_NONE,
    MR_UNMARKED_16_LITTLE,
    MR_UNMARKED_16_BIG,
    MR_UNMARKED_32_LITTLE,
    MR_UNMARKED_32_BIG,
    MR_UNMARKED_FORMS
};

/* What text plainly is that has no mark, by its first bytes; of what is cut short, the last
 * character is not looked at. */
enum mr_unmarked mr_unmarked_find(const unsigned char *head, size_t size);

/* The name of its encoding, where it is any. */
const char *mr_unmarked_encoding(enum mr_unmarked unmarked);

#endif
