/* Standard error. */
#include "say.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void say_plain(const char *text)
{
    fprintf(stderr, "%s\n", text);
}

void say_bytes(const char *bytes, size_t size)
{
    (void)fwrite(bytes, 1, size, stderr);
}

/* A line of a log: behind tabs it is printable, whatever bytes names have. */
static void put_line(const char *line, size_t size)
{
    struct mr_error printable = { 0 };
    size_t tabs = strspn(line, "\t");
    tabs = tabs < size ? tabs : size;
    (void)mr_error_set(&printable, "%.*s", (int)(size - tabs), line + tabs);
    fprintf(stderr, "%.*s%s\n", (int)tabs, line, printable.text);
}

void say_log(const char *level, const char *logger, const char *text)
{
    char now[32] = "";
    time_t seconds = time(NULL);
    struct tm tm;
    if (localtime_r(&seconds, &tm) != NULL)
        strftime(now, sizeof now, "%y/%m/%d %H:%M:%S", &tm);
    fprintf(stderr, "%s %s %s: ", now, level, logger);
    for (size_t size; (size = strcspn(text, "\n"), text[size] != '\0'); text += size + 1)
        put_line(text, size);
    put_line(text, strlen(text));
}

void say_failure(const char *name, const struct mr_error *err)
{
    fprintf(stderr, "%s: %s\n", name, err->text);
}
