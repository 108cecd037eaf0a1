/* Errors with context: the text is built once, where the failure is known best. */
#include "base/error.h"

#include "base/message.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { CAUSE = 64 }; /* bytes kept for the cause, however long the names are */

int mr_error_set_list(struct mr_error *err, const char *format, va_list args)
{
    err->code = 0;
    err->final = false;
    err->damaged = 0;
    mr_message_list(err->text, sizeof err->text, format, args);
    return -1;
}

int mr_error_set(struct mr_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mr_error_set_list(err, format, args);
    va_end(args);
    return -1;
}

int mr_error_system(struct mr_error *err, const char *format, ...)
{
    int code = errno;
    va_list args;
    va_start(args, format);
    err->code = code;
    err->final = false;
    err->damaged = 0;
    size_t n = mr_message_list(err->text, sizeof err->text - CAUSE, format, args);
    va_end(args);
    mr_message(err->text + n, sizeof err->text - n, ": %s", strerror(code));
    return -1;
}

int mr_error_prefix(struct mr_error *err, const char *format, ...)
{
    char prefix[1024];
    va_list args;
    va_start(args, format);
    size_t n = mr_message_list(prefix, sizeof prefix - 2, format, args);
    va_end(args);
    prefix[n++] = ':';
    prefix[n++] = ' ';
    /* What does not fit any more is lost from the end, where the details are. */
    size_t room = sizeof err->text - n - 1, length = strlen(err->text);
    if (length > room)
        length = room - mr_utf8_unfinished((unsigned char *)err->text, room);
    memmove(err->text + n, err->text, length);
    memcpy(err->text, prefix, n);
    err->text[n + length] = '\0';
    return -1;
}

void mr_error_suffix(struct mr_error *err, const char *format, ...)
{
    size_t n = strlen(err->text);
    va_list args;
    va_start(args, format);
    mr_message_list(err->text + n, sizeof err->text - n, format, args);
    va_end(args);
}

int mr_error_final(struct mr_error *err)
{
    err->final = true;
    return -1;
}

int mr_error_memory(struct mr_error *err, size_t size, const char *what)
{
    mr_error_set(err, "cannot get %zu bytes of memory for %s; try a smaller --memory, or fewer "
                      "--mappers and --reducers", size, what);
    err->code = ENOMEM; /* not final: other processes end and give theirs back */
    return -1;
}
