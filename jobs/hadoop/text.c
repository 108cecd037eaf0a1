/* Texts and lists of them, in blocks that all hang on one list. */
#include "text.h"

#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    max_align_t data[];
};

static struct block *blocks; /* all that was ever asked for */

void *keep(size_t size)
{
    struct block *b = calloc(1, sizeof *b + size);
    if (b == NULL) {
        say_plain("hadoop: there is no memory for the command line");
        exit(1);
    }
    b->next = blocks;
    blocks = b;
    return b->data;
}

void keep_nothing(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

char *text_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = keep((size_t)(size < 0 ? 0 : size) + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)(size < 0 ? 0 : size) + 1, format, args);
    va_end(args);
    return text;
}

char *text_part(const char *text, size_t size)
{
    char *copy = keep(size + 1);
    memcpy(copy, text, size);
    return copy;
}

char *text_copy(const char *text)
{
    return text_part(text, strlen(text));
}

bool text_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool text_ends(const char *text, const char *with)
{
    size_t size = strlen(text), end = strlen(with);
    return size >= end && strcmp(text + size - end, with) == 0;
}

bool text_is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

const char *text_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void list_add(struct list *l, const char *text)
{
    if (l->count + 2 > l->room) {
        char **old = l->at;
        l->room = 2 * l->room + 16;
        l->at = keep(l->room * sizeof *l->at);
        if (l->count > 0)
            memcpy(l->at, old, l->count * sizeof *old);
    }
    l->at[l->count++] = text_copy(text);
    l->at[l->count] = NULL;
}

void list_add_parts(struct list *l, const char *text, const char *separators)
{
    while (*(text += strspn(text, separators)) != '\0') {
        size_t size = strcspn(text, separators);
        list_add(l, text_part(text, size));
        text += size;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *l)
{
    if (l->count > 1)
        qsort(l->at, l->count, sizeof *l->at, compare);
}

size_t list_find(const struct list *l, const char *text)
{
    char **found = bsearch(&text, l->at, l->count, sizeof *l->at, compare);
    return (size_t)(found - l->at);
}
