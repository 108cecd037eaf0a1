/*
 * index: where each word stands, as file and offset of its first byte, in the order of the input.
 *
 *     a.txt "to be or"  b.txt "to do"   ->   be     a.txt:3
 *                                            do     b.txt:3
 *                                            or     a.txt:6
 *                                            to     a.txt:0 b.txt:0
 *
 * A value is two numbers, which input and where in it, seven bits a byte; their text is made once
 * for each line, by the reducer, which knows the inputs' names.
 */
#include "jobs.h"

#include <string.h>

enum { NUMBER = 10, DIGITS = 20 }; /* bytes of a number in a value, and in text, at most */

static const struct mr_records white_space = {
    { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1 } }
};

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state;
    (void)path;
    return &white_space;
}

static size_t put_number(unsigned char *to, uint64_t number)
{
    size_t size = 0;
    for (; number >= 0x80; number >>= 7)
        to[size++] = (unsigned char)(number | 0x80);
    to[size++] = (unsigned char)number;
    return size;
}

static const unsigned char *get_number(const unsigned char *from, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0;; shift += 7) {
        *number |= (uint64_t)(*from & 0x7F) << shift;
        if (*from++ < 0x80)
            return from;
    }
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    unsigned char value[2 * NUMBER];
    size_t source = put_number(value, chunk->source);
    (void)state;
    for (size_t at = 0; at < chunk->size; at++) {
        size_t start = at;
        while (at < chunk->size && !white_space.ends.has[chunk->data[at]])
            at++;
        if (at == start)
            continue;
        size_t size = source + put_number(value + source, chunk->offset + start);
        if (mr_emit_value(out, chunk->data + start, at - start, value, size) < 0)
            return -1;
    }
    return 0;
}

/* Writes an offset in digits. Returns the byte after them. */
static char *put_offset(char *to, uint64_t offset)
{
    char digits[DIGITS], *from = digits + sizeof digits;
    do
        *--from = (char)('0' + offset % 10);
    while ((offset /= 10) > 0);
    size_t size = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, size);
    return to + size;
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const unsigned char *value;
    size_t size;
    int more, places = 0;
    (void)state;
    (void)key;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        uint64_t source, offset;
        char text[1 + DIGITS] = ":";
        if (mr_values_whole(values, &value, &size) < 0)
            return -1;
        get_number(get_number(value, &source), &offset);
        const char *name = mr_input_name(out, source), *end = put_offset(text + 1, offset);
        if ((places++ > 0 && mr_result_add(out, " ", 1) < 0) ||
            mr_result_add(out, name, strlen(name)) < 0 ||
            mr_result_add(out, text, (size_t)(end - text)) < 0)
            return -1;
    }
    return more < 0 ? -1 : mr_result_end(out);
}

const struct mr_job job_index = {
    .name = "index",
    .summary = "where each word stands: word, and file:offset of each place",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .key_name = "word",
    .value_name = "places",
    .records = records,
    .whole_records = true,
    .map = map,
    .reduce_values = reduce,
};
