/*
 * Text for the shell, of any length: a script is put together in it.
 *
 *     shell_add_variable "to", "it's"    ->    to='it'\''s' LF
 */
#ifndef SHELL_TEXT_H
#define SHELL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct shell_text {
    char *at; /* NULL: nothing was added; to be freed by who has it */
    size_t size, capacity;
    bool lost; /* there was no memory for all of it */
};

/* Add bytes, or a text, as they are. */
void shell_add(struct shell_text *t, const char *bytes, size_t size);
void shell_add_text(struct shell_text *t, const char *text);

/* Adds what stands in single quotes of the shell, without these. */
void shell_add_inside(struct shell_text *t, const char *word);

/* Adds a word so that the shell takes it as it is. */
void shell_add_quoted(struct shell_text *t, const char *word);

/* Adds a line that sets a variable. */
void shell_add_variable(struct shell_text *t, const char *name, const char *value);

#endif
