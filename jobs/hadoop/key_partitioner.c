/* Options of keys. */
#include "key_partitioner.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* "F", "F,F", each with ".0" or not. */
static int add(const char *spec, char **list, struct mr_error *err)
{
    char *end;
    unsigned long first = strtoul(spec, &end, 10), last = 0;
    if (*end == ',') {
        last = strtoul(end + 1, &end, 10);
        if (text_is(end, ".0"))
            end += 2;
    }
    if (*end == '.')
        return mr_error_set(err, "-k%s: only whole fields decide about a partition here", spec), -1;
    if (first == 0 || *end != '\0' || (strchr(spec, ',') && last < first))
        return mr_error_set(err, "-k%s: it is to be a field, or two with a comma between", spec),
               -1;
    *list = text_format("%s%s%lu-", *list, **list ? "," : "", first);
    if (last > 0)
        *list = text_format("%s%lu", *list, last);
    return 0;
}

int key_partitioner_fields(const char *options, char **list, struct mr_error *err)
{
    struct list words = { 0 };
    *list = text_copy("");
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
        if (add(spec, list, err) < 0)
            return -1;
    }
    return 0;
}
