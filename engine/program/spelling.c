/*
 * The edit distance: by the table of the distances of all beginnings of the one name to all of the
 * other, of which three rows are needed at a time:
 *
 *           t  o  p
 *        0  1  2  3
 *     t  1  0  1  2        from "tp" to "to": a letter is changed
 *     p  2  1  1  1
 *     o  3  2  1  1        from "tpo" to "top": two letters are swapped
 */
#include "program/spelling.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_same(char a, char b)
{
    return strncasecmp(&a, &b, 1) == 0;
}

size_t mr_spelling_distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1], n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1,
                           last[j - 1] + !is_same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
                is_same(a[i - 2], b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

int mr_spelling_is_near(const char *given, const char *name)
{
    size_t longer = strlen(given) > strlen(name) ? strlen(given) : strlen(name);
    return mr_spelling_distance(given, name) <= (longer < 4 ? 1 : longer < 9 ? 2 : 3);
}
