/* Standard error of a program. */
#include "stderr_lines.h"

#include "heartbeat.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What cannot be written there is lost, and nothing else. */
static void append(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
}

/* Whether a line is for Hadoop, and was understood. */
static bool understand(struct stderr_lines *e)
{
    static const char counter[] = "counter:", status[] = "status:";
    char copy[ERROR_LINE];
    const char *text = e->line + strlen(e->prefix);
    if (!text_begins(e->line, e->prefix))
        return false;
    if (text_begins(text, status))
        return true;
    if (!text_begins(text, counter))
        return false;
    /* One that is none is logged as it was. */
    snprintf(copy, sizeof copy, "%s", text + strlen(counter));
    return counters_understand(&e->counters, copy);
}

static void take_line(struct stderr_lines *e, bool ended)
{
    size_t size = e->fill;
    e->line[size] = '\0';
    e->fill = 0;
    heartbeat_send(&e->heartbeat);
    if (ended && strlen(e->line) == size && understand(e))
        return;
    append(e->log, e->line, size);
    if (ended)
        append(e->log, "\n", 1);
}

static void keep_part(struct stderr_lines *e, const char *bytes, size_t size)
{
    while (size > 0) {
        size_t room = sizeof e->line - 1 - e->fill, part = size < room ? size : room;
        memcpy(e->line + e->fill, bytes, part);
        e->fill += part;
        bytes += part;
        size -= part;
        if (size > 0)
            take_line(e, false);
    }
}

void stderr_lines_take(struct stderr_lines *e, const char *bytes, size_t size)
{
    const char *lf;
    while (size > 0 && (lf = memchr(bytes, '\n', size)) != NULL) {
        size_t part = (size_t)(lf - bytes);
        keep_part(e, bytes, part);
        take_line(e, true);
        bytes += part + 1;
        size -= part + 1;
    }
    keep_part(e, bytes, size);
}

void stderr_lines_end(struct stderr_lines *e)
{
    if (e->fill > 0)
        take_line(e, true);
}
