/* The options of sum. */
#include "sum.h"

#include "text/decimal.h"
#include "text/fields.h"
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 6 }; /* unless told otherwise */

static int set_keys(void *state, const char *argument, struct mr_error *err)
{
    struct sum *s = state;
    char *copy = strdup(argument), *next = copy, *text;
    int result = copy ? 0 : mr_error_set(err, "cannot get memory for the fields of -k");
    while (result == 0 && (text = strsep(&next, ",")) != NULL) {
        if (s->keys == SUM_KEYS_MAX)
            result = mr_error_set(err, "there are more than %d fields in -k", SUM_KEYS_MAX);
        else if (!field_number(text, &s->wanted[s->keys++]))
            result = mr_error_set(err, "'%s' is no number of a field for -k, 1 or more", text);
    }
    free(copy);
    return result;
}

static int set_number(void *state, const char *argument, struct mr_error *err)
{
    struct sum *s = state;
    return field_number(argument, &s->number)
               ? 0
               : mr_error_set(err, "'%s' is no number of a field for -v, 1 or more", argument);
}

JOB_SEPARATOR(sum)

static int set_places(void *state, const char *argument, struct mr_error *err)
{
    struct sum *s = state;
    char *end;
    unsigned long places = strtoul(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end != '\0' || places > DECIMAL_PLACES)
        return mr_error_set(err, "'%s' is no number of digits for --digits, 0 to %d", argument,
                            DECIMAL_PLACES);
    s->rounded = true;
    s->places = (uint32_t)places;
    return 0;
}

JOB_FLAG(sum, header)
JOB_FLAG(sum, skip)

const struct mr_option sum_options[] = {
    { 'k', "key", "FIELD[,FIELD]", "group by this field, or by these", set_keys },
    { 'v', "value", "FIELD", "the field with the number", set_number },
    { 't', "separator", "X", "fields end at the byte X (white space; .csv: commas)",
      set_separator },
    { 0, "digits", "N", "digits of the mean behind the point, 0 to 18 (6)", set_places },
    { 0, "header", NULL, "each file's first line is none to be grouped", set_header },
    { 0, "skip-invalid", NULL, "pass over lines that have no number or too few fields", set_skip },
    { 0 },
};

int sum_check_programs(void *state, bool maps, struct mr_error *err)
{
    struct sum *s = state;
    (void)maps;
    if (s->keys > 0 || s->number > 0 || s->separated || s->header)
        return mr_error_set(err, "--mapper cannot go together with --key (-k), --value (-v), "
                                 "--separator (-t) or --header: its lines are a key, a tab and a "
                                 "number");
    s->keys = 1;
    s->wanted[0] = s->number = 1;
    return 0;
}

int sum_ready(void *state, struct mr_error *err)
{
    struct sum *s = state;
    if (s->keys == 0)
        return mr_error_set(err, "the field to group by is missing (-k)");
    if (s->number == 0)
        return mr_error_set(err, "the field with the number is missing (-v)");
    s->wanted[s->keys] = s->number;
    for (size_t i = 0; i <= s->keys; i++)
        if (s->wanted[i] > s->last)
            s->last = s->wanted[i];
    if (!s->separated)
        s->separator = WHITE;
    if (!s->rounded)
        s->places = PLACES;
    return 0;
}

void sum_identify(const void *state, struct mr_identity *to)
{
    const struct sum *s = state;
    mr_identify_option(to, "-k", s->wanted, s->keys * sizeof *s->wanted);
    mr_identify_option(to, "-v", &s->number, sizeof s->number);
    mr_identify_option(to, "-t", &s->separator, sizeof s->separator);
    mr_identify_option(to, "--digits", &s->places, sizeof s->places);
    mr_identify_option(to, "--header", &s->header, sizeof s->header);
    mr_identify_option(to, "--skip-invalid", &s->skip, sizeof s->skip);
}
