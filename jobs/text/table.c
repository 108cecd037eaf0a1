/* Which layout a file has, and which fields of it are chosen. */
#include "table.h"

#include "fields.h"

#include <stdlib.h>
#include <string.h>

/* What a layout without a given separator stands for. */
static const int separators[TABLE_LAYOUTS] = { WHITE, ',', '\t' };

/* What is noted of a file whose fields are chosen by name. */
struct note {
    size_t count;
    struct span spans[];
};

bool table_is_any(const struct table *t)
{
    return t->list != NULL || t->header || t->quoted || t->by_lines;
}

/* With quotes, what is cut at white space otherwise is cut at commas; and texts in which that ends
 * words need not be cut at it. */
static int separator_of(const struct table *t, size_t i)
{
    int separator = t->separated ? t->separator : separators[i];
    if (separator != WHITE)
        return separator;
    return t->quoted ? ',' : t->texts && t->list == NULL ? UNCUT : WHITE;
}

static void make_layouts(struct table *t)
{
    for (size_t i = 0; i < TABLE_LAYOUTS; i++) {
        struct layout *l = &t->layouts[i];
        layout_init(l, separator_of(t, i));
        if (t->ended)
            layout_end_at(l, t->line_end);
        if (l->separator == SEVERAL)
            layout_cut_at(l, t->delimiter);
        if (t->quoted)
            layout_quote(l);
        l->one_line_rows = t->quoted && t->one_line_rows;
        l->header = t->header;
        l->each = t->list == NULL || t->each;
    }
}

int table_ready(struct table *t, struct mr_error *err)
{
    if (t->quoted && t->separated && (t->separator < 0 || t->separator == '"'))
        return mr_error_set(err, "with --quoted, -d is to be one byte, and not a quote");
    make_layouts(t);
    if (t->header && (t->first = header_first_new(err)) == NULL)
        return -1;
    return selection_read(&t->chosen, t->list ? t->list : "1-", t->header, err);
}

void table_free(struct table *t)
{
    selection_free(&t->chosen);
    header_first_free(t->first);
}

void table_identify(const struct table *t, struct mr_identity *to)
{
    if (t->list)
        mr_identify_option(to, "--fields (-f)", t->list, strlen(t->list));
    mr_identify_option(to, "--header", &t->header, sizeof t->header);
    mr_identify_option(to, "--quoted", &t->quoted, sizeof t->quoted);
}

static const struct layout *layout_at(const struct table *t, const char *path)
{
    int separator = separator_of_file(path);
    size_t i = TABLE_LAYOUTS - 1;
    while (i > 0 && separators[i] != separator)
        i--;
    return &t->layouts[i];
}

const struct mr_records *table_records(const struct table *t, const char *path)
{
    return &layout_at(t, path)->lines;
}

const struct mr_quotes *table_quotes(const struct table *t, const char *path)
{
    const struct layout *l = layout_at(t, path);
    return l->quoted ? &l->quotes : NULL;
}

static const struct layout *layout_of(const struct table *t, const struct mr_chunk *chunk)
{
    const struct layout *l = t->layouts;
    while (&l->lines != chunk->records)
        l++;
    return l;
}

int table_separator(const struct table *t, const struct mr_chunk *chunk)
{
    return layout_of(t, chunk)->separator;
}

/* ---- headers ---------------------------------------------------------------------------- */

int table_read_header(const struct table *t, const struct mr_chunk *first, struct header *header,
                      struct mr_error *err)
{
    return header_read(header, layout_of(t, first), first->data, first->size, err);
}

size_t table_note_size(const struct table *t)
{
    return sizeof(struct note) + (t->chosen.count + t->chosen.name_count + 1) * sizeof(struct span);
}

int table_begin_file(const struct table *t, const struct mr_chunk *first, void *note,
                     struct mr_error *err)
{
    struct note *n = note;
    struct header h;
    int result = table_read_header(t, first, &h, err);
    if (result == 0)
        result = header_find(&h, &t->chosen, first->file, n->spans, &n->count, err);
    if (result == 0)
        result = header_compare(t->first, &h, first->file, err);
    header_free(&h);
    return result;
}

int table_map(const struct table *t, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct note *note = chunk->note;
    struct chosen chosen = note && t->chosen.name_count > 0
                               ? spans_chosen(note->spans, note->count)
                               : spans_chosen(t->chosen.spans, t->chosen.count);
    if (t->list == NULL)
        chosen.needed = 0;
    return cutter_map(mr_task(out), layout_of(t, chunk), &chosen, chunk, out);
}
