/* The options of sum. */
#include "sum_options.h"

#include "text/decimal.h"
#include "text/out_of_memory.h"
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 6 }; /* unless told otherwise */

JOB_TEXT(sum, key)
JOB_TEXT(sum, number)
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

JOB_HEADER(sum)
JOB_QUOTED(sum)
JOB_FLAG(sum, skip)

const struct mr_option sum_options[] = {
    { 'k', "key", "FIELD[,FIELD]", "group by this field, or by these (all lines)", set_key },
    { 'v', "value", "FIELD", "the field with the number", set_number },
    { 't', "separator", "X", "fields end at the byte X (white space; .csv: commas)",
      set_separator },
    { 0, "digits", "N", "digits of the mean behind the point, 0 to 18 (6)", set_places },
    { 0, "header", NULL, "each file's first line has names, also for -k and -v", set_header },
    { 0, "quoted", NULL, "fields may stand in double quotes, as in CSV files", set_quoted },
    { 0, "skip-invalid", NULL, "pass over lines that have no number or too few fields", set_skip },
    { 0 },
};

int sum_check_programs(void *state, bool maps, struct mr_error *err)
{
    struct sum *s = state;
    (void)maps;
    if (s->key || s->number || s->lines.separated || s->lines.header || s->lines.quoted)
        return mr_error_set(err, "--mapper cannot go together with --key (-k), --value (-v), "
                                 "--separator (-t), --header or --quoted: its lines are a key, a "
                                 "tab and a number");
    s->key = s->number = "1";
    return 0;
}

/* Notes a field that was taken, by its number or by its name. Returns how much room the name
 * takes. */
static size_t note_field(struct sum *s, size_t i, const char *name)
{
    struct sum_fields *f = &s->fields;
    f->last = f->wanted[i] > f->last ? f->wanted[i] : f->last;
    if (f->wanted[i] > 0)
        return 0;
    s->names[i] = name;
    s->named = true;
    return strlen(name) + 1;
}

static int take_fields(struct sum *s, struct mr_error *err)
{
    const char *next = s->key;
    uint64_t *wanted = s->fields.wanted;
    char *name = s->room = malloc((s->key ? strlen(s->key) + 1 : 0) + strlen(s->number) + 1);
    if (name == NULL)
        return out_of_memory(err, "the names of fields");
    while (next != NULL) {
        if (s->keys == SUM_KEYS_MAX)
            return mr_error_set(err, "there are more than %d fields in -k", SUM_KEYS_MAX);
        if (field_lines_take(&s->lines, &next, "-k", name, &wanted[s->keys], err) < 0)
            return -1;
        name += note_field(s, s->keys++, name);
    }
    if (field_lines_take_one(&s->lines, s->number, "-v", name, &wanted[s->keys], err) < 0)
        return -1;
    (void)note_field(s, s->keys, name);
    return 0;
}

int sum_ready(void *state, struct mr_error *err)
{
    struct sum *s = state;
    if (s->number == NULL)
        return mr_error_set(err, "the field with the number is missing (-v)");
    if (!s->rounded)
        s->places = PLACES;
    return field_lines_ready(&s->lines, err) < 0 ? -1 : take_fields(s, err);
}

void sum_release(void *state)
{
    struct sum *s = state;
    free(s->room);
    field_lines_release(&s->lines);
}

int sum_begin_file(const void *state, const struct mr_chunk *first, void *fields,
                   struct mr_error *err)
{
    static const struct cut_options options = { "-t", true, true };
    const struct sum *s = state;
    struct sum_fields *f = fields;
    struct header h;
    int result = field_lines_read_header(&s->lines, first, &h, err);
    *f = s->fields;
    for (size_t i = 0; result == 0 && i <= s->keys; i++) {
        if (s->names[i] == NULL)
            continue;
        result = header_number(&h, s->names[i], first->file, &options, &f->wanted[i], err);
        f->last = f->wanted[i] > f->last ? f->wanted[i] : f->last;
    }
    header_free(&h);
    return result;
}

void sum_identify(const void *state, struct mr_identity *to)
{
    const struct sum *s = state;
    if (s->key)
        mr_identify_option(to, "-k", s->key, strlen(s->key));
    mr_identify_option(to, "-v", s->number, strlen(s->number));
    field_lines_identify(&s->lines, to);
    mr_identify_option(to, "--digits", &s->places, sizeof s->places);
    mr_identify_option(to, "--skip-invalid", &s->skip, sizeof s->skip);
}
