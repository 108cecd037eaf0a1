/*
 * Messages, character by character: what could harm a terminal or make a second line of one
 * becomes an escape.
 *
 *     in a name       in other text     shown as
 *     LF, TAB ...     the same          \n, \t ...
 *     ESC             the same          \033
 *     \xFF            the same          \377           a byte that is not UTF-8
 *     U+202E          the same          \342\200\256   all of its bytes: it turns the line around
 *     \ and '         themselves        \\ and \'
 *
 * Other text may be a message, or a part of one, already: that stays as it is.
 */
#include "base/message.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

enum {
    ESCAPE = 4,                /* characters of \nnn */
    SHOWN_MAX = 4 * ESCAPE,    /* of the longest UTF-8 sequence, escaped */
    NAME_MAX_SHOWN = 400,      /* of a name: with this, cause and way out have room */
    NAME_HALF = NAME_MAX_SHOWN / 2,
    NUMBER = 400               /* and of a number: the largest double has 309 digits */
};

struct line {
    char *to;
    size_t room, size;
    bool full;
    va_list args;
};

/* Puts all n bytes, or, once there is no room for them, nothing any more. */
static void put(struct line *l, const char *bytes, size_t n)
{
    l->full |= l->room - l->size <= n;
    if (l->full)
        return;
    memcpy(l->to + l->size, bytes, n);
    l->size += n;
}

/* A terminal shows it and does nothing else. */
static bool is_printable(ucs4_t c)
{
    return !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf |
                                                    UC_CATEGORY_MASK_Cs | UC_CATEGORY_MASK_Cn |
                                                    UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

/* Writes how the first character of bytes is shown, and how long that is. Returns the bytes
 * that it has. */
static size_t show(const char *bytes, size_t size, bool name, char shown[SHOWN_MAX + 1],
                   size_t *length)
{
    static const char letters[] = "\aa\bb\ff\nn\rr\tt\vv";
    ucs4_t c;
    int valid = u8_mbtoucr(&c, (const uint8_t *)bytes, size);
    size_t taken = valid > 0 ? (size_t)valid : 1;
    const char *letter = *bytes ? strchr(letters, *bytes) : NULL;
    *length = 0;
    if (valid == 1 && *bytes < ' ' && letter) {
        *length = (size_t)snprintf(shown, SHOWN_MAX + 1, "\\%c", letter[1]);
    } else if (valid == 1 && name && (*bytes == '\\' || *bytes == '\'')) {
        *length = (size_t)snprintf(shown, SHOWN_MAX + 1, "\\%c", *bytes);
    } else if (valid > 0 && is_printable(c)) {
        memcpy(shown, bytes, taken);
        *length = taken;
    } else {
        for (size_t i = 0; i < taken; i++, *length += ESCAPE)
            snprintf(shown + *length, ESCAPE + 1, "\\%03o", (unsigned char)bytes[i]);
    }
    return taken;
}

static size_t shown_size(const char *bytes, size_t size, bool name)
{
    char shown[SHOWN_MAX + 1];
    size_t all = 0, length;
    for (size_t i = 0; i < size; all += length)
        i += show(bytes + i, size - i, name, shown, &length);
    return all;
}

static void put_text(struct line *l, const char *bytes, size_t size)
{
    char shown[SHOWN_MAX + 1];
    size_t length;
    for (size_t i = 0; i < size && !l->full;) {
        i += show(bytes + i, size - i, false, shown, &length);
        put(l, shown, length);
    }
}

static void put_name(struct line *l, const char *bytes, size_t size)
{
    char shown[SHOWN_MAX + 1];
    size_t all = shown_size(bytes, size, true), length;
    bool whole = all <= NAME_MAX_SHOWN, marked = false;
    for (size_t i = 0, done = 0; i < size; done += length) {
        i += show(bytes + i, size - i, true, shown, &length);
        if (whole || done + length <= NAME_HALF || all - done <= NAME_HALF) {
            put(l, shown, length);
        } else if (!marked) {
            put(l, "'...'", 5);
            marked = true;
        }
    }
}

static void put_string(struct line *l, const char *spec, bool name)
{
    const char *dot = strchr(spec, '.');
    size_t most = SIZE_MAX;
    if (dot != NULL) {
        int given = dot[1] == '*' ? va_arg(l->args, int) : (int)strtol(dot + 1, NULL, 10);
        most = given < 0 ? SIZE_MAX : (size_t)given;
    }
    const char *string = va_arg(l->args, const char *);
    size_t size = strnlen(string, most);
    if (name)
        put_name(l, string, size);
    else
        put_text(l, string, size);
}

static void put_number(struct line *l, const char *spec, char kind)
{
    char text[NUMBER];
    /* NOLINTBEGIN(bugprone-branch-clone): the types differ */
    if (kind == 'f')
        snprintf(text, sizeof text, spec, va_arg(l->args, double));
    else if (strstr(spec, "ll"))
        snprintf(text, sizeof text, spec, va_arg(l->args, unsigned long long));
    else if (strchr(spec, 'l'))
        snprintf(text, sizeof text, spec, va_arg(l->args, unsigned long));
    else if (strchr(spec, 'z'))
        snprintf(text, sizeof text, spec, va_arg(l->args, size_t));
    else
        snprintf(text, sizeof text, spec, va_arg(l->args, unsigned));
    /* NOLINTEND(bugprone-branch-clone) */
    put_text(l, text, strlen(text));
}

/* Puts what one conversion, such as %s or %.3f, stands for. Returns what follows it. */
static const char *convert(struct line *l, const char *at, bool name)
{
    char spec[16];
    size_t size = strcspn(at + 1, "diuxocsf%") + 2;
    if (size >= sizeof spec || at[size - 1] == '\0')
        return at + strlen(at); /* none that is known: what follows cannot be told either */
    memcpy(spec, at, size);
    spec[size] = '\0';
    char kind = spec[size - 1];
    if (kind == '%')
        put(l, "%", 1);
    else if (kind == 's')
        put_string(l, spec, name);
    else
        put_number(l, spec, kind);
    return at + size;
}

size_t mr_message_list(char *to, size_t room, const char *format, va_list args)
{
    struct line l = { .to = to, .room = room };
    bool name = false;
    if (room == 0)
        return 0;
    va_copy(l.args, args);
    while (*format != '\0') {
        size_t plain = strcspn(format, "%");
        /* A name begins with a conversion behind a quote, and ends at the next quote, which
         * begins no other. */
        for (size_t i = 0; i < plain; i++)
            if (format[i] == '\'' && (name || i + 1 == plain))
                name = !name;
        put_text(&l, format, plain);
        format += plain;
        if (*format == '%')
            format = convert(&l, format, name);
    }
    va_end(l.args);
    to[l.size] = '\0';
    return l.size;
}

size_t mr_message(char *to, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t size = mr_message_list(to, room, format, args);
    va_end(args);
    return size;
}
