/* The options of sort. */
#include "sort_options.h"

#include "jobs.h"
#include "text/field_lines.h"
#include "text/out_of_memory.h"

#include <stdlib.h>
#include <string.h>

static int set_key(void *state, const char *argument, struct mr_error *err)
{
    struct sort *s = state;
    if (s->keys.count == SORT_KEYS_MAX)
        return mr_error_set(err, "too many keys (-k): at most %d", SORT_KEYS_MAX);
    s->arguments[s->keys.count++] = argument;
    return 0;
}

static int set_separator(void *state, const char *argument, struct mr_error *err)
{
    struct sort *s = state;
    int byte = byte_of(argument);
    if (byte < 0)
        return mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t",
                            argument);
    s->separated = true;
    s->keys.separator = (struct separator){ 1, { (unsigned char)byte } };
    return 0;
}

JOB_FLAG(sort, numeric)
JOB_FLAG(sort, reverse)
JOB_FLAG(sort, unique)
JOB_FLAG(sort, stable)
JOB_FLAG(sort, header)

const struct mr_option sort_options[] = {
    { 'k', "key", "POS[,POS]", "sort by the bytes from POS to POS: FIELD[.CHAR][bnr]", set_key },
    { 'n', "numeric-sort", NULL, "compare numbers", set_numeric },
    { 'r', NULL, NULL, "the order from its end", set_reverse },
    { 's', "stable", NULL, "lines of equal keys stay in the order of the input", set_stable },
    { 't', "field-separator", "X", "fields end at the byte X, not before blanks", set_separator },
    { 0, "header", NULL, "the first line stays first, and has names for -k", set_header },
    { 'u', "unique", NULL, "of lines of equal keys only the first", set_unique },
    { 0 },
};

/* Reads a key, or, with a header, a name. */
static int read_key(struct sort *s, size_t i, struct mr_error *err)
{
    const char *argument = s->arguments[i];
    struct sort_key *key = &s->keys.at[i];
    if (sort_key_read(key, argument))
        return 0;
    if (!s->header || *argument == '\0')
        return mr_error_set(err, "'%s' is no key for -k: FIELD[.CHAR][bnr][,FIELD[.CHAR][bnr]]; "
                                 "with --header, NAME[:bnr] is one, too", argument);
    s->names[i] = strndup(argument, sort_key_read_name(key, argument));
    s->named = true;
    return s->names[i] ? 0 : out_of_memory(err, "the name of a key");
}

int sort_ready(void *state, struct mr_error *err)
{
    static const struct sort_key whole_line = { .first_field = 1, .first_char = 1 };
    struct sort *s = state;
    if (s->header && (s->first = header_first_new(err)) == NULL)
        return -1;
    for (size_t i = 0; i < s->keys.count; i++)
        if (read_key(s, i, err) < 0)
            return -1;
    if (s->keys.count == 0 && (s->numeric || s->header))
        s->keys.at[s->keys.count++] = whole_line;
    sort_keys_complete(&s->keys, s->numeric, s->reverse);
    return 0;
}

void sort_release(void *state)
{
    struct sort *s = state;
    for (size_t i = 0; i < s->keys.count; i++)
        free(s->names[i]);
    header_first_free(s->first);
}

int sort_begin_file(const void *state, const struct mr_chunk *first, void *note,
                    struct mr_error *err)
{
    static const struct cut_options options = { "-t", false, false };
    const struct sort *s = state;
    const struct field_lines lines = { .separated = true,
                                       .separator = s->separated ? s->keys.separator.at[0]
                                                                   : WHITE };
    struct sort_note *n = note;
    struct header h;
    int result = field_lines_read_header(&lines, first, &h, err);
    for (size_t i = 0; result == 0 && i < s->keys.count; i++)
        if (s->names[i] != NULL)
            result = header_number(&h, s->names[i], first->file, &options, &n->numbers[i], err);
    n->stays = header_is_first(s->first);
    if (result == 0)
        result = header_compare(s->first, &h, first->file, err);
    header_free(&h);
    return result;
}

const struct sort_keys *sort_keys_of(const struct sort *s, const struct mr_chunk *chunk,
                                     struct sort_keys *room)
{
    const struct sort_note *note = chunk->note;
    if (!s->named)
        return &s->keys;
    *room = s->keys;
    for (size_t i = 0; i < s->keys.count; i++)
        if (s->names[i] != NULL)
            room->at[i].first_field = room->at[i].last_field = note->numbers[i];
    return room;
}

void sort_identify(const void *state, struct mr_identity *to)
{
    const struct sort *s = state;
    mr_identify_option(to, "what is sorted by (-k, -n)", &s->keys.count, sizeof s->keys.count);
    for (size_t i = 0; i < s->keys.count; i++) {
        uint64_t figures[SORT_KEY_FIGURES];
        sort_key_figures(&s->keys.at[i], figures);
        mr_identify_option(to, "what is sorted by (-k, -n)", figures, sizeof figures);
        if (s->names[i])
            mr_identify_option(to, "what is sorted by (-k, -n)", s->names[i], strlen(s->names[i]));
    }
    mr_identify_option(to, "-t", s->keys.separator.at, s->keys.separator.size);
    mr_identify_option(to, "-r", &s->reverse, sizeof s->reverse);
    mr_identify_option(to, "-u", &s->unique, sizeof s->unique);
    mr_identify_option(to, "--header", &s->header, sizeof s->header);
    mr_identify_option(to, "-s", &s->stable, sizeof s->stable);
}
