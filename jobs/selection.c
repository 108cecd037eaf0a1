/* Which fields are chosen. */
#include "selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number at *text, which goes behind it. Returns false where there is none. */
static bool number(const char **text, uint64_t *value)
{
    char *end;
    errno = 0;
    if (**text < '0' || **text > '9')
        return false;
    *value = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0 && *value > 0 && *value < SPAN_END;
}

/* Reads N, N-, N-M or -M. */
static bool read_span(const char *text, struct span *span)
{
    *span = (struct span){ 1, SPAN_END };
    bool from = *text != '-';
    if (from && !number(&text, &span->first))
        return false;
    if (*text == '\0') {
        span->last = span->first;
        return true;
    }
    if (*text++ != '-')
        return false;
    bool to = *text != '\0';
    return (from || to) && (!to || number(&text, &span->last)) && *text == '\0' &&
           span->first <= span->last;
}

static int by_first(const void *a, const void *b)
{
    uint64_t x = ((const struct span *)a)->first, y = ((const struct span *)b)->first;
    return (x > y) - (x < y);
}

/* Puts the spans in order, makes one of those that overlap, and ends them. */
static void settle(struct selection *s)
{
    size_t n = 0;
    qsort(s->spans, s->count, sizeof *s->spans, by_first);
    for (size_t i = 0; i < s->count; i++) {
        struct span next = s->spans[i];
        if (n > 0 && next.first - 1 <= s->spans[n - 1].last) {
            if (next.last > s->spans[n - 1].last)
                s->spans[n - 1].last = next.last;
        } else {
            s->spans[n++] = next;
        }
    }
    s->count = n;
    s->spans[n] = (struct span){ SPAN_END, SPAN_END };
    s->needed = s->spans[n - 1].last == SPAN_END ? s->spans[n - 1].first : s->spans[n - 1].last;
}

static size_t count_items(const char *list)
{
    size_t n = 1;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

int selection_read(struct selection *s, const char *list, struct mr_error *err)
{
    selection_free(s);
    char *copy = strdup(list), *next = copy, *item;
    s->spans = calloc(count_items(list) + 1, sizeof *s->spans);
    if (copy == NULL || s->spans == NULL) {
        free(copy);
        err->code = ENOMEM;
        return mr_error_set(err, "cannot get memory for the list of fields");
    }
    int result = 0;
    while (result == 0 && (item = strsep(&next, ",")) != NULL)
        if (!read_span(item, &s->spans[s->count++]))
            result = mr_error_set(err, "'%s' is no field for -f: a number from 1 on, or a range of "
                                       "them such as 2-4, 3- or -2", item);
    free(copy);
    if (result == 0)
        settle(s);
    return result;
}

void selection_free(struct selection *s)
{
    free(s->spans);
    *s = (struct selection){ 0 };
}
