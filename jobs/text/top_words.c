/* The most frequent words. */
#include "top_words.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int order = memcmp(x->word, y->word, x->size < y->size ? x->size : y->size);
    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

/* Bytes that a word takes, with its share of an array that doubles. */
static size_t bytes_of(const struct term *t)
{
    return t->size + TERM_TAIL + 3 * sizeof *t;
}

void top_words_cut(struct top_words *b)
{
    if (b->count > 0)
        qsort(b->at, b->count, sizeof *b->at, compare);
    while (b->count > b->wanted) {
        struct term *last = &b->at[--b->count];
        b->bytes -= bytes_of(last);
        free(last->word);
    }
    b->cut = b->count == b->wanted;
}

/* Makes room for a word. Cutting must free an eighth of the memory, or each further word would cut
 * again. */
static int make_room(struct top_words *b, const struct term *t)
{
    const size_t max = mr_reduce_memory(b->out);
    if (b->count == 2 * b->wanted)
        top_words_cut(b);
    if (b->bytes + bytes_of(t) > max) {
        top_words_cut(b);
        if (b->bytes + bytes_of(t) > max / 8 * 7)
            return mr_fail_for_good(b->out, "%zu words of a group need more memory than a reducer "
                                            "has: ask for fewer (-n), give more (-S), or have "
                                            "fewer reducers (-r)", b->wanted);
    }
    if (b->count < b->capacity)
        return 0;
    size_t capacity = 2 * b->capacity + 16;
    struct term *at = realloc(b->at, capacity * sizeof *at);
    if (at == NULL)
        return mr_fail(b->out, "there is no memory for %zu words", capacity);
    b->at = at;
    b->capacity = capacity;
    return 0;
}

int top_words_add(struct top_words *b, const struct term *t)
{
    struct term copy = { .count = t->count };
    if (b->cut && compare(t, &b->at[b->wanted - 1]) > 0)
        return 0;
    if (make_room(b, t) < 0 || term_set(&copy, t->word, t->size, b->out) < 0)
        return -1;
    b->bytes += bytes_of(&copy);
    b->at[b->count++] = copy;
    return 0;
}

void top_words_release(struct top_words *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->at[i].word);
    free(b->at);
}
