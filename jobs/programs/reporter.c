/* What programs say on standard error. */
#include "reporter.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const char counter[] = "reporter:counter:", status[] = "reporter:status:";

enum { LINE_MOST = 512, LOOK_MS = 1000 };

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* Cuts white space off both ends. */
static char *trim(char *text)
{
    static const char white[] = " \t\r\v\f";
    size_t size;
    text += strspn(text, white);
    for (size = strlen(text); size > 0 && strchr(white, text[size - 1]) != NULL; size--)
        ;
    text[size] = '\0';
    return text;
}

/* Counts by "group,name,amount". Returns false where it is none. */
static bool count(const struct reporter *r, char *text)
{
    char *end, *amount = strrchr(text = trim(text), ',');
    if (amount == NULL || amount == text || strchr(text, ',') == amount ||
        strchr(strchr(text, ',') + 1, ',') != amount)
        return false;
    *amount++ = '\0';
    errno = 0;
    unsigned long long n = strtoull(amount, &end, 10);
    if (*amount < '0' || *amount > '9' || *end != '\0' || errno != 0 ||
        strlen(text) >= MR_COUNTER_NAME) {
        return false;
    }
    mr_count(r->context, text, n);
    return true;
}

bool reporter_understands(const struct reporter *r, const unsigned char *bytes, size_t size)
{
    char line[LINE_MOST];
    if (size >= sizeof line || memchr(bytes, '\0', size) != NULL)
        return false;
    memcpy(line, bytes, size);
    line[size] = '\0';
    return begins(line, status) || (begins(line, counter) && count(r, line + sizeof counter - 1));
}

/* Whether a line that says how far the run is may stand where this one is to be. */
static bool stands_on_terminal(void)
{
    const char *terminal = getenv("TERM");
    return terminal && *terminal && strcmp(terminal, "dumb") != 0 && isatty(STDERR_FILENO);
}

/* Writes to our standard error, however long that must wait for its reader. One that is gone, and
 * a disk that is full, harm nobody. */
static void pass_on(const struct reporter *r, const unsigned char *bytes, size_t size,
                    enum mr_part part)
{
    char clear[] = "\r\033[J", end[] = "\n";
    bool begun = part == MR_WHOLE || part == MR_FIRST, ended = part == MR_WHOLE || part == MR_LAST;
    size_t cleared = begun && stands_on_terminal() ? sizeof clear - 1 : 0;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): read only, but the member is not const */
    struct iovec parts[] = { { clear, cleared }, { (void *)(uintptr_t)bytes, size }, { end, 1 } };
    struct pollfd fd = { STDERR_FILENO, POLLOUT, 0 };
    while (poll(&fd, 1, LOOK_MS) == 0)
        mr_progress(r->context);
    while (writev(STDERR_FILENO, parts, ended ? 3 : 2) < 0 && errno == EINTR)
        ;
}

static void keep(struct reporter *r, const unsigned char *bytes, size_t size)
{
    char *line = r->lines[r->passed_on++ % REPORTER_LINES];
    size_t kept = size < REPORTER_KEPT ? size : REPORTER_KEPT;
    memcpy(line, bytes, kept);
    for (char *zero; (zero = memchr(line, '\0', kept)) != NULL;)
        *zero = ' ';
    line[kept] = '\0';
}

int reporter_take(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    struct reporter *r = arg;
    if (r->quiet)
        return 0;
    if (part == MR_WHOLE && reporter_understands(r, bytes, size))
        return 0;
    pass_on(r, bytes, size, part);
    if (part == MR_WHOLE || part == MR_FIRST)
        keep(r, bytes, size);
    return 0;
}

void reporter_last_lines(const struct reporter *r, char *text, size_t room)
{
    unsigned first = r->passed_on < REPORTER_LINES ? 0 : r->passed_on - REPORTER_LINES;
    size_t at = 0;
    text[0] = '\0';
    for (unsigned i = first; i < r->passed_on; i++) {
        size_t left = room - at;
        int n = snprintf(text + at, left, "%s%s", i == first ? "" : " | ",
                         r->lines[i % REPORTER_LINES]);
        if (n < 0 || (size_t)n >= left)
            return;
        at += (size_t)n;
    }
}
