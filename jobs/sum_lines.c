/* Lines that are summed. */
#include "sum_lines.h"

#include <string.h>

const struct mr_records *sum_records(const void *state, const char *path)
{
    return field_lines_records(&((const struct sum *)state)->lines, path);
}

const struct mr_quotes *sum_quotes(const void *state, const char *path)
{
    return field_lines_quotes(&((const struct sum *)state)->lines, path);
}

/* A line's fields: those of the key, and the number. */
struct parts {
    struct field at[SUM_KEYS_MAX + 1];
};

/* The fields that are wanted of a chunk's file. */
static const struct sum_fields *fields_of(const struct sum *s, const struct mr_chunk *chunk)
{
    return s->named ? chunk->note : &s->fields;
}

/* Takes the line's n-th field, wherever it is wanted. */
static void take_part(const struct sum *s, const struct sum_fields *fields, uint64_t n,
                      struct field field, struct parts *parts)
{
    for (size_t i = 0; i <= s->keys; i++)
        if (fields->wanted[i] == n)
            parts->at[i] = field;
}

/* Finds them. Returns false where one of them is missing. */
static bool find_parts(const struct sum *s, const struct sum_fields *fields,
                       struct field_rows *rows, struct parts *parts)
{
    struct field f;
    for (uint64_t n = 1; n <= fields->last; n++) {
        if (!field_rows_field(rows, &f))
            return false;
        take_part(s, fields, n, f, parts);
    }
    return true;
}

/* Makes one key of several, or of none: no field has the line end that is put between them, or is
 * refused. Its bytes are NULL on failure. */
static struct field join_keys(const struct sum *s, const struct mr_chunk *chunk,
                              const struct parts *parts, struct mr_context *out)
{
    const struct field none = { NULL, 0 };
    struct sum_task *work = mr_task(out);
    size_t size = s->keys + 1; /* memory of no bytes may be NULL */
    for (size_t i = 0; i < s->keys; i++)
        size += parts->at[i].size;
    unsigned char *at = bytes_hold(&work->key, size, out), *to = at;
    if (at == NULL)
        return none;
    for (size_t i = 0; i < s->keys; i++) {
        const struct field *part = &parts->at[i];
        if (part->size > 0 && memchr(part->bytes, '\n', part->size) != NULL) {
            (void)mr_fail_for_good(out, "'%s' has a field in which a line ends, and of these there "
                                        "is no key together with others (-k): '%.*s'", chunk->file,
                                   (int)(part->size < 40 ? part->size : 40), part->bytes);
            return none;
        }
        if (i > 0)
            *to++ = '\n';
        if (part->size > 0)
            memcpy(to, part->bytes, part->size);
        to += part->size;
    }
    return (struct field){ at, (size_t)(to - at) };
}

/* Whether a line without a number is passed over, which is counted. */
static bool passes_over(const struct sum *s, enum decimal_kind kind, struct mr_context *out)
{
    if (!s->skip || kind != DECIMAL_NONE)
        return false;
    mr_count(out, "lines without a number", 1);
    return true;
}

/* What can be done about a line without a number. A file's first may have names. */
static const char *way_out(const struct mr_chunk *chunk, const unsigned char *line)
{
    return chunk->begins_file && line == chunk->data
               ? "--header leaves out each file's first line, --skip-invalid all such lines"
               : "--skip-invalid passes over such lines";
}

/* Refuses a line, or passes it over. */
static int refuse(const struct sum *s, const struct mr_chunk *chunk, const unsigned char *line,
                  const struct field *number, enum decimal_kind kind, struct mr_context *out)
{
    enum { SHOWN = 40 };
    const struct sum_fields *fields = fields_of(s, chunk);
    const unsigned long long field = fields->wanted[s->keys];
    unsigned long long offset = chunk->offset + (size_t)(line - chunk->data);
    if (passes_over(s, kind, out))
        return 0;
    if (number == NULL)
        return mr_fail_for_good(out, "'%s' has a line, at byte %llu, of fewer than %llu fields; %s",
                                chunk->file, offset, (unsigned long long)fields->last,
                                way_out(chunk, line));
    if (kind == DECIMAL_NONE)
        return mr_fail_for_good(out, "'%s' has no number in field %llu of the line at byte %llu, "
                                     "but '%.*s'; %s", chunk->file, field, offset,
                                (int)(number->size < SHOWN ? number->size : SHOWN), number->bytes,
                                way_out(chunk, line));
    return mr_fail_for_good(out, "'%s' has a number, in field %llu of the line at byte %llu, of "
                                 "more than %d digits before or behind the point", chunk->file,
                            field, offset, DECIMAL_DIGITS);
}

