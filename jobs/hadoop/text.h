/*
 * Texts and lists of them. This program is short: the memory of a text is freed at its end, and
 * where there is none, the program ends.
 */
#ifndef HADOOP_TEXT_H
#define HADOOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Memory of zeros, which is freed at the end. Never NULL. */
void *keep(size_t size);

/* Frees all of it, long before the end. */
void keep_nothing(void);

/* Make a text: as printf has it, of so many bytes, of all of another. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_part(const char *text, size_t size);
char *text_copy(const char *text);

bool text_begins(const char *text, const char *with);
bool text_ends(const char *text, const char *with);
bool text_is(const char *text, const char *other);

/* What stands behind the last slash; all of it where there is none. */
const char *text_base_name(const char *path);

/* A list of texts, with a NULL behind its last, as execv wants it. */
struct list {
    char **at;
    size_t count, room;
};

void list_add(struct list *l, const char *text);

/* Adds the parts of a text between separators; empty ones are left out. */
void list_add_parts(struct list *l, const char *text, const char *separators);

void list_sort(struct list *l);

/* The place of a text that a sorted list has, of which the same one is returned each time. */
size_t list_find(const struct list *l, const char *text);

#endif
