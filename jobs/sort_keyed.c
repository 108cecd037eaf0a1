/*
 * Lines sorted by keys: what is sorted by is made of a line's keys (text/sort_key.h), and its value
 * is the line.
 *
 *     sort -k2,2n    "b 10", "a 9"    ->    (9) a 9 | (10) b 10    ->    a 9, b 10
 *
 * Lines of equal keys are in the order of their bytes; where keys alone decide (-s, -u), they stay
 * in that of the input. With --header, keys begin with a byte by which the header comes before all
 * lines, in whichever order these are.
 */
#include "sort_keyed.h"
#include "text/bytes.h"

/* What a key begins with, where there is a header. */
enum { HEADER_FIRST, LINE, HEADER_LAST };

static int emit_line(const struct sort *s, const struct sort_keys *by, struct mr_context *out,
                     const unsigned char *line, size_t size)
{
    unsigned char *at = bytes_hold(mr_task(out), 1 + sort_keys_room(by, size), out);
    unsigned char *behind = at;
    if (at == NULL)
        return -1;
    if (s->header)
        *behind++ = LINE;
    behind = sort_keys_put(by, s->reverse, behind, line, size);
    return mr_emit_value(out, at, (size_t)(behind - at), line, size);
}

/* Emits the header of a chunk's file, if it is the one that stays. */
static int emit_header(const struct mr_chunk *chunk, struct mr_context *out,
                       const unsigned char *line, size_t size)
{
    const unsigned char key = mr_is_reversed(out) ? HEADER_LAST : HEADER_FIRST;
    const struct sort_note *note = chunk->note;
    return note->stays ? mr_emit_value(out, &key, 1, line, size) : 0;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct sort *s = state;
    struct sort_keys room;
    const struct sort_keys *by = sort_keys_of(s, chunk, &room);
    const unsigned char *line;
    size_t at = 0, size;
    if (s->header && chunk->begins_file && mr_line_next(chunk, &at, &line, &size) &&
        emit_header(chunk, out, line, size) < 0)
        return -1;
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(s, by, out, line, size) < 0)
            return -1;
    return 0;
}

/* Of lines of equal keys, the first. */
static int reduce(const void *state, struct mr_key *key, struct mr_value_list *lines,
                  struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    (void)state;
    (void)key;
    if (mr_values_next(lines) < 0 || mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_read(lines, &bytes, &size)) > 0)
        if (mr_result_add(out, bytes, size) < 0)
            return -1;
    return more < 0 ? -1 : mr_result_end(out);
}

void sort_keyed_fit(const struct sort *s, struct mr_job *job)
{
    job->values = MR_BYTES;
    job->internal_values = true;
    job->key_name = ""; /* it is what is compared, and the value is the line */
    job->value_name = "line";
    job->whole_records = true;
    job->task_size = sizeof(struct bytes);
    job->map = map;
    job->reduce_values = s->unique ? reduce : NULL; /* else nothing is to be done but to sort */
    if (!s->unique && !s->stable)
        job->value_order = MR_BY_VALUE_BYTES;
    if (s->header) {
        job->begin_file = sort_begin_file;
        job->note_size = sizeof(struct sort_note);
    }
}
