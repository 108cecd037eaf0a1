/* Finding the line that a program dies at. */
#include "culprit.h"

#include <string.h>

enum { RECENT_ENOUGH = 5 << 19 }; /* bytes, of which a half is what a pipe holds at most */

void culprit_begin(struct exchange *x, struct recent *recent, size_t room)
{
    recent_begin(recent, room < RECENT_ENOUGH ? room : RECENT_ENOUGH);
    if (recent->room < RECENT_ENOUGH)
        exchange_limit(x, recent->room / 2);
}

int culprit_feed(struct exchange *x, struct recent *recent, const unsigned char *bytes, size_t size)
{
    size_t piece = recent->room / 4, n;
    for (; size > 0; bytes += n, size -= n) {
        n = size < piece || piece == 0 ? size : piece;
        if (recent->room > 0 && !exchange_is_sated(x))
            recent_add(recent, bytes, n);
        if (exchange_feed(x, bytes, n) < 0)
            return -1;
    }
    return 0;
}

static int pass_by(void *context, const unsigned char *bytes, size_t size, enum mr_part part)
{
    (void)context;
    (void)bytes;
    (void)size;
    (void)part;
    return 0;
}

/* Whether the program fails when it is given these lines alone. */
static bool fails_at(const char *command, const unsigned char *lines, size_t size,
                     struct mr_context *context)
{
    struct exchange x;
    struct exchange_end end;
    bool failed = false;
    if (exchange_open(&x, command, context, pass_by, true) == 0) {
        x.reporter.quiet = true;
        failed = exchange_feed(&x, lines, size) < 0 || exchange_finish(&x) < 0;
        failed = failed && exchange_explain(&x, &end);
    }
    exchange_close(&x);
    return failed;
}

/* A place between two of the lines from byte `from` to byte `to`, about in the midst of them; `to`
 * where it is one line. */
static size_t find_middle(const unsigned char *lines, size_t from, size_t to)
{
    size_t half = from + (to - from) / 2;
    const unsigned char *end = memchr(lines + half, '\n', to - half);
    size_t middle = end ? (size_t)(end - lines) + 1 : to;
    if (middle < to)
        return middle;
    end = memrchr(lines + from, '\n', half - from);
    return end ? (size_t)(end - lines) + 1 : to;
}

bool culprit_find(const char *command, const struct recent *recent, uint64_t until,
                  struct mr_context *context, uint64_t *offset, uint64_t *size)
{
    const unsigned char *lines = recent->at, *end;
    size_t from = 0, to, middle;
    if (until <= recent->offset || until > recent->offset + recent->size)
        return false;
    to = (size_t)(until - recent->offset);
    if (lines[to - 1] != '\n' &&
        (end = memchr(lines + to, '\n', recent->size - to)) != NULL)
        to = (size_t)(end - lines) + 1; /* it may have been the whole line that it died at */
    else if (lines[to - 1] != '\n')
        to = recent->size;
    if (!recent->from_start) {
        if ((end = memchr(lines, '\n', to)) == NULL)
            return false;
        from = (size_t)(end - lines) + 1;
    }
    size_t start = from;
    if (from == to || !fails_at(command, lines + start, to - start, context) ||
        fails_at(command, lines + start, 0, context))
        return false;
    while ((middle = find_middle(lines, from, to)) < to) {
        if (fails_at(command, lines + start, middle - start, context))
            to = middle;
        else
            from = middle;
    }
    *offset = recent->offset + from;
    *size = to - from;
    return true;
}