int sum_emit_line(const void *state, struct mr_context *out, const unsigned char *line, size_t size)
{
    enum { SHOWN = 60 };
    const struct sum *s = state;
    unsigned char value[AGGREGATE_ONE];
    struct aggregate a = { .count = 1 };
    const unsigned char *tab = memrchr(line, '\t', size);
    size_t key = tab ? (size_t)(tab - line) : size;
    enum decimal_kind kind = tab ? decimal_read(tab + 1, size - key - 1, &a.sum) : DECIMAL_NONE;
    if (passes_over(s, kind, out))
        return 0;
    const int shown = (int)(size < SHOWN ? size : SHOWN);
    if (kind == DECIMAL_NONE)
        return mr_fail_for_good(out, "the mapper has written a line with no number behind its last "
                                     "tab: '%.*s'; --skip-invalid passes over such lines", shown,
                                line);
    if (kind == DECIMAL_TOO_LONG)
        return mr_fail_for_good(out, "the mapper has written a line with a number of more than %d "
                                     "digits before or behind the point: '%.*s'", DECIMAL_DIGITS,
                                shown, line);
    return mr_emit_value(out, line, key, value, (size_t)(aggregate_put(value, &a) - value));
}

/* ---- adding ------------------------------------------------------------------------------ */

static int emit(const struct field *key, const void *aggregate, struct mr_context *out)
{
    unsigned char value[AGGREGATE_BYTES];
    const unsigned char *end = aggregate_put(value, aggregate);
    return mr_emit_value(out, key->bytes, key->size, value, (size_t)(end - value));
}

_Static_assert(offsetof(struct sum_slot, all) == sizeof(struct evicting_slot), "right behind");
static const struct evicting_kind sums = { SUM_SLOTS, sizeof(struct sum_slot), emit };

static int add_number(const struct field *key, const struct decimal *number, struct mr_context *out)
{
    struct sum_task *work = mr_task(out);
    void *all;
    if (evicting_table_find(&work->often, &sums, work->slots, key, &all, out) < 0)
        return -1;
    if (all == NULL) {
        struct aggregate one = { .count = 1, .sum = *number };
        return emit(key, &one, out);
    }
    aggregate_add(all, number);
    return 0;
}

/* Adds a line's number to its key's; parts is NULL where it has too few fields. */
static int add_parts(const struct sum *s, const struct mr_chunk *chunk, const unsigned char *line,
                     const struct parts *parts, struct mr_context *out)
{
    struct decimal n;
    if (parts == NULL)
        return refuse(s, chunk, line, NULL, DECIMAL_NONE, out);
    const struct field *number = &parts->at[s->keys];
    enum decimal_kind kind = decimal_read(number->bytes, number->size, &n);
    if (kind != DECIMAL_NUMBER)
        return refuse(s, chunk, line, number, kind, out);
    struct field key = s->keys == 1 ? parts->at[0] : join_keys(s, chunk, parts, out);
    return key.bytes ? add_number(&key, &n, out) : -1;
}

int sum_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct sum *s = state;
    struct sum_task *work = mr_task(out);
    struct field_rows rows;
    if (field_rows_begin(&rows, &s->lines, chunk, &work->values, out) < 0)
        return -1;
    while (field_rows_next(&rows)) {
        struct parts parts = { 0 };
        bool found = find_parts(s, fields_of(s, chunk), &rows, &parts);
        if (add_parts(s, chunk, rows.line, found ? &parts : NULL, out) < 0)
            return -1;
    }
    return 0;
}

int sum_end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return evicting_table_end(&sums, ((struct sum_task *)task)->slots, out);
}
