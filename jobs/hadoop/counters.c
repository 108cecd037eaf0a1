/* A sorted table. */
#include "counters.h"

#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table -------------------------------------------------------------------------- */

static int compare(const struct counter *c, const char *group, const char *name)
{
    int order = strcmp(c->group, group);
    return order ? order : strcmp(c->name, name);
}

/* Where it is, or belongs. */
static size_t find(const struct counters *c, const char *group, const char *name)
{
    size_t from = 0, to = c->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare(&c->at[middle], group, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void make_room(struct counters *c)
{
    struct counter *old = c->at;
    if (c->count < c->room)
        return;
    c->room = 2 * c->room + 16;
    c->at = keep(c->room * sizeof *c->at);
    if (c->count > 0)
        memcpy(c->at, old, c->count * sizeof *old);
}

void counters_add(struct counters *c, const char *group, const char *name, int64_t amount)
{
    size_t i = find(c, group, name);
    if (i == c->count || compare(&c->at[i], group, name) != 0) {
        make_room(c);
        memmove(c->at + i + 1, c->at + i, (c->count - i) * sizeof *c->at);
        c->at[i] = (struct counter){ text_copy(group), text_copy(name), 0 };
        c->count++;
    }
    c->at[i].amount = (int64_t)((uint64_t)c->at[i].amount + (uint64_t)amount);
}

/* ---- texts ------------------------------------------------------------------------------ */

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t size = strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

/* Control characters are no part of names, so that each name has one place in the table. */
static void make_plain(char *name)
{
    for (; *name != '\0'; name++)
        if (iscntrl((unsigned char)*name))
            *name = ' ';
}

bool counters_understand(struct counters *c, char *text)
{
    char *first = strchr(text, ','), *second = first ? strchr(first + 1, ',') : NULL, *end;
    if (second == NULL || strchr(second + 1, ',') != NULL)
        return false;
    const char *amount = trim(second + 1);
    const char *digits = amount + (*amount == '-' || *amount == '+');
    errno = 0;
    long long n = strtoll(amount, &end, 10);
    if (!isdigit((unsigned char)*digits) || *end != '\0' || errno != 0)
        return false;
    *first = *second = '\0';
    char *group = trim(text), *name = trim(first + 1);
    make_plain(group);
    make_plain(name);
    counters_add(c, group, name, n);
    return true;
}

/* ---- files ------------------------------------------------------------------------------ */

int counters_write(const struct counters *c, const char *path)
{
    FILE *file = fopen(path, "ae");
    bool good = file != NULL;
    for (size_t i = 0; good && i < c->count; i++)
        good = fprintf(file, "%s\t%s\t%" PRId64 "\n", c->at[i].group, c->at[i].name,
                       c->at[i].amount) > 0;
    if (file != NULL && fclose(file) != 0)
        good = false;
    return good ? 0 : -1;
}

static void take_line(struct counters *c, char *line)
{
    char *name = strchr(line, '\t'), *amount = name ? strchr(name + 1, '\t') : NULL;
    if (amount == NULL)
        return;
    *name++ = *amount++ = '\0';
    counters_add(c, line, name, strtoll(amount, NULL, 10));
}

void counters_read(struct counters *c, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    while (file != NULL && getline(&line, &room, file) > 0)
        take_line(c, line);
    free(line);
    if (file != NULL)
        fclose(file);
}

char *counters_text(const struct counters *c)
{
    char *text = text_format("Counters: %zu", c->count);
    for (size_t i = 0; i < c->count; i++) {
        const struct counter *at = &c->at[i];
        if (i == 0 || !text_is(at->group, at[-1].group))
            text = text_format("%s\n\t%s", text, at->group);
        text = text_format("%s\n\t\t%s=%" PRId64, text, at->name, at->amount);
    }
    return text;
}
