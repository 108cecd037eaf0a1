/* Parsing the arguments of options. */
#include "program/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mr_parse_number(const char *text, const char *option, uint64_t least, uint64_t most,
                    uint64_t *number, struct mr_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0')
        return mr_error_set(err, "'%s' is no number for %s", text, option);
    if (errno != 0 || value < least || value > most)
        return mr_error_set(err, "'%s' for %s is out of range: %llu to %llu", text, option,
                     (unsigned long long)least, (unsigned long long)most);
    *number = value;
    return 0;
}

static int refuse_size(const char *text, const char *option, bool percent, struct mr_error *err)
{
    const char *units = percent ? "b, K, M, G, T, P, E or %" : "b, K, M, G, T, P or E";
    return mr_error_set(err, "'%s' is no size for %s: a number and %s", text, option, units);
}

int mr_parse_size(const char *text, const char *option, bool percent, uint64_t *size,
                  struct mr_error *err)
{
    static const char suffixes[] = "bKMGTPE";
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno != 0 || (*end != '\0' && end[1] != '\0'))
        return refuse_size(text, option, percent, err);
    if (*end == '%' && percent) {
        struct mr_machine machine;
        mr_machine_detect(&machine);
        *size = (uint64_t)((double)machine.memory / 100 * (double)(value > 100 ? 100 : value));
        if (value > 100)
            return mr_error_set(err, "'%s' for %s is more than all memory", text, option);
        return 0;
    }
    int suffix = *end == '\0' ? 'K' : strchr("kmgt", *end) ? *end - 'a' + 'A' : *end;
    const char *at = strchr(suffixes, suffix);
    if (at == NULL)
        return refuse_size(text, option, percent, err);
    unsigned shift = 10 * (unsigned)(at - suffixes);
    if (value > UINT64_MAX >> shift || value << shift > (uint64_t)1 << 62)
        return mr_error_set(err, "'%s' for %s is too large", text, option);
    *size = value << shift;
    return 0;
}

int mr_parse_choice(const char *text, const char *option, const char *const *words,
                    struct mr_error *err)
{
    char list[128] = "";
    for (int i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", words[i]);
    }
    return mr_error_set(err, "'%s' is none of the choices of %s: %s", text, option, list);
}
