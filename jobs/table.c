/* Which layout a file has. */
#include "table.h"

#include "fields.h"

/* What a layout without a given separator stands for. */
static const int separators[TABLE_LAYOUTS] = { WHITE, ',', '\t' };

bool table_is_any(const struct table *t)
{
    return t->chosen.count > 0;
}

void table_ready(struct table *t)
{
    for (size_t i = 0; i < TABLE_LAYOUTS; i++)
        layout_init(&t->layouts[i], t->given ? t->separator : separators[i]);
}

void table_free(struct table *t)
{
    selection_free(&t->chosen);
}

void table_identify(const struct table *t, struct mr_identity *to)
{
    mr_identify_option(to, "--fields (-f)", t->chosen.spans,
                       t->chosen.count * sizeof *t->chosen.spans);
}

const struct mr_records *table_records(const struct table *t, const char *path)
{
    int separator = separator_of_file(path);
    size_t i = TABLE_LAYOUTS - 1;
    while (i > 0 && separators[i] != separator)
        i--;
    return &t->layouts[i].lines;
}

int table_map(const struct table *t, const struct mr_chunk *chunk, struct mr_mapper *out)
{
    const struct layout *l = t->layouts;
    while (&l->lines != chunk->records)
        l++;
    return cutter_map(mr_task(out), l, &t->chosen, chunk, out);
}
