/*
 * index: where each word stands, as file and offset of its first byte, in the order of the input.
 *
 *     a.txt "to be or"  b.txt "to do"   ->   be     a.txt:3
 *                                            do     b.txt:3
 *                                            or     a.txt:6
 *                                            to     a.txt:0 b.txt:0
 *
 * Which words, and how they are written, the options of the word count say (text/word_rules.h). A
 * value is two numbers, which input and where in it; their text is made once for each line, by
 * the reducer, which knows the inputs' names. In a list, a NUL ends a name, which has none.
 */
#include "jobs.h"
#include "text/numbers.h"
#include "text/word_rules.h"

#include <string.h>

enum { DIGITS = 20 }; /* of an offset, at most */

/* What a map task has. */
struct index_task {
    struct word_finder words;
    const struct mr_chunk *chunk;
    unsigned char value[2 * NUMBER_BYTES], *behind; /* the chunk's source, and what follows it */
};

static int emit_word(void *arg, const struct field *word, size_t at, struct mr_context *out)
{
    struct index_task *t = arg;
    size_t size = (size_t)(number_put(t->behind, t->chunk->offset + at) - t->value);
    return mr_emit_value(out, word->bytes, word->size, t->value, size);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct index_task *t = mr_task(out);
    const struct field text = { chunk->data, chunk->size };
    t->chunk = chunk;
    t->behind = number_put(t->value, chunk->source);
    t->words.rules = state;
    t->words.take = emit_word;
    t->words.arg = t;
    return word_finder_each(&t->words, chunk, &text, out);
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
    const char behind_name = mr_has_lists(out) ? '\0' : ':';
    const unsigned char *value;
    size_t size;
    int more, places = 0;
    (void)state;
    (void)key;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        uint64_t source, offset;
        char text[1 + DIGITS] = { behind_name };
        if (mr_values_whole(values, &value, &size) < 0)
            return -1;
        number_get(number_get(value, &source), &offset);
        const char *name = mr_input_name(out, source), *end = put_offset(text + 1, offset);
        if ((places++ > 0 && mr_result_add(out, " ", 1) < 0) ||
            mr_result_add(out, name, strlen(name)) < 0 ||
            mr_result_add(out, text, (size_t)(end - text)) < 0)
            return -1;
    }
    return more < 0 ? -1 : mr_result_end(out);
}

static const struct mr_column columns[] = {
    { "places", MR_COLUMN_LIST, ' ' },
    { "file", MR_COLUMN_TEXT, '\0' },
    { "offset", MR_COLUMN_NUMBER, 0 },
    { 0 },
};

static const struct mr_option options[] = { JOB_WORD_OPTIONS, { 0 } };

const struct mr_job job_index = {
    .name = "index",
    .summary = "where each word stands: word, and file:offset of each place",
    .values = MR_BYTES,
    .internal_values = true,
    .order = MR_BY_KEY,
    .key_name = "word",
    .value_name = "places",
    .value_columns = columns,
    .options = options,
    .state_size = sizeof(struct word_rules),
    .ready = word_rules_ready,
    .release = word_rules_release,
    .identify = word_rules_identify,
    .records = word_rules_records,
    .whole_records = true,
    .task_size = sizeof(struct index_task),
    .map = map,
    .reduce_values = reduce,
};
