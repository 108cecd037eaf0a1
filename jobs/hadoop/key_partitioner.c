/* Options of keys. */
#include "key_partitioner.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Reads F or F.C. Returns what stands behind it, or NULL where that is none. */
static const char *read_place(const char *from)
{
    size_t digits = strspn(from, "0123456789");
    if (digits == 0)
        return NULL;
    from += digits;
    if (*from != '.')
        return from;
    digits = strspn(from + 1, "0123456789");
    return digits > 0 ? from + 1 + digits : NULL;
}

/* Adds F[.C][,F[.C]]; letters behind it say how it compares, which decides nothing here. */
static int add(const char *spec, char **keys, struct mr_error *err)
{
    const char *end = read_place(spec);
    if (end != NULL && *end == ',')
        end = read_place(end + 1);
    if (end == NULL || end[strspn(end, "nr")] != '\0' || strtoul(spec, NULL, 10) == 0)
        return mr_error_set(err, "-k%s: it is to be a field, or two with a comma between, each "
                                 "with a character behind a point or without", spec), -1;
    *keys = text_format("%s%s-k%.*s", *keys, **keys ? " " : "", (int)(end - spec), spec);
    return 0;
}

int key_partitioner_fields(const char *options, char **keys, struct mr_error *err)
{
    struct list words = { 0 };
    *keys = text_copy("");
    list_add_parts(&words, options, " \t");
    for (size_t i = 0; i < words.count; i++) {
        const char *spec;
        if (!text_begins(words.at[i], "-k"))
            return mr_error_set(err, "'%s' is no option of a partitioner: -k FIELD,FIELD is",
                                words.at[i]), -1;
        if (words.at[i][2] == '\0' && i + 1 < words.count)
            spec = words.at[++i];
        else
            spec = words.at[i] + 2;
        if (add(spec, keys, err) < 0)
            return -1;
    }
    return 0;
}
