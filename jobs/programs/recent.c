/* What a program was fed last. */
#include "recent.h"

#include <stdlib.h>

void recent_begin(struct recent *r, size_t room)
{
    if (r->at == NULL)
        *r = (struct recent){ .at = malloc(room), .room = room };
    if (r->at == NULL)
        r->room = 0;
    r->size = 0;
    r->offset = 0;
    r->from_start = true;
}

void recent_add(struct recent *r, const unsigned char *bytes, size_t size)
{
    size_t left = size < r->room ? r->room - size : 0, half = r->room / 2;
    size_t kept = left < half ? left : half; /* of those before, which leaves room for more */
    if (size > r->room - r->size) {
        kept = kept < r->size ? kept : r->size;
        r->offset += r->size - kept;
        memmove(r->at, r->at + r->size - kept, kept);
        r->size = kept;
        r->from_start = false;
    }
    if (size > r->room) { /* its end alone */
        r->offset += r->size + size - r->room;
        bytes += size - r->room;
        size = r->room;
        r->size = 0;
    }
    if (size > 0)
        memcpy(r->at + r->size, bytes, size);
    r->size += size;
}

bool recent_line(const struct recent *r, uint64_t offset, struct shown_line *line)
{
    if (offset <= r->offset || offset > r->offset + r->size)
        return false;
    const unsigned char *last = r->at + (offset - r->offset) - 1, *end = r->at + r->size;
    const unsigned char *before = memrchr(r->at, '\n', (size_t)(last - r->at));
    if (before == NULL && !r->from_start)
        return false;
    const unsigned char *start = before ? before + 1 : r->at;
    const unsigned char *stop = memchr(start, '\n', (size_t)(end - start));
    shown_line_begin(line, r->offset + (uint64_t)(start - r->at));
    shown_line_add(line, start, (size_t)((stop ? stop : end) - start));
    return true;
}

void recent_free(struct recent *r)
{
    free(r->at);
    *r = (struct recent){ 0 };
}
