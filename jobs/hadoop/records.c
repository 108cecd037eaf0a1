/* Lines to lines. */
#include "records.h"

#include <string.h>

size_t records_room(const struct records *r, size_t size)
{
    size_t separator = r->fields > 0 ? strlen(r->written) : 0;
    return (size + 1) * (separator + 1) + r->separator.size;
}

static char *put(char *to, const void *bytes, size_t size)
{
    memcpy(to, bytes, size);
    return to + size;
}

/* A part of a line, without its end. */
static char *put_part(struct records *r, const char *at, const char *end, char *to)
{
    const struct separator *s = &r->separator;
    r->inside = r->inside || at < end;
    while (r->seen < r->fields && at < end) {
        size_t held = r->held, before;
        bool found = separator_look(s, &r->held, (const unsigned char *)at, (size_t)(end - at),
                                    &before);
        size_t first = before < held ? before : held;
        to = put(put(to, s->at, first), at, before - first);
        if (!found)
            return to;
        to = ++r->seen == r->fields ? put(to, r->written, strlen(r->written))
                                    : put(to, s->at, s->size);
        at += before + s->size - held;
    }
    return put(to, at, (size_t)(end - at));
}

static char *put_end(struct records *r, char *to)
{
    if (r->seen < r->fields) {
        to = put(to, r->separator.at, r->held);
        to = put(to, r->written, strlen(r->written));
    }
    *to++ = '\n';
    r->seen = r->held = 0;
    r->inside = false;
    r->lines++;
    return to;
}

/* Lines that end at CR, and what follows the last. */
static char *put_stretch(struct records *r, const char *at, const char *end, char *to)
{
    const char *cr;
    while (!r->lf_only && at < end && (cr = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        to = put_end(r, put_part(r, at, cr, to));
        at = cr + 1;
        r->after_cr = at == end;
    }
    return put_part(r, at, end, to);
}

size_t records_convert(struct records *r, const char *bytes, size_t size, char *to)
{
    const char *at = bytes, *end = bytes + size, *lf;
    char *start = to;
    while (at < end) {
        lf = memchr(at, '\n', (size_t)(end - at));
        const char *stop = lf ? lf : end;
        if (at < stop)
            r->after_cr = false;
        to = put_stretch(r, at, stop, to);
        if (lf != NULL && !r->after_cr)
            to = put_end(r, to);
        if (lf != NULL)
            r->after_cr = false;
        at = stop + (lf != NULL);
    }
    return (size_t)(to - start);
}

size_t records_end(struct records *r, char *to)
{
    return r->inside ? (size_t)(put_end(r, to) - to) : 0;
}
