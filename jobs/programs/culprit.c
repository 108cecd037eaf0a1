/* Finding the line that a program dies at. */
#include "culprit.h"

#include <string.h>

enum {
    RECENT_ENOUGH = 5 << 19, /* bytes, of which a half is what a pipe holds at most */
    NEAR = 64 << 10,         /* bytes before its end that are looked at first, */
    FURTHER = 6,             /* and how many times as many next */
    PIECES = 64,             /* that lines are cut into, to see at which of them it fails, */
    ROUNDS = 4               /* and so often again */
};

/* A stretch of lines: where they begin and end. */
struct stretch {
    size_t from, to;
};

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

/* The end of the line that the byte before this place stands in. */
static size_t end_of_line(const unsigned char *lines, size_t at, size_t size)
{
    const unsigned char *end = at < size ? memchr(lines + at - 1, '\n', size - at + 1) : NULL;
    return end ? (size_t)(end - lines) + 1 : size;
}

/* The start of that line. */
static size_t start_of_line(const unsigned char *lines, size_t at)
{
    const unsigned char *end = at > 1 ? memrchr(lines, '\n', at - 1) : NULL;
    return end ? (size_t)(end - lines) + 1 : 0;
}

/* Gives the program the lines before `sure` at once, then pieces of about so many bytes, each when
 * it has read the one before, and then the end of its input. Returns whether it fails, and at which
 * piece or, as that may take a moment, before it; at none where it was at the end. */
static bool fails_within(const char *command, const unsigned char *lines, size_t size, size_t sure,
                         size_t piece, struct mr_context *context, struct stretch *at)
{
    struct exchange x;
    struct exchange_end end;
    int result = exchange_open(&x, command, context, pass_by, true);
    *at = (struct stretch){ 0, 0 };
    x.reporter.quiet = true;
    while (result == 0 && at->to < size && !exchange_is_sated(&x)) {
        at->from = at->to;
        at->to = at->from < sure ? sure : end_of_line(lines, at->from + piece + 1, size);
        result = exchange_feed(&x, lines + at->from, at->to - at->from);
        if (result == 0)
            result = exchange_settle(&x);
    }
    if (result == 0) {
        at->to = 0;
        result = exchange_finish(&x);
    }
    bool failed = result < 0 && exchange_explain(&x, &end);
    exchange_close(&x);
    return failed;
}

/* Looks how few of the first lines it takes that the program fails before its input ends, in
 * pieces, then in pieces of the last two of these; 0: it fails when that ends. Returns whether it
 * fails at all. */
static bool guess(const char *command, const unsigned char *lines, size_t size,
                  struct mr_context *context, size_t *guessed)
{
    struct stretch at;
    size_t sure = 0;
    bool failed = false;
    *guessed = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t piece = (size - sure) / PIECES;
        if (!fails_within(command, lines, size, sure, piece, context, &at))
            break;
        failed = true;
        if (at.to == 0)
            break;
        *guessed = size = at.to;
        if (at.from >= sure && start_of_line(lines, size) == at.from)
            break;
        sure = start_of_line(lines, size > 2 * piece ? size - 2 * piece : 0);
    }
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

/* Narrows lines down to the one that the program fails at. Returns false where there is none. */
static bool narrow(const char *command, const unsigned char *lines, size_t size,
                   struct mr_context *context, struct stretch *line)
{
    size_t middle, guessed;
    if (!guess(command, lines, size, context, &guessed))
        return false;
    if (guessed > 0) {
        *line = (struct stretch){ start_of_line(lines, guessed), guessed };
        if (!fails_at(command, lines, line->from, context))
            return true;
        size = line->from;
    }
    if (size == 0 || fails_at(command, lines, 0, context))
        return false;
    *line = (struct stretch){ 0, size };
    while ((middle = find_middle(lines, line->from, line->to)) < line->to) {
        if (fails_at(command, lines, middle, context))
            line->to = middle;
        else
            line->from = middle;
    }
    return true;
}

/* Whether it is this line that the program fails at when it is given all that comes before, too. */
static bool is_confirmed(const char *command, const unsigned char *lines,
                         const struct stretch *line, struct mr_context *context)
{
    return fails_at(command, lines, line->to, context) &&
           !fails_at(command, lines, line->from, context);
}

/* Looks for the culprit among the last lines first. What is found there may only lack what comes
 * before, as a heading or a record's begin: then all lines are looked at. */
static bool find_near(const char *command, const unsigned char *lines, size_t size,
                      struct mr_context *context, struct stretch *line)
{
    for (size_t near = NEAR; near < size; near *= FURTHER) {
        size_t begin = start_of_line(lines, size - near);
        if (!narrow(command, lines + begin, size - begin, context, line))
            continue;
        bool first = line->from == 0;
        *line = (struct stretch){ begin + line->from, begin + line->to };
        if (!first && is_confirmed(command, lines, line, context))
            return true;
        break;
    }
    return narrow(command, lines, size, context, line);
}

bool culprit_find(const char *command, const struct recent *recent, uint64_t until,
                  struct mr_context *context, uint64_t *offset, uint64_t *size)
{
    const unsigned char *lines = recent->at, *end;
    struct stretch line;
    size_t from = 0, to;
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
    if (from == to || !find_near(command, lines + from, to - from, context, &line))
        return false;
    if (!recent->from_start && line.from == 0) /* it lacks what came before */
        return false;
    *offset = recent->offset + from + line.from;
    *size = line.to - line.from;
    return true;
}
