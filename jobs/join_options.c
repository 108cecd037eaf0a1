/* The options of join, which mean what they do in join. */
#include "join_options.h"

#include "text/fields.h"
#include "text/out_of_memory.h"

#include <stdlib.h>
#include <string.h>

static int set_field(struct join *j, size_t file, const char *argument, struct mr_error *err)
{
    uint64_t number;
    if (!field_number(argument, &number))
        return mr_error_set(err, "'%s' is no number of a field, 1 or more", argument);
    if (j->field[file] != 0 && j->field[file] != number)
        return mr_error_set(err, "file %zu cannot be joined on two fields, %llu and %llu", file + 1,
                            (unsigned long long)j->field[file], (unsigned long long)number);
    j->field[file] = number;
    return 0;
}

static int set_first(void *state, const char *argument, struct mr_error *err)
{
    return set_field(state, 0, argument, err);
}

static int set_second(void *state, const char *argument, struct mr_error *err)
{
    return set_field(state, 1, argument, err);
}

static int set_both(void *state, const char *argument, struct mr_error *err)
{
    return set_field(state, 0, argument, err) < 0 ? -1 : set_field(state, 1, argument, err);
}

static int set_unpaired(void *state, const char *argument, struct mr_error *err)
{
    struct join *j = state;
    if (strcmp(argument, "1") != 0 && strcmp(argument, "2") != 0)
        return mr_error_set(err, "'%s' is no number of a file, 1 or 2", argument);
    j->unpaired[argument[0] - '1'] = true;
    return 0;
}

static int set_only_unpaired(void *state, const char *argument, struct mr_error *err)
{
    ((struct join *)state)->only_unpaired = true;
    return set_unpaired(state, argument, err);
}

static int set_empty(void *state, const char *argument, struct mr_error *err)
{
    struct join *j = state;
    if (j->empty && strcmp(j->empty, argument) != 0)
        return mr_error_set(err, "there cannot be two texts for empty fields (-e), '%s' and '%s'",
                            j->empty, argument);
    if (strchr(argument, '\n') != NULL)
        return mr_error_set(err, "what is put for an empty field (-e) has a line feed, which would "
                                 "end a line");
    j->empty = argument;
    return 0;
}

/* The byte of -t; an empty argument has a line be one field. */
static int set_separator(void *state, const char *argument, struct mr_error *err)
{
    struct join *j = state;
    int separator = *argument ? byte_of(argument) : '\n';
    if (separator < 0)
        return mr_error_set(err, "'%s' is no separator for -t: one byte, such as , or \\t",
                            argument);
    if (j->separated && j->separator != separator)
        return mr_error_set(err, "there cannot be two separators (-t)");
    j->separated = true;
    j->separator = separator;
    return 0;
}

/* Reads 0, 1.FIELD or 2.FIELD. */
static bool read_item(char *text, struct join_item *item)
{
    *item = (struct join_item){ (size_t)(text[0] - '0'), 0 };
    if (strcmp(text, "0") == 0)
        return true;
    return (text[0] == '1' || text[0] == '2') && text[1] == '.' &&
           field_number(text + 2, &item->field);
}

static int add_item(struct join *j, char *text, struct mr_error *err)
{
    struct join_item item, *items;
    if (!read_item(text, &item))
        return mr_error_set(err, "'%s' is no field for -o: 0 for the key, 1.FIELD or 2.FIELD of a "
                                 "file", text);
    items = realloc(j->items, (j->item_count + 1) * sizeof item);
    if (items == NULL)
        return out_of_memory(err, "the fields of -o");
    j->items = items;
    j->items[j->item_count++] = item;
    return 0;
}

/* Takes a list, with commas or blanks between its items. */
static int set_items(void *state, const char *argument, struct mr_error *err)
{
    char *copy = strdup(argument), *next = copy, *text;
    int result = copy ? 0 : out_of_memory(err, "the fields of -o");
    while (result == 0 && (text = strsep(&next, ", \t")) != NULL)
        result = add_item(state, text, err);
    free(copy);
    return result;
}

const struct mr_option join_options[] = {
    { 'a', NULL, "1|2", "lines of file 1 or 2 that have no partner, too", set_unpaired },
    { 'e', NULL, "TEXT", "put TEXT where a field is empty or missing", set_empty },
    { 'j', NULL, "FIELD", "join on this field of both files", set_both },
    { 'o', NULL, "LIST", "what to print: 0 the key, 1.N and 2.N a file's field", set_items },
    { 't', NULL, "X", "fields end at the byte X; by default at white space", set_separator },
    { 'v', NULL, "1|2", "as -a, and no pairs", set_only_unpaired },
    { '1', NULL, "FIELD", "join on this field of file 1; the first by default", set_first },
    { '2', NULL, "FIELD", "join on this field of file 2", set_second },
    { 0 },
};

static int by_field(const void *a, const void *b)
{
    const uint64_t x = ((const struct join_wanted *)a)->field;
    const uint64_t y = ((const struct join_wanted *)b)->field;
    return (x > y) - (x < y);
}

/* Puts what is wanted of a file's lines in order: its fields, and the key, which is of either. */
static int find_wanted(struct join *j, size_t file, struct mr_error *err)
{
    struct join_wanted *wanted = calloc(j->item_count, sizeof *wanted);
    size_t count = 0;
    if (wanted == NULL)
        return out_of_memory(err, "the fields of -o");
    for (size_t i = 0; i < j->item_count; i++) {
        const struct join_item *item = &j->items[i];
        if (item->file == 0 || item->file == file + 1)
            wanted[count++] = (struct join_wanted){ item->file == 0 ? j->field[file] : item->field,
                                                    i };
    }
    qsort(wanted, count, sizeof *wanted, by_field);
    j->wanted[file] = wanted;
    j->wanted_count[file] = count;
    return 0;
}

int join_ready(void *state, struct mr_error *err)
{
    struct join *j = state;
    for (size_t file = 0; file < JOIN_FILES; file++) {
        j->field[file] += j->field[file] == 0;
        if (j->items != NULL && find_wanted(j, file, err) < 0)
            return -1;
    }
    if (!j->separated)
        j->separator = WHITE;
    return 0;
}

void join_release(void *state)
{
    struct join *j = state;
    for (size_t file = 0; file < JOIN_FILES; file++)
        free(j->wanted[file]);
    free(j->items);
}

void join_identify(const void *state, struct mr_identity *to)
{
    const struct join *j = state;
    mr_identify_option(to, "-1", &j->field[0], sizeof j->field[0]);
    mr_identify_option(to, "-2", &j->field[1], sizeof j->field[1]);
    mr_identify_option(to, "-a", j->unpaired, sizeof j->unpaired);
    mr_identify_option(to, "-v", &j->only_unpaired, sizeof j->only_unpaired);
    mr_identify_option(to, "-t", &j->separator, sizeof j->separator);
    mr_identify_option(to, "-e", j->empty, j->empty ? strlen(j->empty) + 1 : 0);
    mr_identify_option(to, "-o", &j->item_count, sizeof j->item_count);
    for (size_t i = 0; i < j->item_count; i++) {
        uint64_t item[] = { j->items[i].file, j->items[i].field };
        mr_identify_option(to, "-o", item, sizeof item);
    }
}
