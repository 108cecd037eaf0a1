/* Texts in files. */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int settings_write_list(const struct list *l, const char *path, struct mr_error *err)
{
    FILE *file = fopen(path, "we");
    bool good = file != NULL;
    for (size_t i = 0; good && i < l->count; i++)
        good = fwrite(l->at[i], strlen(l->at[i]) + 1, 1, file) == 1;
    if (file != NULL && fclose(file) != 0)
        good = false;
    return good ? 0 : mr_error_set(err, "cannot write '%s': %s", path, strerror(errno));
}

int settings_read_list(struct list *l, const char *path, struct mr_error *err)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t room = 0;
    if (file == NULL)
        return mr_error_set(err, "cannot read '%s': %s", path, strerror(errno));
    while (getdelim(&text, &room, '\0', file) > 0)
        list_add(l, text);
    bool whole = feof(file);
    if (!whole)
        (void)mr_error_set(err, "cannot read '%s': %s", path, strerror(errno));
    free(text);
    fclose(file);
    return whole ? 0 : -1;
}

enum { FIGURES = 7, RECORDS = FIGURES + 4 }; /* texts of a framing */

static void add_records(struct list *l, const struct framing *f)
{
    const struct records *r = &f->lines;
    unsigned long long figures[FIGURES] = { f->from,   f->to,     f->key,    f->value,
                                            f->no_key, r->fields, r->lf_only };
    for (size_t i = 0; i < FIGURES; i++)
        list_add(l, text_format("%llu", figures[i]));
    list_add(l, text_part((const char *)r->separator.at, r->separator.size));
    list_add(l, r->written ? r->written : "");
    list_add(l, f->begin ? f->begin : "");
    list_add(l, f->end ? f->end : "");
}

int settings_write(const struct settings *s, const char *path, struct mr_error *err)
{
    struct list l = { 0 };
    add_records(&l, &s->input);
    add_records(&l, &s->output);
    list_add(&l, s->prefix);
    list_add(&l, s->any_status ? "any" : "0");
    for (size_t i = 0; i < s->words.count; i++)
        list_add(&l, s->words.at[i]);
    return settings_write_list(&l, path, err);
}

static struct framing take_records(char *const *at)
{
    unsigned long long figures[FIGURES];
    struct separator separator = { 0 };
    for (size_t i = 0; i < FIGURES; i++)
        figures[i] = strtoull(at[i], NULL, 10);
    (void)separator_set(&separator, at[FIGURES], strlen(at[FIGURES])); /* or there is none */
    return (struct framing){ .from = (enum form)figures[0], .to = (enum form)figures[1],
                             .key = (enum class)figures[2], .value = (enum class)figures[3],
                             .no_key = figures[4] != 0,
                             .begin = at[FIGURES + 2], .end = at[FIGURES + 3],
                             .lines = { .fields = figures[5], .lf_only = figures[6] != 0,
                                        .separator = separator,
                                        .written = at[FIGURES + 1] } };
}

int settings_read(struct settings *s, const char *path, struct mr_error *err)
{
    enum { PREFIX = 2 * RECORDS, STATUS, WORDS };
    struct list l = { 0 };
    if (settings_read_list(&l, path, err) < 0)
        return -1;
    if (l.count < WORDS)
        return mr_error_set(err, "'%s' is damaged", path);
    *s = (struct settings){ .input = take_records(l.at), .output = take_records(l.at + RECORDS),
                            .prefix = l.at[PREFIX], .any_status = text_is(l.at[STATUS], "any") };
    for (size_t i = WORDS; i < l.count; i++)
        list_add(&s->words, l.at[i]);
    return 0;
}
