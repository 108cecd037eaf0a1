/* From ${name} to what it stands for. */
#include "variables.h"

#include "path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 20 }; /* replacements in a value, as in Hadoop */

/* The first ${name} that has no other in it, and its size with all of that; NULL: there is none. */
static const char *find_variable(const char *text, size_t *size)
{
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        const size_t name = strcspn(at + 2, "$} ");
        *size = name + 3;
        if (name > 0 && at[2 + name] == '}')
            return at;
    }
    return NULL;
}

/* NAME, NAME:-otherwise or NAME-otherwise; without a colon, what is empty is something. */
static const char *find_in_environment(const char *text)
{
    const size_t size = strcspn(text, ":-");
    const char *value = getenv(text_part(text, size)), *behind = text + size;
    const bool or_empty = text_begins(behind, ":-");
    if (value != NULL && (*value != '\0' || !or_empty))
        return value;
    return or_empty ? behind + 2 : *behind == '-' ? behind + 1 : NULL;
}

static const char *find_value(const struct properties *p, const char *name)
{
    char here[4096];
    if (text_begins(name, "env."))
        return find_in_environment(name + 4);
    if (text_is(name, "user.name"))
        return path_user();
    if (text_is(name, "user.home"))
        return getenv("HOME");
    if (text_is(name, "user.dir"))
        return getcwd(here, sizeof here) ? text_copy(here) : NULL;
    return text_is(name, "java.io.tmpdir") ? "/tmp" : property_get(p, name, NULL);
}

static char *replace(const struct properties *p, char *original)
{
    char *text = original;
    const char *at, *value;
    size_t size;
    for (int i = 0; (at = find_variable(text, &size)) != NULL; i++) {
        if (i == DEPTH)
            return original;
        if ((value = find_value(p, text_part(at + 2, size - 3))) == NULL)
            return text;
        text = text_format("%s%s%s", text_part(text, (size_t)(at - text)), value, at + size);
    }
    return text;
}

void variables_replace(struct properties *p)
{
    for (size_t i = 0; i < p->values.count; i++)
        p->values.at[i] = replace(p, p->values.at[i]);
}
