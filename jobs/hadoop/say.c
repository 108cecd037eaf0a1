/* Standard error. */
#include "say.h"

#include <stdio.h>
#include <time.h>

void say_plain(const char *text)
{
    fprintf(stderr, "%s\n", text);
}

void say_bytes(const char *bytes, size_t size)
{
    (void)fwrite(bytes, 1, size, stderr);
}

void say_log(const char *level, const char *logger, const char *text)
{
    char now[32] = "";
    time_t seconds = time(NULL);
    struct tm tm;
    if (localtime_r(&seconds, &tm) != NULL)
        strftime(now, sizeof now, "%y/%m/%d %H:%M:%S", &tm);
    fprintf(stderr, "%s %s %s: %s\n", now, level, logger, text);
}

void say_failure(const char *name, const struct mr_error *err)
{
    fprintf(stderr, "%s: %s\n", name, err->text);
}
