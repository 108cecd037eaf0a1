/* Words with their counts. */
#include "term.h"

#include <stdlib.h>
#include <string.h>

unsigned char *term_put(unsigned char *to, const void *word, size_t size, uint64_t count)
{
    if (size > 0)
        memmove(to, word, size);
    to[size] = '\n';
    return number_put(to + size + 1, count);
}

int term_set(struct term *t, const unsigned char *word, size_t size, struct mr_context *out)
{
    size_t capacity = size + TERM_TAIL;
    if (t->word == NULL || t->capacity < capacity) {
        unsigned char *at = realloc(t->word, capacity);
        if (at == NULL)
            return mr_fail(out, "there is no memory for a word of %zu bytes", size);
        t->word = at;
        t->capacity = capacity;
    }
    memcpy(t->word, word, size);
    t->size = size;
    return 0;
}

/* Adds a value to the term at hand, if it is of the same word; else that is taken, and the value is
 * the next. Returns 0 or what take has returned, or -1. */
static int add(struct term *t, const unsigned char *value, size_t size,
               int (*take)(void *to, struct term *t), void *to, struct mr_context *context)
{
    uint64_t count;
    const unsigned char *end = memchr(value, '\n', size);
    number_get(end + 1, &count);
    size = (size_t)(end - value);
    if (t->word != NULL && size == t->size && memcmp(value, t->word, size) == 0) {
        t->count += count;
        return 0;
    }
    int result = t->word != NULL ? take(to, t) : 0;
    if (result == 0)
        result = term_set(t, value, size, context);
    t->count = count;
    return result;
}

int term_each(struct mr_value_list *values, int (*take)(void *to, struct term *t), void *to,
              struct mr_context *context)
{
    struct term t = { .count = 0 };
    const unsigned char *value;
    size_t size;
    int more, result = 0;
    while (result == 0 && (more = mr_values_next(values)) > 0) {
        result = mr_values_whole(values, &value, &size);
        if (result == 0)
            result = add(&t, value, size, take, to, context);
    }
    if (result == 0)
        result = more == 0 && t.word != NULL ? take(to, &t) : more;
    free(t.word);
    return result;
}

static int emit(void *out, struct term *t)
{
    const unsigned char *end = term_put(t->word, t->word, t->size, t->count);
    return mr_emit_result(out, NULL, 0, t->word, (size_t)(end - t->word));
}

int term_combine(const void *state, struct mr_key *key, struct mr_value_list *values,
                 struct mr_context *out)
{
    (void)state;
    (void)key;
    return term_each(values, emit, out, out);
}
