/* The options of terms. */
#include "terms_options.h"

#include "jobs.h"
#include "text/out_of_memory.h"

#include <stdlib.h>
#include <string.h>

enum { WANTED = 10, WANTED_MAX = 1 << 30 }; /* words of a group: by default, and at most */

static int set_wanted(void *state, const char *argument, struct mr_error *err)
{
    struct terms *s = state;
    if (field_number(argument, &s->wanted) && s->wanted <= WANTED_MAX)
        return 0;
    return mr_error_set(err, "'%s' is no number of words for -n, 1 to %d", argument, WANTED_MAX);
}

JOB_TEXT(terms, key)
JOB_SEPARATOR(terms)
JOB_HEADER(terms)
JOB_QUOTED(terms)
_Static_assert(offsetof(struct terms, rules) == 0, "the options of rules take it for all");

const struct mr_option terms_options[] = {
    { 'k', "key", "FIELD", "group by this field's value; by default by file", set_key },
    { 'n', "per-group", "N", "so many words of each group (10)", set_wanted },
    { 't', "separator", "X", "fields end at the byte X (white space; .csv: commas)",
      set_separator },
    { 0, "header", NULL, "each file's first line has names, also for -k", set_header },
    { 0, "quoted", NULL, "fields may stand in double quotes, as in CSV files", set_quoted },
    JOB_WORD_OPTIONS,
    { 0 },
};

static int take_key(struct terms *s, struct mr_error *err)
{
    s->name = malloc(strlen(s->key) + 1);
    if (s->name == NULL)
        return out_of_memory(err, "the name of a field");
    return field_lines_take_one(&s->lines, s->key, "-k", s->name, &s->field, err);
}

int terms_ready(void *state, struct mr_error *err)
{
    struct terms *s = state;
    const struct field_lines *l = &s->lines;
    if (s->key == NULL && (l->separated || l->header || l->quoted))
        return mr_error_set(err, "%s is about fields: it wants one to group by (-k)",
                            l->separated ? "-t" : l->header ? "--header" : "--quoted");
    if (s->wanted == 0)
        s->wanted = WANTED;
    if (field_lines_ready(&s->lines, err) < 0)
        return -1;
    if (s->key && take_key(s, err) < 0)
        return -1;
    return word_rules_ready(&s->rules, err);
}

int terms_begin_file(const void *state, const struct mr_chunk *first, void *field,
                     struct mr_error *err)
{
    static const struct cut_options options = { "-t", true, true };
    const struct terms *s = state;
    struct header h;
    int result = field_lines_read_header(&s->lines, first, &h, err);
    if (result == 0)
        result = header_number(&h, s->name, first->file, &options, field, err);
    header_free(&h);
    return result;
}

void terms_release(void *state)
{
    struct terms *s = state;
    free(s->name);
    word_rules_release(&s->rules);
    field_lines_release(&s->lines);
}

void terms_identify(const void *state, struct mr_identity *to)
{
    const struct terms *s = state;
    if (s->key)
        mr_identify_option(to, "-k", s->key, strlen(s->key));
    mr_identify_option(to, "-n", &s->wanted, sizeof s->wanted);
    field_lines_identify(&s->lines, to);
    word_rules_identify(&s->rules, to);
}
