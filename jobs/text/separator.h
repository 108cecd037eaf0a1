/*
 * A separator: the bytes that stand between fields or behind a key, usually one. Of those that
 * overlap the first one counts, and the next is looked for behind it:
 *
 *     a::b:::c by ::    "a", "b", ":c"
 */
#ifndef SEPARATOR_H
#define SEPARATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SEPARATOR_MOST = 64 };

struct separator {
    size_t size; /* 0: there is none */
    unsigned char at[SEPARATOR_MOST];
};

/* Makes it of bytes. Returns false where these are none, too many, or one is a line feed, which no
 * line has in it. */
bool separator_set(struct separator *s, const void *bytes, size_t size);

static inline bool separator_is(const struct separator *s, const struct separator *other)
{
    return s->size == other->size && memcmp(s->at, other->at, s->size) == 0;
}

/* Where the first one begins; NULL: there is none. */
static inline const unsigned char *separator_find(const struct separator *s,
                                                  const unsigned char *bytes, size_t size)
{
    return s->size == 1 ? memchr(bytes, s->at[0], size) : memmem(bytes, size, s->at, s->size);
}

/* Where the n-th one begins; NULL: there are not so many, or n is 0. */
static inline const unsigned char *separator_find_nth(const struct separator *s,
                                                      const unsigned char *bytes, size_t size,
                                                      uint64_t n)
{
    const unsigned char *at = bytes, *end = bytes + size, *found = NULL;
    for (; n > 0; n--, at = found + s->size)
        if ((found = separator_find(s, at, (size_t)(end - at))) == NULL)
            return NULL;
    return found;
}

/* Looks for one in bytes that come in pieces. Those of a piece follow *held ones, which are the
 * first of a separator that may yet come. Returns whether one is found, with *before the number of
 * held bytes and the piece's together that stand before it, and *held 0; else *before is how many
 * are of none, and *held how many are left. */
bool separator_look(const struct separator *s, size_t *held, const unsigned char *bytes,
                    size_t size, size_t *before);

#endif
