/* Text for the shell. */
#include "shell_text.h"

#include <stdlib.h>
#include <string.h>

void shell_add(struct shell_text *t, const char *bytes, size_t size)
{
    if (size >= t->capacity - t->size) {
        char *at = realloc(t->at, 2 * (t->capacity + size) + 64);
        if (at == NULL) {
            t->lost = true;
            return;
        }
        t->at = at;
        t->capacity = 2 * (t->capacity + size) + 64;
    }
    memcpy(t->at + t->size, bytes, size);
    t->size += size;
    t->at[t->size] = '\0';
}

void shell_add_text(struct shell_text *t, const char *text)
{
    shell_add(t, text, strlen(text));
}

void shell_add_inside(struct shell_text *t, const char *word)
{
    for (const char *quote; (quote = strchr(word, '\'')) != NULL; word = quote + 1) {
        shell_add(t, word, (size_t)(quote - word));
        shell_add_text(t, "'\\''");
    }
    shell_add_text(t, word);
}

void shell_add_quoted(struct shell_text *t, const char *word)
{
    shell_add_text(t, "'");
    shell_add_inside(t, word);
    shell_add_text(t, "'");
}

void shell_add_variable(struct shell_text *t, const char *name, const char *value)
{
    shell_add_text(t, name);
    shell_add_text(t, "=");
    shell_add_quoted(t, value);
    shell_add_text(t, "\n");
}
