/*
 * A shown line: how a line begins, for a message that says which one a program had last.
 *
 *     "be\t1", at byte 3
 */
#ifndef SHOWN_LINE_H
#define SHOWN_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LINE_SHOWN = 100 }; /* bytes at most */

struct shown_line {
    size_t size; /* all that there was of it */
    uint64_t offset;
    char text[LINE_SHOWN + 1];
};

/* Begins another line. */
static inline void shown_line_begin(struct shown_line *l, uint64_t offset)
{
    l->size = 0;
    l->offset = offset;
}

/* Adds bytes of it. */
static inline void shown_line_add(struct shown_line *l, const unsigned char *bytes, size_t size)
{
    if (l->size < LINE_SHOWN && size > 0)
        memcpy(l->text + l->size, bytes, size < LINE_SHOWN - l->size ? size : LINE_SHOWN - l->size);
    l->size += size;
}

/* Its beginning, with blanks for what would end it, and whether that is not all. */
static inline const char *shown_line_text(struct shown_line *l, const char **more)
{
    size_t shown = l->size < LINE_SHOWN ? l->size : LINE_SHOWN;
    for (char *zero; (zero = memchr(l->text, '\0', shown)) != NULL;)
        *zero = ' ';
    l->text[shown] = '\0';
    *more = shown < l->size ? "..." : "";
    return l->text;
}

#endif
