/* Options in messages become fields. */
#include "control/config_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "mr_config."

/* What messages of the engine name, and the fields that are called otherwise than with _ for -. */
static const struct {
    const char *option, *field;
} names[] = {
    { "inputs", NULL }, { "input-count", NULL }, { "recursive", NULL }, { "all", NULL },
    { "force-bytes", NULL }, { "encoding", NULL }, { "mappers", NULL }, { "reducers", NULL },
    { "memory", NULL },
    { "split-size", NULL }, { "temp-dir", NULL }, { "compress", NULL }, { "kernel", NULL },
    { "max-attempts", NULL }, { "task-timeout", NULL }, { "work-dir", NULL }, { "resume", NULL },
    { "chaos", "chaos_percent" }, { "sort", "order" }, { "reverse", NULL }, { "top", NULL },
    { "format", NULL }, { "by-file", NULL }, { "documents", NULL },
    { "min-documents", NULL }, { "max-documents", NULL }, { "percent", NULL },
    { "others", NULL }, { "output", NULL }, { "output-dir", NULL },
    { "overwrite", NULL }, { "ordered-parts", NULL },
    { "skip-bad-records", NULL }, { "bad-records", NULL },
    { "files0-from", "input_list" },
};
enum { NAMES = sizeof names / sizeof *names };

/* Which option's name the text begins with, and its size with the dashes; or NAMES. */
static size_t find_option(const char *text, size_t *size)
{
    if (text[0] != '-' || text[1] != '-')
        return NAMES;
    *size = strspn(text + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
    size_t i = 0;
    while (i < NAMES && (strlen(names[i].option) != *size ||
                         memcmp(names[i].option, text + 2, *size) != 0))
        i++;
    *size += 2;
    return i;
}

/* Writes an option's field. Returns its length. */
static size_t put_field(char *to, size_t room, size_t i)
{
    const char *name = names[i].field ? names[i].field : names[i].option;
    size_t n = (size_t)snprintf(to, room, PREFIX "%s", name);
    for (size_t at = 0; at < n && at < room; at++)
        if (to[at] == '-')
            to[at] = '_';
    return n;
}

/* Where a quoted name ends: behind the next quote that has no backslash before it. */
static size_t quoted_at(const char *text)
{
    if (*text != '\'')
        return 0;
    size_t n = 1;
    while (text[n] != '\0' && text[n] != '\'')
        n += text[n] == '\\' && text[n + 1] != '\0' ? 2 : 1;
    return text[n] == '\'' ? n + 1 : 0;
}

void mr_config_fields_name(char *text, size_t room)
{
    char *changed = malloc(room);
    if (changed == NULL)
        return; /* then options must do */
    size_t n = 0;
    for (const char *at = text; *at != '\0' && n + 1 < room;) {
        size_t size, option = find_option(at, &size);
        if (option < NAMES) {
            n += put_field(changed + n, room - n, option);
            at += size;
            continue;
        }
        size = quoted_at(at);
        if (size == 0)
            size = 1;
        if (size > room - n - 1)
            size = room - n - 1;
        memcpy(changed + n, at, size);
        n += size;
        at += size;
    }
    if (n >= room)
        n = room - 1;
    memcpy(text, changed, n);
    text[n] = '\0';
    free(changed);
}
