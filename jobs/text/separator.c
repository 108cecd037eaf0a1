/* Separators in pieces, by the automaton of Knuth, Morris and Pratt. */
#include "separator.h"

bool separator_set(struct separator *s, const void *bytes, size_t size)
{
    if (size == 0 || size > SEPARATOR_MOST || memchr(bytes, '\n', size) != NULL)
        return false;
    s->size = size;
    memcpy(s->at, bytes, size);
    return true;
}

/* Of the last of so many bytes of a separator, how many are its first ones, too; fewer than all. */
static size_t border(const struct separator *s, size_t size)
{
    size_t n = size - 1;
    while (n > 0 && memcmp(s->at, s->at + size - n, n) != 0)
        n--;
    return n;
}

bool separator_look(const struct separator *s, size_t *held, const unsigned char *bytes,
                    size_t size, size_t *before)
{
    size_t matched = *held, all = *held + size, at = 0;
    while (at < size && matched < s->size) {
        if (matched == 0) {
            const unsigned char *first = memchr(bytes + at, s->at[0], size - at);
            at = first ? (size_t)(first - bytes) : size;
        }
        while (at < size && matched > 0 && bytes[at] != s->at[matched])
            matched = border(s, matched);
        if (at < size)
            matched += bytes[at++] == s->at[matched];
    }
    bool found = matched == s->size;
    *before = (found ? *held + at : all) - matched;
    *held = found ? 0 : matched;
    return found;
}
