/* Commands to words. */
#include "command.h"

#include <string.h>

/* ---- as Hadoop -------------------------------------------------------------------------- */

static void add_unless_empty(struct list *words, const char *from, const char *to)
{
    if (to > from)
        list_add(words, text_part(from, (size_t)(to - from)));
}

static void split_as_hadoop(const char *at, struct list *words)
{
    const char *start = at;
    char quote = 0; /* the one that is open */
    for (; *at != '\0'; at++) {
        bool opens = quote == 0 && (*at == '\'' || *at == '"');
        bool closes = quote != 0 && *at == quote;
        if (!opens && !closes && (quote != 0 || *at != ' '))
            continue;
        add_unless_empty(words, start, at);
        start = at + 1;
        quote = (char)(opens ? *at : 0);
    }
    add_unless_empty(words, start, at);
}

/* ---- as a shell ------------------------------------------------------------------------- */

/* Whether a backslash takes the meaning from this byte. */
static bool is_escaped(char quote, char byte)
{
    return byte != '\0' && quote != '\'' && (quote == 0 || strchr("\\\"$`", byte) != NULL);
}

/* Appends a word's bytes, without quotes, at to. Returns where it ends. */
static const char *unquote(const char *at, char *to)
{
    char quote = 0;
    for (; *at != '\0' && (quote != 0 || strchr(" \t\n", *at) == NULL); at++) {
        if (*at == '\\' && is_escaped(quote, at[1]))
            *to++ = *++at;
        else if (quote == 0 && (*at == '\'' || *at == '"'))
            quote = *at;
        else if (quote != 0 && *at == quote)
            quote = 0;
        else
            *to++ = *at;
    }
    *to = '\0';
    return at;
}

static void split_as_shell(const char *at, struct list *words)
{
    char *word = keep(strlen(at) + 1);
    while (*(at += strspn(at, " \t\n")) != '\0') {
        at = unquote(at, word);
        list_add(words, word);
    }
}

void command_split(const char *command, struct list *words)
{
    if (strstr(command, "'\\''") != NULL)
        split_as_shell(command, words);
    else
        split_as_hadoop(command, words);
}
