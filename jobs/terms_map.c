/* Words, counted by the file that they stand in, or by a field of their line. */
#include "terms_map.h"
#include "text/numbers.h"
#include "text/term.h"

#include <string.h>

const struct mr_records *terms_records(const void *state, const char *path)
{
    const struct terms *s = state;
    return s->key ? field_lines_records(&s->lines, path) : word_rules_records(&s->rules, path);
}

const struct mr_quotes *terms_quotes(const void *state, const char *path)
{
    return field_lines_quotes(&((const struct terms *)state)->lines, path);
}

/* ---- counting --------------------------------------------------------------------------- */

static int emit(const struct field *group, const struct field *word, uint64_t count,
                struct mr_context *out)
{
    struct terms_task *t = mr_task(out);
    unsigned char *value = bytes_hold(&t->value, word->size + TERM_TAIL, out);
    if (value == NULL)
        return -1;
    const unsigned char *end = term_put(value, word->bytes, word->size, count);
    return mr_emit_value(out, group->bytes, group->size, value, (size_t)(end - value));
}

static int emit_slot(const struct field *key, const void *count, struct mr_context *out)
{
    const unsigned char *end = memrchr(key->bytes, '\n', key->size);
    const struct field group = { key->bytes, (size_t)(end - key->bytes) };
    const struct field word = { end + 1, key->size - group.size - 1 };
    return emit(&group, &word, *(const uint64_t *)count, out);
}

_Static_assert(offsetof(struct terms_slot, count) == sizeof(struct evicting_slot), "right behind");
static const struct evicting_kind counts = { TERMS_SLOTS, sizeof(struct terms_slot), emit_slot };

static int count_word(void *task, const struct field *word, size_t at, struct mr_context *out)
{
    struct terms_task *t = task;
    struct field key = { t->key, t->group->size + 1 + word->size };
    void *count = NULL;
    (void)at;
    if (key.size <= sizeof t->key) {
        memcpy(t->key + key.size - word->size, word->bytes, word->size);
        if (evicting_table_find(&t->counts, &counts, t->slots, &key, &count, out) < 0)
            return -1;
    }
    if (count == NULL)
        return emit(t->group, word, 1, out);
    ++*(uint64_t *)count;
    return 0;
}

static void begin_group(struct terms_task *t, const struct field *group)
{
    t->group = group;
    if (group->size >= sizeof t->key)
        return;
    if (group->size > 0)
        memcpy(t->key, group->bytes, group->size);
    t->key[group->size] = '\n';
}

/* ---- what is counted -------------------------------------------------------------------- */

static int count_words(const struct terms *s, const struct mr_chunk *chunk,
                       const struct field *group, const struct field *text,
                       struct mr_context *out)
{
    struct terms_task *t = mr_task(out);
    begin_group(t, group);
    t->words.rules = &s->rules;
    t->words.take = count_word;
    t->words.arg = t;
    return word_finder_each(&t->words, chunk, text, out);
}

static int map_file(const struct terms *s, const struct mr_chunk *chunk, struct mr_context *out)
{
    unsigned char rank[RANK_BYTES];
    struct field key = { rank, sizeof rank }, text = { chunk->data, chunk->size };
    rank_put(rank, chunk->source);
    return count_words(s, chunk, &key, &text, out);
}

/* Counts the words of a line's fields but the key. */
static int map_line(const struct terms *s, const struct mr_chunk *chunk, uint64_t wanted,
                    struct field_rows *rows, struct mr_context *out)
{
    struct field key = { NULL, 0 }, f;
    uint64_t n = 0;
    while (n < wanted && field_rows_field(rows, &key))
        n++;
    if (n < wanted) {
        mr_count(out, "lines of too few fields", 1);
        return 0;
    }
    field_rows_again(rows);
    for (n = 0; field_rows_field(rows, &f);)
        if (++n != wanted && count_words(s, chunk, &key, &f, out) < 0)
            return -1;
    return 0;
}

static int map_lines(const struct terms *s, const struct mr_chunk *chunk, struct mr_context *out)
{
    const uint64_t wanted = s->field > 0 ? s->field : *(const uint64_t *)chunk->note;
    struct terms_task *t = mr_task(out);
    struct field_rows rows;
    if (field_rows_begin(&rows, &s->lines, chunk, &t->values, out) < 0)
        return -1;
    while (field_rows_next(&rows))
        if (map_line(s, chunk, wanted, &rows, out) < 0)
            return -1;
    return 0;
}

int terms_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct terms *s = state;
    return s->key ? map_lines(s, chunk, out) : map_file(s, chunk, out);
}

int terms_end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return evicting_table_end(&counts, ((struct terms_task *)task)->slots, out);
}
