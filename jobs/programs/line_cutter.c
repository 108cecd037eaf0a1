/* Cutting lines in a buffer. */
#include "line_cutter.h"

#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

int line_cutter_init(struct line_cutter *l, size_t room,
                     int (*take)(void *arg, const unsigned char *bytes, size_t size,
                                 enum mr_part part),
                     void *arg)
{
    *l = (struct line_cutter){ .at = malloc(room + MR_CHUNK_PAD), .room = room, .take = take,
                               .arg = arg };
    return l->at ? 0 : -1;
}

void line_cutter_free(struct line_cutter *l)
{
    free(l->at);
    l->at = NULL;
}

unsigned char *line_cutter_room(const struct line_cutter *l, size_t *size)
{
    *size = l->room - l->fill;
    return l->at + l->fill;
}

static int take_line(struct line_cutter *l, const unsigned char *bytes, size_t size)
{
    enum mr_part part = l->inside ? MR_LAST : MR_WHOLE;
    l->inside = false;
    return l->take(l->arg, bytes, size, part);
}

/* A buffer full of one line is handed over as a part of it, but for a character that is cut. */
static int take_part(struct line_cutter *l)
{
    enum mr_part part = l->inside ? MR_MIDDLE : MR_FIRST;
    size_t left = utf8_unfinished(l->at, l->room), size = l->room - left;
    if (l->take(l->arg, l->at, size, part) < 0)
        return -1;
    l->inside = true;
    l->fill = left;
    memmove(l->at, l->at + size, left);
    return 0;
}

/* The end of the line that is handed over next, of the bytes from look to to; or of several. */
static const unsigned char *find_end(const struct line_cutter *l, const unsigned char *look,
                                     const unsigned char *to)
{
    size_t size = (size_t)(to - look);
    return l->together && !l->inside ? memrchr(look, '\n', size) : memchr(look, '\n', size);
}

int line_cutter_add(struct line_cutter *l, size_t size)
{
    /* What was there before has no end of a line in it. */
    const unsigned char *line = l->at, *look = l->at + l->fill, *end, *to = look + size;
    while ((end = find_end(l, look, to)) != NULL) {
        if (take_line(l, line, (size_t)(end - line)) < 0)
            return -1;
        line = look = end + 1;
    }
    l->fill = (size_t)(to - line);
    if (line != l->at)
        memmove(l->at, line, l->fill);
    return l->fill == l->room ? take_part(l) : 0;
}

int line_cutter_end(struct line_cutter *l)
{
    size_t size = l->fill;
    l->fill = 0;
    return size > 0 || l->inside ? take_line(l, l->at, size) : 0;
}
