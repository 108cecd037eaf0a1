/* Counts of words in a map task. */
#include "word_counts.h"

#include "term.h"

#include <string.h>

static int emit(struct word_counts *w, const struct field *group, const struct field *word,
                uint64_t count, struct mr_context *out)
{
    unsigned char *value = bytes_hold(&w->value, word->size + TERM_TAIL, out);
    if (value == NULL)
        return -1;
    const unsigned char *end = term_put(value, word->bytes, word->size, count);
    return mr_emit_value(out, group->bytes, group->size, value, (size_t)(end - value));
}

static int emit_counted(struct word_counts *w, const struct word_slot *c, struct mr_context *out)
{
    struct field group = { c->bytes, c->group_size };
    struct field word = { c->bytes + c->group_size, c->word_size };
    return c->count == 0 ? 0 : emit(w, &group, &word, c->count, out);
}

static struct word_slot *slot_of(struct word_counts *w, const struct word_slot *c)
{
    uint64_t hash = c->group_size, part;
    for (size_t at = 0; at < (size_t)c->group_size + c->word_size; at += sizeof part) {
        size_t left = sizeof c->bytes - at;
        part = 0;
        memcpy(&part, c->bytes + at, left < sizeof part ? left : sizeof part);
        hash = (hash ^ part) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return &w->at[hash % COUNTED];
}

int word_counts_add(struct word_counts *w, const struct field *group, const struct field *word,
                    struct mr_context *out)
{
    struct word_slot c = { .count = 0 };
    if (group->size > sizeof c.bytes || word->size > sizeof c.bytes - group->size)
        return emit(w, group, word, 1, out);
    c.group_size = (uint16_t)group->size;
    c.word_size = (uint16_t)word->size;
    if (group->size > 0)
        memcpy(c.bytes, group->bytes, group->size);
    memcpy(c.bytes + group->size, word->bytes, word->size);
    struct word_slot *at = slot_of(w, &c);
    if (at->group_size != c.group_size || at->word_size != c.word_size ||
        memcmp(at->bytes, c.bytes, sizeof c.bytes) != 0) {
        if (emit_counted(w, at, out) < 0)
            return -1;
        *at = c;
    }
    at->count++;
    return 0;
}

int word_counts_end(struct word_counts *w, struct mr_context *out)
{
    int result = 0;
    for (size_t i = 0; i < COUNTED && result == 0; i++)
        result = emit_counted(w, &w->at[i], out);
    return result;
}
