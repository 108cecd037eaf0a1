/* Searching lines, many at once where the expression allows. */
#include "line_search.h"

#include <string.h>

/* Whether a pattern is local, as far as can be told without parsing it: see line_search.h. */
static bool is_local(const char *p)
{
    bool quantified = false;
    for (; *p != '\0'; p++) {
        if (*p == '(' && (p[1] == '?' || p[1] == '*'))
            return false;
        if (*p == '+' && quantified)
            return false;
        quantified = strchr("*+?}", *p) != NULL;
        if (*p == '\\' && (p[1] == '\0' || strchr("AzZGKRXQE", p[1]) != NULL))
            return false;
        p += *p == '\\';
    }
    return true;
}

int line_search_ready(struct line_search *s, struct mr_error *err)
{
    s->expression.line_end = '\n';
    s->local = s->expression.literal || is_local(s->expression.pattern);
    return expression_ready(&s->expression, err);
}

enum { NONE, MAY_MATCH, MATCHES };

/* Moves *at to the next line that may match, as none before it does. Returns whether there is one
 * and what is known of it, or -1. */
static int skip_lines(const struct line_search *s, const struct mr_chunk *chunk,
                      struct mr_context *out, size_t *at)
{
    struct found f;
    size_t next = *at;
    if (*at == chunk->size)
        return NONE;
    if (!s->local || s->invert)
        return MAY_MATCH;
    int found = expression_next(&s->expression, out, chunk->data, chunk->size, &next, &f);
    if (found <= 0)
        return found;
    if (f.from == chunk->size && chunk->data[f.from - 1] == '\n') /* behind the last line */
        return NONE;
    const unsigned char *before = memrchr(chunk->data + *at, '\n', f.from - *at);
    *at = before ? (size_t)(before - chunk->data) + 1 : *at;
    return memchr(chunk->data + f.from, '\n', f.to - f.from) == NULL ? MATCHES : MAY_MATCH;
}

int line_search_next(const struct line_search *s, const struct mr_chunk *chunk,
                     struct mr_context *out, size_t *at, const unsigned char **line, size_t *size)
{
    struct found f;
    int more;
    while ((more = skip_lines(s, chunk, out, at)) > 0 && mr_line_next(chunk, at, line, size)) {
        size_t start = 0;
        int found = more == MATCHES
                        ? 1
                        : expression_next(&s->expression, out, *line, *size, &start, &f);
        if (found < 0)
            return -1;
        if (!found == s->invert)
            return 1;
    }
    return more < 0 ? -1 : 0;
}
