/*
 * Messages: printf for people, into one printable line of valid UTF-8, whatever is in the names.
 *
 *     mr_message(to, room, "cannot open '%s': %s", "it's\n\xFF", strerror(ENOENT))
 *
 * leaves  cannot open 'it\'s\n\377': No such file or directory.  What the format has in quotes is
 * a name: it is shown so that no two names look alike, and bash takes it back when a $ is put
 * before it ($'it\'s\n\377'). A very long one loses its middle: 'aaa'...'zzz'.
 */
#ifndef MR_BASE_MESSAGE_H
#define MR_BASE_MESSAGE_H

#include <stdarg.h>
#include <stddef.h>

/* Formats like snprintf, with conversions %d %i %u %x %o %c %s %f and %%, lengths l, ll and z.
 * Returns the message's length; what does not fit in room is left out at the end. */
size_t mr_message(char *to, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t mr_message_list(char *to, size_t room, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
