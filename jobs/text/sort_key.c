/* Sort keys. */
#include "sort_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What follows is compiled for separators of one byte and blanks, and again for others. */
#define FOR_BOTH static inline __attribute__((always_inline))

/* ---- where a key is --------------------------------------------------------------------- */

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n';
}

static size_t skip_blanks(const unsigned char *line, size_t size, size_t at)
{
    while (at < size && is_blank(line[at]))
        at++;
    return at;
}

/* The end of the field that begins at a place. */
FOR_BOTH size_t field_end(const struct sort_keys *k, const unsigned char *line, size_t size,
                          size_t at, bool several)
{
    if (several) {
        const unsigned char *end = separator_find(&k->separator, line + at, size - at);
        return end ? (size_t)(end - line) : size;
    }
    if (k->separator.size > 0) {
        const unsigned char *end = at < size ? memchr(line + at, k->separator.at[0], size - at)
                                             : NULL;
        return end ? (size_t)(end - line) : size;
    }
    at = skip_blanks(line, size, at);
    while (at < size && !is_blank(line[at]))
        at++;
    return at;
}

/* Where a field begins: blanks before it are its own, but a separator is not. */
FOR_BOTH size_t field_start(const struct sort_keys *k, const unsigned char *line, size_t size,
                            uint64_t number, bool several)
{
    size_t at = 0;
    while (at < size && --number > 0) {
        at = field_end(k, line, size, at, several);
        if (at < size && k->separator.size > 0)
            at += several ? k->separator.size : 1;
    }
    return at;
}

static size_t add_within(size_t at, uint64_t more, size_t size)
{
    return more < size - at ? at + (size_t)more : size;
}

FOR_BOTH size_t key_start(const struct sort_keys *keys, const struct sort_key *k,
                          const unsigned char *line, size_t size, bool several)
{
    size_t at = field_start(keys, line, size, k->first_field, several);
    if (k->skip_first)
        at = skip_blanks(line, size, at);
    return add_within(at, k->first_char - 1, size);
}

FOR_BOTH size_t key_end(const struct sort_keys *keys, const struct sort_key *k,
                        const unsigned char *line, size_t size, bool several)
{
    if (k->last_field == 0)
        return size;
    size_t at = field_start(keys, line, size, k->last_field, several);
    if (k->last_char == 0)
        return field_end(keys, line, size, at, several);
    if (k->skip_last)
        at = skip_blanks(line, size, at);
    return add_within(at, k->last_char, size);
}

/* ---- how it is written ------------------------------------------------------------------ */

static unsigned char *put_text(unsigned char *to, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        *to++ = bytes[i];
        if (bytes[i] == 0)
            *to++ = 0xFF;
    }
    *to++ = 0;
    *to++ = 0;
    return to;
}

static size_t count_digits(const unsigned char *bytes, size_t size)
{
    size_t n = 0;
    while (n < size && bytes[n] >= '0' && bytes[n] <= '9')
        n++;
    return n;
}

/* Writes how many digits there are so that more compare greater: a byte, or 255 and eight. */
static unsigned char *put_count(unsigned char *to, uint64_t count)
{
    if (count < 0xFF) {
        *to++ = (unsigned char)count;
        return to;
    }
    *to++ = 0xFF;
    for (int shift = 56; shift >= 0; shift -= 8)
        *to++ = (unsigned char)(count >> shift);
    return to;
}

/* As sort -n reads it: blanks, a minus, digits, a point and digits; nothing at all is 0. */
static unsigned char *put_number(unsigned char *to, const unsigned char *bytes, size_t size)
{
    enum { NEGATIVE = 1, ZERO, POSITIVE };
    size_t at = skip_blanks(bytes, size, 0);
    bool negative = at < size && bytes[at] == '-';
    at += negative;
    while (at < size && bytes[at] == '0')
        at++;
    const unsigned char *whole = bytes + at, *fraction = whole;
    size_t whole_size = count_digits(whole, size - at), fraction_size = 0;
    at += whole_size;
    if (at < size && bytes[at] == '.') {
        fraction = bytes + at + 1;
        fraction_size = count_digits(fraction, size - at - 1);
        while (fraction_size > 0 && fraction[fraction_size - 1] == '0')
            fraction_size--;
    }
    if (whole_size == 0 && fraction_size == 0) {
        *to++ = ZERO;
        return to;
    }
    *to++ = negative ? NEGATIVE : POSITIVE;
    unsigned char *start = to;
    to = put_count(to, whole_size);
    memcpy(to, whole, whole_size);
    to += whole_size;
    memcpy(to, fraction, fraction_size);
    to += fraction_size;
    *to++ = 0; /* less than any digit */
    for (unsigned char *p = start; negative && p < to; p++)
        *p = (unsigned char)~*p;
    return to;
}

