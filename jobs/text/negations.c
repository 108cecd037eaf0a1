/* Negated escapes to classes: one pass over the pattern, which knows escapes, classes and groups.
 * Comments, \Q...\E and names of verbs may look like any of them; they are not understood. */
#include "negations.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static bool is_negation(const char *escape)
{
    return escape[1] != '\0' && strchr("DSW", escape[1]) != NULL;
}

static bool has_negations(const char *p)
{
    for (; *p != '\0'; p += *p == '\\' && p[1] != '\0' ? 2 : 1)
        if (*p == '\\' && is_negation(p))
            return true;
    return false;
}

/* How many bytes an escape has, as far as they could be taken for something else; 0: unknown. */
static size_t escape_size(const char *escape)
{
    if (escape[1] == '\0' || escape[1] == 'Q' || escape[1] == 'E')
        return 0;
    return escape[1] == 'c' && escape[2] != '\0' ? 3 : 2;
}

/* How many bytes a class has, such as [^]\W[:alpha:]]; 0: unknown. */
static size_t class_size(const char *class)
{
    const char *p = class + 1;
    p += *p == '^';
    p += *p == ']';
    while (*p != ']') {
        size_t size = 1;
        if (*p == '\0' || (*p == '\\' && (size = escape_size(p)) == 0))
            return 0;
        if (p[0] == '[' && p[1] == ':') {
            size_t name = strspn(p + 2, "^abcdefghijklmnopqrstuvwxyz");
            size = p[2 + name] == ':' && p[3 + name] == ']' ? name + 4 : 1;
        }
        p += size;
    }
    return (size_t)(p + 1 - class);
}

/* Whether what stands behind a parenthesis has only text of the pattern behind it: no comment, no
 * callout, no name of a verb (*MARK:name), and no option x, by which comments begin at #. */
static bool is_known_group(const char *behind)
{
    const char *p = behind + 1;
    if (*behind == '*') {
        while (isalnum((unsigned char)*p) || *p == '_' || *p == '=')
            p++;
        return *p == ')';
    }
    if (*behind != '?')
        return true;
    if (*p == '#' || *p == 'C')
        return false;
    size_t options = strspn(p, "^-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    bool ended = p[options] == ')' || p[options] == ':';
    return !ended || memchr(p, 'x', options) == NULL;
}

/* How many bytes at p are to be copied as they are; 0: unknown. */
static size_t part_size(const char *p)
{
    if (*p == '\\')
        return escape_size(p);
    if (*p == '[')
        return class_size(p);
    return *p != '(' || is_known_group(p + 1) ? 1 : 0;
}

bool negations_to_classes(const char *pattern, char *to)
{
    if (!has_negations(pattern)) {
        memcpy(to, pattern, strlen(pattern) + 1);
        return true;
    }
    for (const char *p = pattern; *p != '\0';) {
        if (*p == '\\' && is_negation(p)) {
            const char class[] = { '[', '^', '\\', (char)(p[1] - 'A' + 'a'), ']' };
            memcpy(to, class, sizeof class);
            to += sizeof class;
            p += 2;
            continue;
        }
        size_t size = part_size(p);
        if (size == 0)
            return false;
        memcpy(to, p, size);
        to += size;
        p += size;
    }
    *to = '\0';
    return true;
}
