/* Which fields are chosen. */
#include "selection.h"

#include "out_of_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer takes names for lost that the selection keeps. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

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

size_t spans_settle(struct span *spans, size_t count)
{
    size_t n = 0;
    qsort(spans, count, sizeof *spans, by_first);
    for (size_t i = 0; i < count; i++) {
        if (n > 0 && spans[i].first - 1 <= spans[n - 1].last) {
            if (spans[i].last > spans[n - 1].last)
                spans[n - 1].last = spans[i].last;
        } else {
            spans[n++] = spans[i];
        }
    }
    spans[n] = (struct span){ SPAN_END, SPAN_END };
    return n;
}

struct chosen spans_chosen(const struct span *spans, size_t count)
{
    struct chosen chosen = { spans, count, 0 };
    if (count > 0) {
        const struct span *last = spans + count - 1;
        chosen.needed = last->last == SPAN_END ? last->first : last->last;
    }
    return chosen;
}

static size_t count_items(const char *list)
{
    size_t n = 1;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

/* Takes a name out of its quotes; a doubled one in it is one. Returns where it ends, or NULL. */
static const char *unquote(const char *text, char *to)
{
    for (text++; *text != '"' || *++text == '"'; *to++ = *text++)
        if (*text == '\0')
            return NULL;
    *to = '\0';
    return *text == ',' || *text == '\0' ? text : NULL;
}

const char *selection_item(const char *list, bool names, const char *option, char *item,
                           struct mr_error *err)
{
    if (names && *list == '"') {
        const char *end = unquote(list, item);
        if (end == NULL)
            (void)mr_error_set(err, "a name in %s that begins with a quote does not end with one: "
                                    "'%s'", option, list);
        return end;
    }
    size_t size = strcspn(list, ",");
    memcpy(item, list, size);
    item[size] = '\0';
    return list + size;
}

static int add_item(struct selection *s, char *item, bool quoted, bool names, struct mr_error *err)
{
    if (!quoted && read_span(item, &s->spans[s->count])) {
        s->count++;
        return 0;
    }
    if (!names || (!quoted && *item == '\0'))
        return mr_error_set(err, "'%s' is no field for -f: a number from 1 on, a range of them "
                                 "such as 2-4, 3- or -2, or with --header a name", item);
    char *name = strdup(item);
    if (name == NULL)
        return out_of_memory(err, "the list of fields");
    s->names[s->name_count++] = name;
    return 0;
}

int selection_read(struct selection *s, const char *list, bool names, struct mr_error *err)
{
    size_t items = count_items(list);
    char *item = malloc(strlen(list) + 1);
    s->spans = calloc(items + 1, sizeof *s->spans);
    s->names = calloc(items, sizeof *s->names);
    if (item == NULL || s->spans == NULL || s->names == NULL) {
        free(item);
        return out_of_memory(err, "the list of fields");
    }
    int result = 0;
    while (result == 0 && list != NULL) {
        const char *end = selection_item(list, names, "-f", item, err);
        result = end ? add_item(s, item, names && *list == '"', names, err) : -1;
        list = end && *end == ',' ? end + 1 : NULL;
    }
    free(item);
    if (result == 0)
        s->count = spans_settle(s->spans, s->count);
    return result;
}

void selection_free(struct selection *s)
{
    for (size_t i = 0; i < s->name_count; i++)
        free(s->names[i]);
    free(s->names);
    free(s->spans);
    *s = (struct selection){ 0 };
}