size_t sort_keys_room(const struct sort_keys *keys, size_t size)
{
    enum { AROUND = 12 }; /* a number's sign, count and end; a text's end */
    return keys->count * (2 * size + AROUND);
}

FOR_BOTH unsigned char *put_keys(const struct sort_keys *keys, bool reverse, unsigned char *to,
                                 const unsigned char *line, size_t size, bool several)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct sort_key *k = &keys->at[i];
        size_t from = key_start(keys, k, line, size, several);
        size_t end = key_end(keys, k, line, size, several);
        unsigned char *start = to;
        size_t n = end > from ? end - from : 0;
        to = k->numeric ? put_number(to, line + from, n) : put_text(to, line + from, n);
        for (unsigned char *p = start; k->reverse != reverse && p < to; p++)
            *p = (unsigned char)~*p;
    }
    return to;
}

unsigned char *sort_keys_put(const struct sort_keys *keys, bool reverse, unsigned char *to,
                             const unsigned char *line, size_t size)
{
    return keys->separator.size > 1 ? put_keys(keys, reverse, to, line, size, true)
                                    : put_keys(keys, reverse, to, line, size, false);
}

/* ---- the argument ----------------------------------------------------------------------- */

/* Reads digits. Returns what stands behind them, or NULL where there are none. */
static const char *read_digits(const char *from, uint64_t *number)
{
    char *end;
    if (*from < '0' || *from > '9')
        return NULL;
    errno = 0;
    *number = strtoull(from, &end, 10); /* too large is as good as the largest */
    return end;
}

/* Reads letters. Returns what stands behind them, or NULL where one is none of a key's. */
static const char *read_letters(const char *from, bool *skip, struct sort_key *key)
{
    for (; *from != '\0' && *from != ','; from++) {
        key->flagged = true;
        switch (*from) {
        case 'b': *skip = true; break;
        case 'n': key->numeric = true; break;
        case 'r': key->reverse = true; break;
        default: return NULL;
        }
    }
    return from;
}

/* Reads FIELD[.CHAR][LETTERS]. Returns what stands behind it, or NULL. */
static const char *read_place(const char *from, uint64_t *field, uint64_t *character,
                              bool *skip, struct sort_key *key)
{
    from = read_digits(from, field);
    if (from != NULL && *from == '.')
        from = read_digits(from + 1, character);
    return from ? read_letters(from, skip, key) : NULL;
}

bool sort_key_read(struct sort_key *key, const char *argument)
{
    *key = (struct sort_key){ .first_char = 1 };
    argument = read_place(argument, &key->first_field, &key->first_char, &key->skip_first, key);
    if (argument == NULL || key->first_field == 0 || key->first_char == 0)
        return false;
    if (*argument == '\0')
        return true;
    argument = read_place(argument + 1, &key->last_field, &key->last_char, &key->skip_last, key);
    return argument != NULL && *argument == '\0' && key->last_field > 0;
}

size_t sort_key_read_name(struct sort_key *key, const char *argument)
{
    const struct sort_key named = { .first_char = 1, .skip_first = true };
    const char *colon = strrchr(argument, ':');
    *key = named;
    if (colon != NULL && colon[1] != '\0') {
        const char *end = read_letters(colon + 1, &key->skip_first, key);
        if (end != NULL && *end == '\0')
            return (size_t)(colon - argument);
        *key = named;
    }
    return strlen(argument);
}

void sort_keys_complete(struct sort_keys *keys, bool numeric, bool reverse)
{
    for (size_t i = 0; i < keys->count; i++) {
        struct sort_key *k = &keys->at[i];
        k->numeric |= !k->flagged && numeric;
        k->reverse |= !k->flagged && reverse;
    }
}

void sort_key_figures(const struct sort_key *key, uint64_t figures[SORT_KEY_FIGURES])
{
    const uint64_t of_key[SORT_KEY_FIGURES] = { key->first_field, key->first_char,
                                                key->last_field, key->last_char,
                                                key->skip_first, key->skip_last,
                                                key->numeric, key->reverse };
    memcpy(figures, of_key, sizeof of_key);
}
